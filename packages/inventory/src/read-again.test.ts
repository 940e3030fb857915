import type { Diagnostic, ImageSource } from "@plimsoll/model";
import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { takeInventory } from "./index.ts";
import type { InventoryOptions } from "./index.ts";

/** An image whose layers give trouble when they are read: the first time, or every later one. */
function troubled(
  literals: readonly LiteralLayer[],
  trouble: (position: number, reading: number) => Diagnostic | undefined,
): ImageSource {
  const source = literalImage({ layers: literals });
  return {
    label: source.label,
    async open(options) {
      const image = await source.open(options);
      const layers = image.layers.map((layer, position) => {
        let readings = 0;
        return {
          ...layer,
          async *entries(given: Parameters<typeof layer.entries>[0]) {
            const found = trouble(position, ++readings);
            if (found !== undefined) yield found;
            yield* layer.entries(given);
          },
        };
      });
      return { ...image, layers };
    },
  };
}

async function scan(source: ImageSource, options: Partial<InventoryOptions> = {}) {
  const inventory = await takeInventory(source, { ecosystems: [listEcosystem()], ...options });
  const told = inventory.diagnostics.map(({ effect, message, location }) => ({
    effect,
    message: message.replace(/.*: (?=gone)/, ""),
    layer: location?.layer?.index,
  }));
  return { packages: describePackages(inventory), told };
}

function gone(position: number, reading: number): undefined {
  if (position === 1 && reading > 1) throw new Error("gone");
}

const lost = { effect: "incomplete", message: "gone", layer: 1 };
const withoutHistory = {
  effect: "none",
  message: expect.stringContaining("last wrote its file") as string,
  layer: undefined,
};
const list = (name: string, count: number): string =>
  Array.from({ length: count }, (_, at) => `${name}${at} 1`).join("\n");

describe("a layer that can't be read a second time", () => {
  test("costs what a link leads to in it, which is told, and nothing else", async () => {
    const layers: LiteralLayer[] = [
      { x: "x 1", "a.list": "a 1" },
      { y: "y 1", "b.list": "b 1" },
      { "x.list": { symlink: "x" }, "y.list": { symlink: "y" } },
    ];

    expect(await scan(troubled(layers, gone))).toEqual({
      packages: ["a@1 a.list 0", "b@1 b.list 1", "x@1 x 0"],
      told: [lost],
    });
  });

  test("costs what did not fit the first time, where layers hold more than may be; what did fit stays", async () => {
    const rewritten = Array.from({ length: 8 }, () => ({ "z.list": list("z", 10) }));
    const layers: LiteralLayer[] = [
      { "a.list": "a 1" },
      { "b.list": "b 1", "gone/c.list": list("c", 10), "d.list": "d 1" },
      ...rewritten,
      { "z.list": "", ".wh.gone": "", "e.list": "e 1" },
    ];
    const limits = { maxPackages: 10 };

    expect(
      await scan(
        troubled(layers, () => undefined),
        { limits },
      ),
    ).toEqual({
      packages: ["a@1 a.list 0", "b@1 b.list 1", "d@1 d.list 1", "e@1 e.list 10"],
      told: [withoutHistory],
    });
    expect(await scan(troubled(layers, gone), { limits })).toEqual({
      packages: ["a@1 a.list 0", "b@1 b.list 1", "e@1 e.list 10"],
      told: [withoutHistory, lost],
    });
  });

  test("does not keep a scan from being stopped", async () => {
    const layers: LiteralLayer[] = [{ "x.list": { symlink: "y" } }, { y: "y 1" }];
    const stop = new AbortController();
    const stopping = troubled(layers, (position, reading) => {
      if (reading > 1) stop.abort(new Error("enough"));
      return gone(position, reading);
    });

    await expect(scan(stopping, { signal: stop.signal })).rejects.toThrow("enough");
  });
});

test("what a layer tells at each reading is told once; what only a later one tells is told, too", async () => {
  const layers: LiteralLayer[] = [{ "x.list": { symlink: "y" } }, { y: "y 1" }];
  const tell = (message: string): Diagnostic => ({
    kind: "diagnostic",
    code: "malformed-layer",
    effect: "incomplete",
    message,
  });

  expect((await scan(troubled(layers, () => tell("torn")))).told.map(({ layer }) => layer)).toEqual([0, 1]);
  const later = await scan(troubled(layers, (_, reading) => tell(`torn ${reading}`)));
  expect(later.told.map(({ message, layer }) => `${message} in ${layer}`)).toEqual([
    "torn 1 in 0",
    "torn 1 in 1",
    "torn 2 in 1",
  ]);
});
