import { ScanError, defaultLimits } from "@plimsoll/model";
import type { Limits } from "@plimsoll/model";
import { dockerArchive, memoryBytes, ociLayoutFiles, readEverything, tarOf } from "@plimsoll/testkit";
import type { LiteralImage } from "@plimsoll/testkit";
import { imageArchive } from "./archive.ts";

const literal: LiteralImage = {
  name: "app",
  layers: [
    { "etc/": "", "etc/os-release": "ID=test", "bin/sh": { executable: "#!" }, "bin/b": { hardlink: "bin/sh" } },
    { "etc/.wh.os-release": "", "opt/.wh..wh..opq": "", lib: { symlink: "usr/lib" } },
  ],
};

/** `docker save` in both forms, several images in one, an OCI layout, and archives compressed as a whole. */
export async function seeds(): Promise<Uint8Array[]> {
  const layout = await ociLayoutFiles(literal, { gzip: true });
  const config = Object.keys(layout).find((name) => name.startsWith("blobs/")) ?? "";
  const manifest = JSON.stringify([{ Config: config, RepoTags: ["a:1"], Layers: Object.keys(layout).slice(4) }]);
  return [
    await dockerArchive(literal),
    await dockerArchive(literal, { gzip: true }),
    await tarOf(layout),
    await tarOf({ ...layout, "manifest.json": manifest }),
    await compressed(await dockerArchive(literal)),
  ];
}

const limits: Limits = {
  ...defaultLimits,
  maxEntryBytes: 1 << 20,
  maxEntriesPerLayer: 1_000,
  maxLayerBytes: 8 << 20,
  maxTotalBytes: 16 << 20,
  maxManifestBytes: 1 << 16,
};

/** An image whose layers can be read to the end, or a ScanError. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    const image = await imageArchive(memoryBytes(input, 1_000)).open({ limits });
    await readEverything(image, limits);
    await image.close?.();
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip")); // made here
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
