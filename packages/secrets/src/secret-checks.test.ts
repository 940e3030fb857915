import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { findSecrets, type SecretCheckName, type SecretRule } from "./index.ts";
import { passesCheck } from "./secret-checks.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A token of GitHub's form with the right checksum, made up. */
function withChecksum(prefix: string): string {
  const body = "Zq8Lw2Xr9KmVp4Tn7BdYc5Hs3Jf6Ga";
  let rest = crc32(body);
  let sum = "";
  for (let i = 0; i < 6; i++) {
    sum = (digits[rest % 62] ?? "") + sum;
    rest = Math.floor(rest / 62);
  }
  return prefix + body + sum;
}

describe("a check", () => {
  test.each<[SecretCheckName, string, boolean | undefined]>([
    ["base62-crc32", withChecksum("ghp_"), true],
    ["base62-crc32", withChecksum("npm_"), true],
    ["base62-crc32", `${withChecksum("ghp_").slice(0, -1)}_`, undefined],
    ["base62-crc32", `${withChecksum("ghp_").slice(0, -1)}z`, false],
    ["base36-crc32", `pre.01${crc32("pre.01").toString(36).padStart(7, "0")}`, true],
    ["base36-crc32", "pre.010000000", false],
    ["base36-crc32", "short", undefined],
    ["luhn", "4111 1111 1111 1111", true],
    ["luhn", "79927398713", true],
    ["luhn", "79927398714", false],
    ["luhn", "no number", undefined],
    ["base64-length", "YWJjZA==", true],
    ["base64-length", "YWJjZA=", false],
    ["base64-length", "not base64!", undefined],
    ["json-web-token", `${btoa('{"alg":"none"}')}.${btoa("{}")}.x`, true],
    ["json-web-token", `${btoa("[]")}.${btoa("{}")}.x`, false],
    ["json-web-token", "one.two", undefined],
  ])("%s of %s says %s", (check, secret, expected) => {
    expect(passesCheck(check, secret)).toBe(expected);
  });

  test("makes a finding surer or less sure, and hides none", () => {
    const rule: SecretRule = {
      id: "card",
      title: "Card",
      category: "Ours",
      severity: "LOW",
      keywords: ["card"],
      pattern: "([0-9]{16})",
      check: "luhn",
    };
    const found = (text: string) =>
      findSecrets(new TextEncoder().encode(text), { path: "a", rules: [rule] }).map(({ confidence }) => confidence);

    expect(found("card 4111111111111111 card 4111111111111112")).toEqual(["high", "low"]);
  });
});
