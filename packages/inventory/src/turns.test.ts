import type { Ecosystem, TreeAnalyzer } from "@plimsoll/model";
import { listEcosystem, literalImage, mostBetweenTurns } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { takeInventory } from "./index.ts";

/** An image of one layer, all of it in memory: nothing of it is ever waited for. */
function manyFiles(count: number, content: string): ReturnType<typeof literalImage> {
  const files = Array.from({ length: count }, (_, index) => [`lists/${index}.list`, content] as const);
  return literalImage({ layers: [Object.fromEntries(files)] });
}

describe("a scan never keeps others waiting for long", () => {
  test("while it reads many files", async () => {
    const most = await mostBetweenTurns((count) =>
      takeInventory(manyFiles(5_000, "a 1"), { ecosystems: [listEcosystem({ onAnalyze: () => count(1) })] }),
    );

    expect(most).toBeLessThanOrEqual(128);
  });

  test("nor while it looks at files of some length", async () => {
    const content = "#".repeat(60_000);
    const most = await mostBetweenTurns((count) =>
      takeInventory(manyFiles(200, content), { ecosystems: [listEcosystem({ onAnalyze: () => count(1) })] }),
    );

    expect(most).toBeLessThanOrEqual(2);
  });

  test("nor while it looks at all of them together", async () => {
    const content = "#".repeat(60_000);
    const most = await mostBetweenTurns((count) => {
      const analyzer: TreeAnalyzer = {
        id: "tree",
        kind: "tree",
        revision: 1,
        matches: [{ suffix: ".list" }],
        async *analyze(files) {
          for (const file of files) {
            const version = String((await file.text()).length);
            count(1);
            yield { kind: "package", package: { name: file.path, version } };
          }
        },
      };
      const ecosystem: Ecosystem = { ...listEcosystem(), analyzers: [analyzer] };
      return takeInventory(manyFiles(200, content), { ecosystems: [ecosystem] });
    });

    expect(most).toBeLessThanOrEqual(2);
  });

  test("nor while it makes an inventory of what was found", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `package-${index} 1`).join("\n");
    const most = await mostBetweenTurns((count) => {
      const list = listEcosystem();
      const purl: Ecosystem["purl"] = (pkg, distro) => {
        count(1);
        return list.purl(pkg, distro);
      };
      return takeInventory(manyFiles(1, lines), { ecosystems: [{ ...list, purl }] });
    });

    expect(most).toBeLessThanOrEqual(128);
  });
});
