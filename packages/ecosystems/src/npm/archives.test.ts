import { observe, sharedFile, zipOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { npmArchives } from "./archives.ts";

interface ArchiveCase {
  readonly case: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly archive: { readonly texts: Readonly<Record<string, string>> };
}

const cases = (JSON.parse(sharedFile("conformance/archive-metadata.json") ?? "[]") as ArchiveCase[]).filter((one) =>
  one.case.startsWith("javascript/vsix/"),
);

describe.skipIf(cases.length === 0)("published editor extensions", () => {
  test.each(cases.map((one) => [one.case, one] as const))("%s", async (_, { archive, packages }) => {
    const found = await observe(npmArchives, "any.vsix", zipOf(archive.texts));

    expect(found.packages.map(({ name, version }) => ({ name, version }))).toEqual(
      packages.map(({ name, version }) => ({ name, version })),
    );
  });
});

const archive = zipOf({
  "node_modules/is-odd/package.json": '{"name":"is-odd","version":"3.0.1"}',
  "node_modules/is-odd/test/package.json": '{"name":"fixture","version":"1.0.0"}',
});

test("the cache of Yarn: packages where they are inside of it", async () => {
  const { all } = await observe(npmArchives, "app/.yarn/cache/is-odd-npm-3.0.1.zip", archive);

  expect(all).toEqual([
    {
      kind: "package",
      package: { name: "is-odd", version: "3.0.1" },
      at: "app/.yarn/cache/is-odd-npm-3.0.1.zip!/node_modules/is-odd/package.json",
    },
  ]);
});

test("other archives are left alone, damaged ones reported", async () => {
  expect((await observe(npmArchives, "data/backup.zip", archive)).all).toEqual([]);
  expect((await observe(npmArchives, ".yarn/cache/a.zip", "no zip")).diagnostics).toHaveLength(1);
});
