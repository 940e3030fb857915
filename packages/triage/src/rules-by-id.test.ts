import { expect, test } from "vitest";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import { rulesById, triageRuleOf } from "./ignore-rules.ts";
import type { IgnoreRule } from "./ignore-rules.ts";

const left = pkg("pkg:npm/left@1.0.0");

test("rules of other ids are not asked, and the first that matches is named as ever", () => {
  const asked: string[] = [];
  const rule = (scope: string, ids?: readonly string[]): IgnoreRule => ({
    scope,
    place: scope,
    ...(ids === undefined ? {} : { ids }),
    matches: () => asked.push(scope) > 0,
  });
  const rules = [rule("other", ["CVE-3"]), rule("alias", ["GHSA-1"]), rule("any"), rule("id", ["cve-1", "CVE-2"])];
  const triage = triageRuleOf({ rules, problems: [] }, { name: "list" });

  expect(triage.judge({ ...finding("CVE-1", left), aliases: ["ghsa-1"] }, left)).toMatchObject({ scope: "alias" });
  expect(asked).toEqual(["alias", "any", "id"]);
  expect(triage.remarks?.().map(({ message }) => message)).toEqual(["list: other: the rule for other matched nothing"]);
});

test("findings that no rule names share one list, which is not made for each of them", () => {
  const rule = (place: string, ids?: readonly string[]): IgnoreRule => ({ scope: "", place, ids, matches: () => true });
  const rules = [rule("a", ["CVE-1", "CVE-2"]), rule("b"), rule("c", ["CVE-2"]), rule("d"), rule("e", ["cve-1"])];
  const candidates = rulesById(rules);
  const placesOf = (...ids: readonly [string, ...string[]]): string =>
    candidates({ ...finding(ids[0], left), aliases: ids })
      .map(({ rule: { place } }) => place)
      .join("");

  expect(candidates(finding("CVE-3", left))).toBe(candidates(finding("CVE-4", left)));
  expect(["CVE-1", "CVE-2", "CVE-3"].map((id) => placesOf(id))).toEqual(["abde", "abcd", "bd"]);
  // A rule that has two of its ids is there once.
  expect(placesOf("CVE-2", "CVE-1")).toBe("abcde");
});
