import type { Severity, Vulnerability } from "@plimsoll/model";
import { sampleReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { stepsText, upgradeAdvice } from "./upgrade-advice.ts";

const [model] = sampleReport.vulnerabilities ?? [];

function finding(name: string, severity: Severity, fixedVersion?: string): Vulnerability {
  if (model === undefined) throw new Error("the sample has no vulnerability");
  const { fixedVersion: _other, ...rest } = model;
  return {
    ...rest,
    severity,
    package: { ...model.package, name, version: "1.0" },
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
  };
}

/** `1.10` is above `1.9`; what is no number cannot be ordered. */
const compare = (_scheme: string, a: string, b: string): number | undefined => {
  const parts = (text: string): readonly number[] => text.split(".").map(Number);
  if ([...parts(a), ...parts(b)].some(Number.isNaN)) return undefined;
  return (
    parts(a)
      .map((part, at) => part - (parts(b)[at] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  );
};
const textsOf = (...findings: readonly Vulnerability[]): readonly string[] =>
  upgradeAdvice(findings, compare).map((each) => `${each.name}: ${stepsText(each)}`);

describe("advice for a package", () => {
  test("is the smallest version that mends all, counting up", () => {
    expect(textsOf(finding("a", "LOW", "1.9"), finding("a", "LOW", "1.10"), finding("a", "LOW", "1.2"))).toEqual([
      "a: 1.10 fixes all 3",
    ]);
  });

  test("is also the one that mends all of HIGH and above, where it is smaller", () => {
    expect(textsOf(finding("a", "HIGH", "1.2"), finding("a", "LOW", "1.1"), finding("a", "LOW", "1.9"))).toEqual([
      "a: 1.2 fixes 2, all HIGH and above; 1.9 fixes all 3",
    ]);
    expect(textsOf(finding("a", "HIGH", "1.9"), finding("a", "LOW", "1.1"))).toEqual(["a: 1.9 fixes all 2"]);
  });

  test("says how many are left without a fix", () => {
    expect(textsOf(finding("a", "HIGH", "1.2"), finding("a", "LOW"))).toEqual(["a: 1.2 fixes 1 of 2"]);
    expect(textsOf(finding("a", "HIGH"))).toEqual([]);
  });

  test("claims nothing of versions that cannot be ordered", () => {
    expect(textsOf(finding("a", "HIGH", "1.2"), finding("a", "LOW", "x"))).toEqual(["a: 1.2 fixes 1 of 2"]);
  });

  test("is one line, however many versions there are", () => {
    const many = Array.from({ length: 35 }, (_, at) => finding("a", "LOW", `1.${at}`));

    expect(textsOf(...many)).toEqual(["a: 1.34 fixes all 35"]);
  });
});

test("what removes most comes first, by the worst severity", () => {
  expect(
    textsOf(
      finding("a", "LOW", "2.0"),
      finding("a", "LOW", "2.0"),
      finding("b", "CRITICAL", "2.0"),
      finding("c", "HIGH", "2.0"),
      finding("c", "HIGH", "2.0"),
      finding("d", "CRITICAL"),
      finding("d", "LOW", "2.0"),
    ).map((text) => text[0]),
  ).toEqual(["b", "c", "a", "d"]);
});
