import { expect, test } from "vitest";
import { instructionsOf } from "./history.ts";

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
