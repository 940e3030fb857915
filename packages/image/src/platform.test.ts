import { parsePlatform } from "@plimsoll/model";
import type { Platform } from "@plimsoll/model";
import { expect, test } from "vitest";
import { choosePlatform } from "./platform.ts";

const platform = (text: string): Platform => parsePlatform(text) ?? { os: "none", architecture: "none" };

test.each([
  ["linux/amd64", ["linux/arm64/v8", "linux/amd64"], 1],
  ["linux/arm64", ["linux/amd64", "linux/arm64/v8"], 1],
  ["linux/arm64/v8", ["linux/amd64", "linux/arm64"], 1],
  ["linux/arm", ["linux/arm/v6", "linux/arm/v7"], 1],
  ["linux/arm", ["linux/arm/v6", "linux/arm/v5"], 0],
  ["linux/arm/v6", ["linux/arm/v7"], -1],
  ["linux/x86_64", ["linux/amd64"], 0],
  ["linux/aarch64", ["linux/arm64/v8"], 0],
  ["linux/amd64", ["windows/amd64"], -1],
  ["linux/amd64", [], -1],
])("%s of %j is number %i", (wanted, available, position) => {
  expect(choosePlatform(available.map(platform), platform(wanted))).toBe(position);
});

test("manifests without platform fit none", () => {
  expect(choosePlatform([undefined], platform("linux/amd64"))).toBe(-1);
});
