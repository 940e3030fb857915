// Situations from public bug reports of scanners, as small inputs beside the repository: what is right stands in their README.
import { everyEcosystem } from "@plimsoll/ecosystems";
import { analyzeImage } from "@plimsoll/inventory";
import type { Evidence, Inventory } from "@plimsoll/model";
import { rootfsDirectory } from "@plimsoll/node";
import { sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";

const folder = sharedPath("conformance/field-reports");

async function inventoryOf(
  path: string,
  kind: "rootfs" | "filesystem",
  evidence?: readonly Evidence[],
): Promise<Inventory> {
  return analyzeImage(rootfsDirectory(`${folder}/${path}`, { kind }), { ecosystems: everyEcosystem, evidence });
}

function named({ packages }: Inventory): readonly string[] {
  return packages.map(({ name, version }) => `${name} ${version}`);
}

describe.skipIf(folder === undefined)("field reports", () => {
  test.each<["filesystem" | "rootfs", readonly Evidence[] | undefined]>([
    ["filesystem", undefined],
    ["rootfs", ["installed", "declared"]],
  ])("lock files inside of dependencies are not the project's (%s)", async (kind, evidence) => {
    const found = named(await inventoryOf("18-nested-locks/src", kind, evidence));
    expect(found.filter((name) => /^(?:lodash|minimist|symfony)|nokogiri 1\.8\.0|django 1\.0/.test(name))).toEqual([]);
    expect(found).toEqual(
      expect.arrayContaining(["nokogiri 1.16.0", "django 4.2.0", "monolog/monolog 2.0.0", "uri-js 4.4.1"]),
    );
  });

  test("requirements files are read with those that they include", async () => {
    const inventory = await inventoryOf("20-req-includes/src", "filesystem");
    const found = named(inventory);
    expect(found).toEqual(expect.arrayContaining(["sqlparse 0.2.4", "requests 2.19.1", "flask 0.12", "django 3.0.10"]));
    expect(found).not.toContain("notareq 1.0");
    expect(inventory.diagnostics).toEqual([]);
  });

  test("continuation lines of white space do not end metadata", async () => {
    const { packages } = await inventoryOf("26-metadata-fold/root", "rootfs");
    expect(
      packages.map(({ name, version, licenses, dependencies }) => [name, version, licenses, dependencies]),
    ).toEqual([
      ["bar", "1.0", undefined, undefined],
      ["baz", "1.0", undefined, ["pkg:pypi/bar@1.0"]],
      ["foo", "1.0", ["MIT"], ["pkg:pypi/bar@1.0"]],
    ]);
  });
});
