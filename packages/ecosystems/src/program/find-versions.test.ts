import { expect, test } from "vitest";
import type { Classifier } from "./classifiers.ts";
import { findVersions } from "./find-versions.ts";

const mebibyte = 1024 * 1024;
const thing: Classifier = {
  name: "thing",
  files: ["thing"],
  anchor: "thing/",
  pattern: /thing\/(\d+\.\d+) end/,
  cpes: [],
};
const bare: Classifier = { name: "bare", files: ["bare"], anchor: "", pattern: /\0bare (\d+)\0/, cpes: [] };

/** A program of three mebibytes with a text at `at`, in chunks of `size`. */
async function* program(text: string, at: number, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(3 * mebibyte);
  bytes.set([0x7f, 0x45, 0x4c, 0x46]);
  bytes.set(new TextEncoder().encode(text), at);
  for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size);
}

const places = [
  64,
  ...[1, 2].flatMap((piece) => [-300, -200, -64, -9, -1, 0, 1, 64].map((off) => piece * mebibyte + off)),
];

test.each(places)("a text at byte %i is found, however the program comes in pieces", async (at) => {
  for (const size of [64 * 1024, 1_000_003]) {
    const found = await findVersions(program("\0bare 7\0thing/1.2 end\0", at, size), [thing, bare]);

    expect(found.map(([{ name }, version]) => `${name} ${version}`)).toEqual(["thing 1.2", "bare 7"]);
  }
});

test("a program is read no further than needed", async () => {
  let chunks = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of program("thing/1.2 end", 100, 64 * 1024)) {
      chunks++;
      yield chunk;
    }
  }

  expect(await findVersions(counted(), [thing])).toHaveLength(1);
  expect(chunks).toBeLessThan(20);
});

test("an empty file has no version", async () => {
  expect(await findVersions((async function* () {})(), [thing, bare])).toEqual([]);
});
