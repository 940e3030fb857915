import { compile } from "@plimsoll/re2";
import { growthProblem, madeLines } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { searchSecrets } from "./find-secrets.ts";
import { everySecretRule } from "./rules/index.ts";

/** A key that looks drawn by lot, another for each number. */
const key = (at: number): string =>
  `AKIA${(0x9e3779b1 * (at + 1)).toString(36).toUpperCase().padEnd(16, "QX7").slice(0, 16)}`;

/** What a file is full of. */
const texts: Readonly<Record<string, (count: number) => string>> = {
  "secrets, one a line": (count) => madeLines(count, (at) => `aws_access_key_id = ${key(at)}`),
  "secrets in one line": (count) => madeLines(count, key).replaceAll("\n", " "),
  "words that rules wait for, and no secrets": (count) =>
    madeLines(count, (at) => `password = \${VAR_${at}} # token secret key`),
  "one word without an end": (count) => "AKIA".repeat(10 * count),
  "keys that never end": (count) => madeLines(count, () => "-----BEGIN RSA PRIVATE KEY-----"),
  "keys with rows of dashes that never end": (count) =>
    madeLines(count, (at) => (at % 9 === 0 ? "-----BEGIN RSA PRIVATE KEY-----" : "---- ----")),
};

test.each(Object.entries(texts))("%s: twice as many are about twice the work", async (_, make) => {
  const inputs = new Map([1, 2, 4].map((times) => [times, new TextEncoder().encode(make(100 * times))]));

  expect(
    await growthProblem((times) => searchSecrets(inputs.get(times) ?? new Uint8Array(), { path: "srv/app.env" })),
  ).toBeUndefined();
});

test("rules run on JavaScript's engine, but for a few of seldom keywords: the automaton takes several times as long", () => {
  const slow = everySecretRule.filter(({ pattern }) => pattern !== undefined && compile(pattern).engine !== "native");

  expect(slow.map(({ id }) => id)).toEqual([
    "kubernetes-secret-yaml",
    "private-key",
    "putty-private-key",
    "curl-auth-header",
    "curl-auth-user",
  ]);
});
