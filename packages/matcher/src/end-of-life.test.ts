import { expect, test } from "vitest";
import { storeOf } from "./fixtures/literal-matching.ts";
import { withEndOfLife } from "./index.ts";

const release = (name: string, version: string, endOfLife: string) => ({
  id: `EOL-${name}-${version}`,
  affected: [{ namespace: "End of life", name, ranges: [], versions: [version], qualifiers: { endOfLife } }],
});
const store = storeOf([
  release("debian", "12", "2028-06-30"),
  release("sles", "15", "2031-07-31"),
  release("sles", "15.5", "2024-12-31"),
]);

test.each([
  ["debian", "12", "2028-06-30"],
  ["debian", "12.5", "2028-06-30"],
  ["debian", "123", "2000-01-01"],
  ["sles", "15.5", "2024-12-31"],
  ["sles", "15.6", "2031-07-31"],
  ["alpine", "3.20", "2000-01-01"],
])("%s %s ends on %s", async (id, versionId, expected) => {
  const distro = { id, versionId, endOfLife: "2000-01-01" };

  expect(await withEndOfLife(distro, store)).toEqual({ ...distro, endOfLife: expected });
});

test("a store that knows no ends changes nothing", async () => {
  const distro = { id: "debian", versionId: "12" };

  expect(await withEndOfLife(distro, storeOf([]))).toBe(distro);
});
