import { expect, test } from "vitest";
import { changedSince, isNewer, newestOf } from "./modified-ids.ts";

const csv = "2024-03-01T00:00:00.5Z,C\n2024-03-01T00:00:00Z,B\r\n2024-01-01T00:00:00Z,A\n";

test.each([
  ["2024-03-01T00:00:00.5Z", []],
  ["2024-03-01T00:00:00Z", ["C"]],
  ["2024-01-01T00:00:00Z", ["C", "B"]],
  ["", ["C", "B", "A"]],
])("after %j came %j", (since, ids) => {
  expect(changedSince(csv, since)?.map((each) => each.id)).toEqual(ids);
});

test.each(["no list", "2024-01-01T00:00:00Z,A\n2024-02-01T00:00:00Z,B\n"])("%j is not trusted", (text) => {
  expect(changedSince(text, "")).toBeUndefined();
});

test("the first line is the newest", () => {
  expect(newestOf(csv)).toBe("2024-03-01T00:00:00.5Z");
  expect(newestOf("")).toBeUndefined();
});

test("fractions of a second count", () => {
  expect(isNewer("2024-03-01T00:00:00.10Z", "2024-03-01T00:00:00Z")).toBe(true);
  expect(isNewer("2024-03-01T00:00:00.1Z", "2024-03-01T00:00:00.10Z")).toBe(false);
});
