import type { SecretFinding } from "@plimsoll/model";
import { everyKindReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { gitleaksignore } from "./gitleaksignore.ts";

const [secret] = everyKindReport.secrets ?? [];
const at = (path: string, line: number) =>
  ({ ...secret, id: "key", aliases: [], locations: [{ path, line }] }) as SecretFinding;
const elsewhere = { path: "other", line: 1 };

describe("a fingerprint of gitleaks", () => {
  test.each([
    ["srv/.env:key:3", at("srv/.env", 3), true],
    ["srv/.env:key:30", at("srv/.env", 3), false],
    ["srv/.env:key:30", at("srv/.env", 30), true],
    ["srv/.env:KEY:3", at("srv/.env", 3), true],
    ["srv/.env:token:3", at("srv/.env", 3), false],
    ["srv/.env:key:3", { ...at("srv/.env", 3), locations: [elsewhere, { path: "srv/.env", line: 3 }] }, true],
    [
      "srv/.env:key:3",
      { ...everyKindReport.misconfigurations![0]!, id: "key", locations: [{ path: "srv/.env", line: 3 }] },
      false,
    ],
    ["./srv/.env:key:3", at("srv/.env", 3), true],
    ["/srv/.env:key:3", at("srv/.env", 3), true],
    ["././srv/.env:key:3", at("srv/.env", 3), true],
    ["srv\\.env:key:3", at("srv/.env", 3), true],
    ["app.zip!srv/.env:key:3", at("app.zip:srv/.env", 3), true],
    ["c:/srv/.env:key:3", at("c:/srv/.env", 3), true],
    ["0123abc:srv/.env:key:3", at("srv/.env", 3), true],
    ["  srv/.env:key:3\r", at("srv/.env", 3), true],
  ])("%j names a secret: %#", (line, finding, expected) => {
    const { rules, problems } = gitleaksignore.read(line);

    expect(problems).toEqual([]);
    expect(rules.map((rule) => rule.matches(finding, undefined))).toEqual([expected]);
  });

  test("is one a line, among comments", () => {
    expect(gitleaksignore.read("# accepted: 1\n\na:key:1 # no comment\n  # b:key:1\nc:key:3x\n")).toEqual({
      rules: [],
      problems: [
        { place: "line 3", line: 3, problem: "a:key:1 # no comment is no fingerprint" },
        { place: "line 5", line: 5, problem: "c:key:3x is no fingerprint" },
      ],
    });
    expect(gitleaksignore.read("\na:key#:1").rules).toMatchObject([{ place: "line 2", line: 2, scope: "key# in a:1" }]);
  });

  test("that is none is shown in part when it is long", () => {
    expect(gitleaksignore.read("x".repeat(1000)).problems[0]?.problem).toBe(`${"x".repeat(200)} is no fingerprint`);
  });
});
