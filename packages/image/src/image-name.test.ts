import { expect, test } from "vitest";
import { isSameName } from "./image-name.ts";

test.each([
  ["app:1", "app:1", true],
  ["app:latest", "app", true],
  ["docker.io/library/app:1", "app:1", true],
  ["app:1", "docker.io/library/app:1", true],
  ["docker.io/team/app:1", "team/app:1", true],
  ["example.com:5000/app:1", "1", true],
  ["3.11", "3.11", true],
  ["app:1", "app:2", false],
  ["app:1", "app", false],
  ["example.com:5000/app", "5000/app", false],
  ["app:1", "other:1", false],
])("%s answers to %s: %s", (candidate, wanted, same) => {
  expect(isSameName(candidate, wanted)).toBe(same);
});
