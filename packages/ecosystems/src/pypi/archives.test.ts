import { observe, sharedFile, zipOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { pypiEggs, pypiWheels } from "./archives.ts";

interface ArchiveCase {
  readonly case: string;
  readonly file: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly archive: { readonly texts: Readonly<Record<string, string>> };
}

const cases = (JSON.parse(sharedFile("conformance/archive-metadata.json") ?? "[]") as ArchiveCase[]).filter((one) =>
  one.case.startsWith("python/"),
);

describe.skipIf(cases.length === 0)("published eggs and wheels", () => {
  test.each(cases.map((one) => [one.case, one] as const))("%s", async (_, { file, archive, packages }) => {
    const analyzer = file.endsWith(".whl") ? pypiWheels : pypiEggs;
    const found = await observe(analyzer, file, zipOf({ "any.py": "", ...archive.texts }));

    expect(found.packages.map(({ name, version }) => ({ name, version }))).toEqual(
      packages.map(({ name, version }) => ({ name, version })),
    );
  });
});

test("a damaged egg is reported", async () => {
  expect((await observe(pypiEggs, "a.egg", "no zip")).diagnostics.map(({ location }) => location?.path)).toEqual([
    "a.egg",
  ]);
});
