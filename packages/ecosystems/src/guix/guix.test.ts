import type { FileAnalyzer, TreeAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { guix } from "./index.ts";

const [register, store] = guix.analyzers as readonly [TreeAnalyzer, FileAnalyzer];
const hash = "0c0ca2nwyaypm8cinvr8hnhwb8ivwhqq";

test("a file stands for the item of the store that it lies in, with its output", async () => {
  const { packages } = await observe(store, `gnu/store/${hash}-glibc-2.35-debug/lib/x`, "");

  expect(packages).toMatchObject([{ name: "glibc", version: "2.35", facts: { output: "debug" } }]);
  expect(guix.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
    `pkg:guix/glibc@2.35?output=debug&outputhash=${hash}`,
  );
});

test.each([
  ["a store of Nix", `nix/store/${hash}-glibc-2.35/lib/x`],
  ["what an item is built from", `gnu/store/${hash}-glibc-2.35.drv`],
  ["an item without a version", `gnu/store/${hash}-profile/bin/x`],
])("%s is no package", async (_, path) => {
  expect((await observe(store, path, "")).all).toEqual([]);
});

test("a register that is no database is reported", async () => {
  expect((await observe(register, "var/guix/db/db.sqlite", "x")).diagnostics).toHaveLength(1);
});

test("says that nobody publishes advisories", () => {
  const pkg = { id: "1", ecosystem: "guix", purl: "", name: "a", version: "1", locations: [] };

  expect(guix.lookupGap?.(pkg, undefined)?.code).toBe("no-advisories");
});
