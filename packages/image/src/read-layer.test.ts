import { portableDecompressors } from "@plimsoll/formats";
import { defaultLimits } from "@plimsoll/model";
import { sha256, tarOf } from "@plimsoll/testkit";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { portableHasher } from "@plimsoll/registry";
import { readLayer } from "./read-layer.ts";

const MiB = 1024 * 1024;

test("a layer whose stored bytes go on for ever, but expand to nothing, ends at the limit of its bytes", async () => {
  const piece = new Uint8Array(MiB);
  const layer = gzipSync(await tarOf({ a: "1" }));
  let given = 0;
  const blob = {
    size: 0,
    async *stream() {
      yield layer;
      for (; given < 128 * MiB; given += piece.length) yield piece;
    },
  };
  const limits = { ...defaultLimits, maxLayerBytes: MiB };
  const job = { ref: { index: 3, diffId: sha256("plain") }, blob, verify: true, allowance: limits.maxTotalBytes };
  const told: unknown[] = [];

  // As if the rest were empty members, which would take a while.
  const decompressors = {
    ...portableDecompressors,
    gzip: async function* (input: AsyncIterable<Uint8Array>) {
      for await (const chunk of input) if (chunk === layer) yield await tarOf({ a: "1" });
    },
  };
  for await (const item of readLayer(job, { limits }, { createHasher: portableHasher, decompressors })) told.push(item);

  expect(told).toMatchObject([
    { kind: "file", path: "a" },
    { code: "limit-exceeded", effect: "incomplete", location: { layer: { index: 3 } } },
  ]);
  expect(given).toBeLessThan(70 * MiB);
});
