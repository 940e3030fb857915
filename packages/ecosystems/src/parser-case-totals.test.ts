import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sharedFile } from "@plimsoll/testkit";
import { expect, test } from "vitest";

const index = JSON.parse(sharedFile("conformance/parsers/index.json") ?? "[]") as { readonly dir: string }[];
const packages = fileURLToPath(new URL("../..", import.meta.url));

/** Folders of cases that nobody reads here, with the reason. */
const left: Readonly<Record<string, string>> = {};

/** All tests, as text: a suite names its folder, and each deviation its case. */
const tests = readdirSync(packages)
  .map((name) => join(packages, name, "src"))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts") && !name.includes("case-totals"))
      .map((name) => readFileSync(join(folder, name), "utf8")),
  )
  .join("\n");

interface Total {
  cases: number;
  deviating: number;
}

function totals(): ReadonlyMap<string, Total> {
  const byEcosystem = new Map<string, Total>();
  for (const { dir } of index) {
    const [ecosystem = "", parser = "", name = ""] = dir.split("/");
    const folder = `${ecosystem}/${parser}`;
    const total = byEcosystem.get(ecosystem) ?? { cases: 0, deviating: 0 };
    total.cases++;
    // A case that is named in a test is one that is answered otherwise, with its reason beside it.
    if (folder in left || tests.includes(`"${name}"`) || tests.includes(`"${parser}/${name}"`)) total.deviating++;
    byEcosystem.set(ecosystem, total);
  }
  return byEcosystem;
}

test.skipIf(index.length === 0)(
  "every folder of published parser cases is read by some test, or left with a reason",
  () => {
    const folders = [...new Set(index.map(({ dir }) => dir.split("/").slice(0, 2).join("/")))];
    const unread = folders.filter(
      (folder) =>
        !(folder in left) && !tests.includes(`"${folder}"`) && !tests.includes(`conformance/parsers/${folder}`),
    );

    expect(unread.filter((folder) => !folder.startsWith("sbom/"))).toEqual([]);
    expect(Object.keys(left).filter((folder) => !folders.includes(folder))).toEqual([]);
  },
);

test.skipIf(index.length === 0)("of the published parser cases, those answered otherwise are few", () => {
  const lines = [...totals()].map(([name, { cases, deviating }]) => `${name} ${cases - deviating}/${cases}`);
  const cases = [...totals().values()].reduce((sum, total) => sum + total.cases, 0);
  const deviating = [...totals().values()].reduce((sum, total) => sum + total.deviating, 0);
  console.info(`published parser cases: ${cases - deviating} of ${cases} (${lines.join(", ")})`);

  expect((cases - deviating) / cases).toBeGreaterThanOrEqual(0.99);
});
