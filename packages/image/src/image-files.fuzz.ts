import { ScanError, bytesInMemory, defaultLimits } from "@plimsoll/model";
import type { Limits } from "@plimsoll/model";
import { joinDocuments, linkDocuments, readEverything, tarOf } from "@plimsoll/testkit";
import { rangeBlob } from "./blobs.ts";
import { openImageFiles } from "./image-files.ts";

const config = `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["@5"]},
"history":[{"created_by":"ADD"},{"created_by":"CMD","empty_layer":true}],"config":{"Labels":{"a":"b"}}}`;
const manifest = '{"schemaVersion":2,"config":{"digest":"@4","size":9},"layers":[{"digest":"@5","size":1}]}';

/** An OCI layout with an index in its index, and the two forms of `docker save`; the last document is the layer. */
export async function seeds(): Promise<string[]> {
  const layer = Buffer.from(await tarOf({ "etc/os-release": "ID=test", "a/.wh.b": "" })).toString("latin1");
  const nested = '{"manifests":[{"digest":"@3","platform":{"os":"linux","architecture":"amd64","variant":"v1"}}]}';
  const named = (name: string): string =>
    `{"schemaVersion":2,"manifests":[{"digest":"@2","annotations":{"org.opencontainers.image.ref.name":"${name}"}}]}`;
  const saved = '[{"Config":"blobs/@4","RepoTags":["app:1"],"Layers":["blobs/@5"]}]';
  return [
    joinDocuments(["", named("latest"), nested, manifest, config, layer]),
    joinDocuments([saved, "", "", "", config, layer]),
    joinDocuments([saved, named("app:1"), nested, manifest, config, layer]),
  ];
}

const limits: Limits = {
  ...defaultLimits,
  maxEntryBytes: 1 << 20,
  maxEntriesPerLayer: 1_000,
  maxTotalBytes: 16 << 20,
  maxManifestBytes: 1 << 16,
};

/** Documents of any form that name each other by their true digests: an image that can be read, or a ScanError. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const documents = linkDocuments(input);
  const byName = new Map<string, Uint8Array>();
  for (const { bytes, digest } of documents)
    for (const name of [`blobs/${digest.replace(":", "/")}`, `blobs/${digest}`]) byName.set(name, bytes);
  for (const [at, name] of ["manifest.json", "index.json"].entries()) {
    const bytes = documents[at]?.bytes;
    if (bytes !== undefined && bytes.length > 0) byName.set(name, bytes);
  }
  const files = {
    label: "fuzz",
    async get(path: string) {
      const bytes = byName.get(path);
      return bytes && rangeBlob(bytesInMemory(bytes), 0, bytes.length);
    },
  };
  for (const tag of [undefined, "app:1"])
    try {
      await readEverything(await openImageFiles(files, { tag }, { limits }), limits);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
    }
}
