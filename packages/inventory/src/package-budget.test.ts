import type { Ecosystem, ImageSource } from "@plimsoll/model";
import { listEcosystem, literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { memoryCache, takeInventory } from "./index.ts";

const limits = { maxPackages: 10 };
const told = {
  code: "limit-exceeded",
  effect: "incomplete",
  message:
    "The image has more than 10 packages, each place counted, and links that may lead to one; the rest was left out",
};
const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const list = (count: number): string =>
  indexes(count)
    .map((at) => `p${at} 1`)
    .join("\n");

/** The list ecosystem, which counts how many files it is shown. */
function counting(matches?: Parameters<typeof listEcosystem>[0]): { readonly ecosystem: Ecosystem; shown: number } {
  const ecosystem = listEcosystem(matches);
  const counted = {
    shown: 0,
    ecosystem: {
      ...ecosystem,
      analyzers: ecosystem.analyzers.map((analyzer) => ({
        ...analyzer,
        async *analyze(...given: never[]): AsyncGenerator<never> {
          counted.shown++;
          yield* (analyzer.analyze as (...given: never[]) => AsyncGenerator<never>)(...given);
        },
      })),
    } as Ecosystem, // as: the same analyzers, each with a count
  };
  return counted;
}

async function placesIn(source: ImageSource, ecosystem: Ecosystem, cache = memoryCache()) {
  const { packages, diagnostics } = await takeInventory(source, { ecosystems: [ecosystem], limits, cache });
  return { places: packages.flatMap(({ locations }) => locations).length, diagnostics };
}

describe("an image has one budget for packages", () => {
  test("that files without end cannot exceed, and what is left out is told", async () => {
    const counted = counting();
    const files = Object.fromEntries(indexes(500).map((at) => [`d${at}/a.list`, `p${at} 1`]));

    const { places, diagnostics } = await placesIn(literalImage({ layers: [files] }), counted.ecosystem);

    expect(places).toBe(10);
    expect(counted.shown).toBe(11);
    expect(diagnostics).toEqual([expect.objectContaining(told)]);
  });

  test("that is not exceeded by exactly as many", async () => {
    const files = Object.fromEntries(indexes(10).map((at) => [`d${at}/a.list`, `p${at} 1`]));

    expect(await placesIn(literalImage({ layers: [files] }), listEcosystem())).toEqual({ places: 10, diagnostics: [] });
  });

  test("that hard links to one file cannot exceed, each of which would be looked at", async () => {
    const counted = counting();
    const links = indexes(500).map((at) => [`d${at}/a.list`, { hardlink: "data" }] as const);

    const { places, diagnostics } = await placesIn(
      literalImage({ layers: [{ data: list(1), ...Object.fromEntries(links) }] }),
      counted.ecosystem,
    );

    expect(places).toBeLessThanOrEqual(10);
    expect(counted.shown).toBeLessThanOrEqual(11);
    expect(diagnostics).toEqual([expect.objectContaining(told)]);
  });

  test("that names of a file with many packages cannot exceed, be it known by its path or by its content", async () => {
    const magic = listEcosystem({ matches: [{ magic: new TextEncoder().encode("p0") }] });
    const links = (count: number): object =>
      Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, { hardlink: "data" }]));
    for (const ecosystem of [listEcosystem(), magic]) {
      const image = literalImage({ layers: [{ data: list(4), ...links(6) } as Record<string, string>] });

      const { places, diagnostics } = await placesIn(image, ecosystem);

      expect(places).toBeGreaterThan(0);
      expect(places).toBeLessThanOrEqual(10);
      expect(diagnostics).toEqual([expect.objectContaining(told)]);
    }
  });

  test("that layers share, also those that are known from before", async () => {
    const layers = [{ "a.list": list(6) }, { "b.list": list(6) }];
    const cache = memoryCache();
    const first = await placesIn(literalImage({ layers }), listEcosystem(), cache);
    const again = await placesIn(literalImage({ layers }), listEcosystem(), cache);

    expect(first).toEqual({ places: 10, diagnostics: [expect.objectContaining(told)] });
    expect(again).toEqual(first);
  });

  test("that what layers wrote anew does not take, however often", async () => {
    const layers = indexes(5).map((at) => ({ "a.list": `${list(6)}\nlast${at} 1` }));
    const cache = memoryCache();

    for (const _ of ["cold", "warm"])
      expect(await placesIn(literalImage({ layers }), listEcosystem(), cache)).toEqual({ places: 7, diagnostics: [] });
  });

  test("that what is found by several files together takes too", async () => {
    const ecosystem: Ecosystem = {
      ...listEcosystem(),
      analyzers: [
        {
          kind: "tree",
          id: "list/tree",
          revision: 1,
          matches: [{ suffix: ".list" }],
          async *analyze(files) {
            for (const { path } of files)
              for (const at of indexes(4))
                yield { kind: "package", package: { name: `p${at}`, version: "1" }, at: path } as const;
          },
        },
      ],
    };
    const files = Object.fromEntries(indexes(5).map((at) => [`d${at}/a.list`, "x"]));

    const { places, diagnostics } = await placesIn(literalImage({ layers: [files] }), ecosystem);

    expect(places).toBe(10);
    expect(diagnostics).toEqual([expect.objectContaining(told)]);
  });
});
