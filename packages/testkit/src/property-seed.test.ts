import fc from "fast-check";
import { expect, test } from "vitest";

test("property tests make the same inputs in each run", () => {
  expect(fc.sample(fc.nat(), 5)).toEqual(fc.sample(fc.nat(), 5));
  expect(fc.readConfigureGlobal().seed).toBe(Number(process.env["PLIMSOLL_TEST_SEED"] ?? 1));
});
