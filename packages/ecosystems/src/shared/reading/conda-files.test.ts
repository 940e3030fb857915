import { finish } from "@plimsoll/formats";
import { expect, test } from "vitest";
import { linesOfItems } from "./conda-files.ts";

test("a remark ends an item, whatever stands in it, in linear time", () => {
  // The pattern that was here looked from each of the signs to the end of the line: minutes.
  const text = `packages:\n- "a"${" #".repeat(200_000)}\u2028b\n- b#c # d`;

  expect([...finish(linesOfItems(text))]).toEqual([
    ["packages:", 1],
    ["a", 2],
    ["b#c", 3],
  ]);
});
