import type { DetectedData, FileAnalyzer, InventoryParts, PartDetector, SecretFinding } from "@plimsoll/model";
import { ScanError, fingerprintOf, located } from "@plimsoll/model";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { takeInventory, memoryCache } from "./index.ts";

/** Says where the word "key" stands: what detectors of secrets do, made small. */
function keyDetector(reach?: PartDetector["reach"], rest: Partial<PartDetector> = {}): PartDetector {
  const analyzer: FileAnalyzer = {
    id: "keys/words",
    kind: "file",
    revision: 1,
    matches: [{ suffix: "" }],
    async *analyze(file) {
      for (const [at, line] of (await file.text()).split("\n").entries())
        if (line.includes("key")) yield { kind: "detected", data: { line: at + 1 } };
    },
  };
  return {
    id: "keys",
    analyzers: [analyzer],
    ...(reach === undefined ? {} : { reach }),
    clean: (data) => (isLine(data) ? { line: data.line } : undefined),
    collect: (found): InventoryParts => ({ secrets: found.map(secretOf) }),
    ...rest,
  };
}

function isLine(data: unknown): data is { readonly line: number } {
  return typeof data === "object" && data !== null && "line" in data && Number.isSafeInteger(data.line);
}

function secretOf({ data, path, layer, removedIn }: DetectedData): SecretFinding {
  const line = isLine(data) ? data.line : 0;
  return {
    kind: "secret",
    id: "key",
    category: "Test",
    title: "A key",
    severity: "HIGH",
    match: "***",
    ...located([
      { path, line, ...(layer === undefined ? {} : { layer: { index: layer.index, diffId: layer.diffId } }) },
    ]),
    ...(removedIn === undefined ? {} : { removedIn }),
    fingerprint: fingerprintOf("secret", "key", path),
    explanation: { rule: "key" },
  };
}

const image = literalImage({
  layers: [{ "a.txt": "nothing\nkey", "b.txt": "key" }, { "a.txt": "key again", ".wh.b.txt": "" }, { "c.txt": "none" }],
});

const places = (secrets: readonly SecretFinding[] | undefined): unknown =>
  secrets?.map(({ location, removedIn }) => [location?.path, location?.line, location?.layer?.index, removedIn?.index]);

describe("a detector of something else than packages", () => {
  test("fills its part of the inventory from the files that are there at the end", async () => {
    const { secrets } = await takeInventory(image, { ecosystems: [], detectors: [keyDetector()] });

    expect(places(secrets)).toEqual([["a.txt", 1, 1, undefined]]);
  });

  test("that reaches every layer also sees what later layers removed or replaced, and says which", async () => {
    const { secrets } = await takeInventory(image, { ecosystems: [], detectors: [keyDetector("every-layer")] });

    expect(places(secrets)).toEqual([
      ["a.txt", 2, 0, 1],
      ["a.txt", 1, 1, undefined],
      ["b.txt", 1, 0, 1],
    ]);
  });

  test("leaves its part absent when it is not asked, and empty when there is nothing", async () => {
    const nothing = literalImage({ layers: [{ "c.txt": "none" }] });

    expect(await takeInventory(image, { ecosystems: [] })).not.toHaveProperty("secrets");
    expect((await takeInventory(nothing, { ecosystems: [], detectors: [keyDetector()] })).secrets).toEqual([]);
  });

  test.each([undefined, "every-layer"] as const)("says the same from the cache (reach %s)", async (reach) => {
    const options = { ecosystems: [], detectors: [keyDetector(reach)], cache: memoryCache() };
    const fresh = await takeInventory(image, options);
    let read = 0;
    const cached = await takeInventory(image, {
      ...options,
      onEvent: ({ kind }) => (read += kind === "layer-read" ? 1 : 0),
    });

    expect(cached).toEqual(fresh);
    expect(read).toBe(0);
  });

  test("that refuses what an analyzer or a cache says of a file is told as a problem of the file", async () => {
    const { secrets, diagnostics } = await takeInventory(image, {
      ecosystems: [],
      detectors: [keyDetector("every-layer", { clean: () => undefined })],
    });

    expect(secrets).toEqual([]);
    expect(diagnostics).toMatchObject([
      { code: "malformed-file", effect: "incomplete", location: { path: "a.txt" }, analyzer: "keys/words" },
      { location: { path: "a.txt" } },
      { location: { path: "b.txt" } },
    ]);
  });

  test("that breaks down costs its own part, and says so", async () => {
    const broken = keyDetector(undefined, {
      collect: () => {
        throw new Error("out of order");
      },
    });
    const inventory = await takeInventory(image, { ecosystems: [], detectors: [broken] });

    expect(inventory).not.toHaveProperty("secrets");
    expect(inventory.diagnostics).toMatchObject([{ code: "analyzer-failed", effect: "incomplete" }]);
  });

  test("shares no analyzer with another", async () => {
    const twins = [keyDetector(), { ...keyDetector(), id: "other" }];

    await expect(takeInventory(image, { ecosystems: [], detectors: twins })).rejects.toThrow(ScanError);
  });
});
