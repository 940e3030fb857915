import { expect, test } from "vitest";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import { triageRuleOf } from "./ignore-rules.ts";
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
