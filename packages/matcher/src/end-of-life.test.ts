import { expect, test } from "vitest";
import { storeOf } from "./fixtures/literal-matching.ts";
import { withEndOfLife } from "./index.ts";

const ends: Readonly<Record<string, string>> = { "debian 12.5": "2028-06-30" };
const asked: string[] = [];
const store = {
  ...storeOf([]),
  endOfSupport: async (distribution: string, version: string) => {
    asked.push(`${distribution} ${version}`);
    return ends[`${distribution} ${version}`];
  },
};

test("what the store says of a release goes before what was known of it", async () => {
  const distro = { id: "debian", versionId: "12.5", endOfLife: "2000-01-01" };

  expect(await withEndOfLife(distro, store)).toEqual({ ...distro, endOfLife: "2028-06-30" });
});

test("a store that does not know the release, or knows no ends, changes nothing, and one without a version is not asked for", async () => {
  const distro = { id: "alpine", versionId: "3.20", endOfLife: "2000-01-01" };
  const rolling = { id: "arch" };
  asked.length = 0;

  expect(await withEndOfLife(distro, store)).toBe(distro);
  expect(await withEndOfLife(distro, storeOf([]))).toBe(distro);
  expect(await withEndOfLife(rolling, store)).toBe(rolling);
  expect(asked).toEqual(["alpine 3.20"]);
});

test("an option that nobody knows is refused by the name of the function", async () => {
  const options: object = { speed: 1 };

  await expect(withEndOfLife({ id: "arch" }, store, options)).rejects.toThrow(/withEndOfLife/);
});
