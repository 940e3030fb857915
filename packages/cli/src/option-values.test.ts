import { describe, expect, test } from "vitest";
import { UsageError } from "./command-line.ts";
import { duration, exitCode, packageTypeList, platform, severityList, statusList } from "./option-values.ts";

describe("option values", () => {
  test.each([
    ["500ms", 500],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
  ])("the duration %s is %d ms", (text, expected) => {
    expect(duration(text)).toBe(expected);
  });

  test.each(["", "5", "5x", "m5", "5m later", "-1s"])("%j is no duration", (text) => {
    expect(() => duration(text)).toThrow(UsageError);
  });

  test("lists are read in any case and name what is wrong", () => {
    expect(severityList("critical, High")).toEqual(["CRITICAL", "HIGH"]);
    expect(statusList("will_not_fix")).toEqual(["will_not_fix"]);
    expect(packageTypeList("os,library")).toEqual(["os", "library"]);
    expect(() => severityList("CRITICAL,URGENT")).toThrow('"URGENT" is none of CRITICAL');
    expect(() => severityList("")).toThrow(UsageError);
  });

  test("platforms and exit codes have one shape", () => {
    expect(platform("linux/arm64/v8")).toEqual({ os: "linux", architecture: "arm64", variant: "v8" });
    expect(() => platform("linux")).toThrow(UsageError);
    expect(exitCode("17")).toBe(17);
    expect(() => exitCode("256")).toThrow(UsageError);
    expect(() => exitCode("1.5")).toThrow(UsageError);
  });
});
