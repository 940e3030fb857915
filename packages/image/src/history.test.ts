import { expect, test } from "vitest";
import { inheritedLayers, instructionsOf } from "./history.ts";

const made = (createdBy: string): { createdBy: string; empty: boolean } => ({ createdBy, empty: false });
const empty = (createdBy: string): { createdBy: string; empty: boolean } => ({ createdBy, empty: true });

test("entries that made no layer are passed over", () => {
  expect(instructionsOf([made("ADD"), empty("ENV"), made("RUN"), empty("CMD")], 2)).toEqual(["ADD", "RUN"]);
});

test("a history without instruction leaves the layer without one", () => {
  expect(instructionsOf([{ empty: false }, made("RUN")], 2)).toEqual([undefined, "RUN"]);
});

test("a history that is too short or too long is aligned at its end", () => {
  expect(instructionsOf([made("RUN")], 3)).toEqual([undefined, undefined, "RUN"]);
  expect(instructionsOf([made("a"), made("b"), made("c")], 2)).toEqual(["b", "c"]);
  expect(instructionsOf([], 0)).toEqual([]);
  expect(instructionsOf([made("a")], 0)).toEqual([]);
});

test.each([
  [
    "built with the old builder",
    [made("ADD"), empty('/bin/sh -c #(nop)  CMD ["sh"]'), made("RUN"), empty("CMD app")],
    1,
  ],
  ["built on one that was built on another", [made("a"), empty("CMD a"), made("b"), empty("CMD b"), made("c")], 2],
  ["with metadata above its layers", [made("a"), empty("CMD a"), made("b"), empty("ENV x"), empty("CMD b")], 1],
])("layers of the base image of one %s are those up to its last command", (_, history, expected) => {
  expect(inheritedLayers(history, history.filter((entry) => !entry.empty).length)).toBe(expected);
});

test("no base image is seen without a command below the uppermost layer, nor in a history of other layers", () => {
  expect(inheritedLayers([made("ADD"), empty("CMD sh")], 1)).toBeUndefined();
  expect(inheritedLayers([empty("CMD none"), made("ADD")], 1)).toBeUndefined();
  expect(inheritedLayers([made("a"), empty("CMDER"), made("b")], 2)).toBeUndefined();
  expect(inheritedLayers([made("a"), empty("CMD a"), made("b")], 3)).toBeUndefined();
  expect(inheritedLayers([], 0)).toBeUndefined();
});
