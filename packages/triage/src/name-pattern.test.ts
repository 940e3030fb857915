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
  ["a.+b", "axyzb", true],
  ["a.+b", "ab", false],
  ["a.*b", "ab", true],
  ["@acme/.*", "@acme/a/b", true],
  ["@acme/.*", "@acmex", false],
  ["@acme\\/core|x", "@acme/core", true],
  ["a.b", "a/b", true],
  ["^kernel-.*$", "kernel-core", true],
  ["^kernel-.*$", "my-kernel-core", false],
  ["a\\^b", "a^b", true],
  ["a\\$b$", "a$b", true],
  ["lib\\.so", "lib.so", true],
  ["lib\\.so", "libxso", false],
  ["a\\|b|c", "a|b", true],
  ["a||c", "c", true],
  // A name that is no pattern is itself, whatever is in it.
  ["lib~stdc++", "lib~stdc++", true],
  ["lib~stdc++", "lib~stdc+", false],
  ["a~.*", "a~b", undefined],
  ["\\d", "1", undefined],
  // Elsewhere these stand for anything.
  ["a\\*", "abc", undefined],
  ["a\\?", "ab", undefined],
])("%j on %j: %s", (pattern, name, expected) => {
  const matches = compileNamePattern(pattern);

  expect(typeof matches === "string" ? undefined : matches(name)).toBe(expected);
});

test("a pattern that is not supported is refused at once, however it is written", () => {
  const begin = processorTime();

  expect(compileNamePattern(`.${"+.".repeat(400)}[a]`)).toContain("is not supported");
  expect(processorTime() - begin).toBeLessThan(2_000);
});
