import { expect, test } from "vitest";
import { RegoNumber } from "./number.ts";
import { equalValues, RegoObject, RegoSet, type Value } from "./value.ts";

test("a set takes each value once, whether it has few members or many, and whichever way they are held", () => {
  const spellings: readonly (readonly [Value, Value])[] = [
    [1, new RegoNumber("1.0")],
    [{ a: 1, b: [2] }, RegoObject.of([["b", [2]], ["a", 1]])], // prettier-ignore
    [RegoSet.of([1, 2]), RegoSet.of([2, 1])],
    [[{ a: null }], [RegoObject.of([["a", null]])]],
  ];
  for (const others of [0, 20]) {
    const set = RegoSet.of(Array.from({ length: others }, (_, index) => `other ${index}`));
    for (const [value, same] of spellings) {
      expect(set.add(value)).toBe(true);
      expect(set.add(same)).toBe(false);
      expect(set.member(same)).toBe(value);
    }
    expect(set.size).toBe(others + spellings.length);
  }
});

test("objects and lists are equal by their members alone", () => {
  expect(equalValues({ a: 1, b: undefined as never }, { a: 1 })).toBe(true);
  expect(equalValues({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(equalValues(RegoObject.of([["a", 1]]), { a: 1, b: 2 })).toBe(false);
  expect(equalValues({ constructor: 1 }, {})).toBe(false);
  expect(equalValues([1, 2], [1, 2, 3])).toBe(false);
  expect(equalValues(RegoSet.of([]), {})).toBe(false);
});
