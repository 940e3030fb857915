import { processorTime } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { compileNamePattern } from "./name-pattern.ts";

test.each([
  ["lodash", "lodash", true],
  ["libstdc++", "libstdc++", true],
  ["linux-.*", "linux-headers", true],
  ["linux-.+", "linux-", false],
  ["^kernel(-.*)?$", "kernel", undefined],
  ["a|b.d", "bcd", true],
  ["a.+b", "a+b", true],
  ["@acme/.*", "@acme/a/b", true],
])("%j on %j: %s", (pattern, name, expected) => {
  const matches = compileNamePattern(pattern);

  expect(typeof matches === "string" ? undefined : matches(name)).toBe(expected);
});

test("a pattern that is not supported is refused at once, however it is written", () => {
  const begin = processorTime();

  expect(compileNamePattern(`.${"+.".repeat(400)}[a]`)).toContain("is not supported");
  expect(processorTime() - begin).toBeLessThan(2_000);
});
