import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defaultLimits, parsePlatform } from "@plimsoll/model";
import type { Diagnostic, Image, LayerEntry, Limits } from "@plimsoll/model";
import {
  dockerArchive,
  layerTar,
  memoryBytes,
  ociLayoutFiles,
  paxRecords,
  rawTarMember,
  sha256,
  sharedPath,
  tarOf,
} from "@plimsoll/testkit";
import type { LiteralEntry, LiteralImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { imageArchive } from "./archive.ts";
import type { ImageArchiveOptions } from "./archive.ts";
import type { HasherFactory } from "@plimsoll/registry";

const literal: LiteralImage = {
  name: "app",
  createdBy: ["ADD rootfs", "RUN rm"],
  layers: [
    { "etc/": "", "./etc/os-release": "ID=test", "/bin/sh": { executable: "#!" }, "bin/sh2": { hardlink: "/bin/sh" } },
    { "etc/.wh.os-release": "", "opt/.wh..wh..opq": "", lib: { symlink: "usr/lib" } },
  ],
};

const createHasher: HasherFactory = (algorithm) => {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
};

async function open(archive: Uint8Array, options: ImageArchiveOptions = {}): Promise<Image> {
  return imageArchive(memoryBytes(archive, 1000), { createHasher, ...options }).open();
}

async function entriesOf(
  image: Image,
  index: number,
  limits: Limits = defaultLimits,
): Promise<(LayerEntry | Diagnostic)[]> {
  const entries: (LayerEntry | Diagnostic)[] = [];
  for await (const entry of image.layers[index]?.entries({ limits }) ?? []) entries.push(entry);
  return entries;
}

async function problemsOf(image: Image, limits?: Limits): Promise<Diagnostic[]> {
  const all = await Promise.all(image.layers.map((_, index) => entriesOf(image, index, limits)));
  return all.flat().filter((entry) => entry.kind === "diagnostic");
}

async function ociArchive(
  image: LiteralImage,
  change: (files: Record<string, LiteralEntry>) => void = () => undefined,
  gzip = true,
): Promise<Uint8Array> {
  const files: Record<string, LiteralEntry> = await ociLayoutFiles(image, { gzip });
  change(files);
  return tarOf(files);
}

const failing = (failure: object): unknown => expect.objectContaining({ failure: expect.objectContaining(failure) });

describe("an image in an archive", () => {
  test.each([
    ["of docker save", () => dockerArchive(literal)],
    ["of docker save, its layers compressed", () => dockerArchive(literal, { gzip: true })],
    ["in OCI layout", () => ociArchive(literal)],
    ["in OCI layout, plain", () => ociArchive(literal, undefined, false)],
    ["compressed as a whole", async () => new Uint8Array(gzipSync(await dockerArchive(literal)))],
  ])("%s gives its layers with instructions and entries", async (_, make) => {
    const image = await open(await make(), { name: "app.tar" });

    expect(image).toMatchObject({
      kind: "container-image",
      name: "app.tar",
      platform: { os: "linux", architecture: "amd64" },
    });
    expect(image.layers.map((layer) => layer.createdBy)).toEqual(["ADD rootfs", "RUN rm"]);
    expect(image.layers.map((layer) => layer.cacheable)).toEqual([true, true]);
    expect(await entriesOf(image, 0)).toMatchObject([
      { kind: "directory", path: "etc" },
      { kind: "file", path: "etc/os-release", size: 7, executable: false },
      { kind: "file", path: "bin/sh", executable: true },
      { kind: "hardlink", path: "bin/sh2", target: "bin/sh" },
    ]);
    expect(await entriesOf(image, 1)).toEqual([
      { kind: "whiteout", path: "etc/os-release" },
      { kind: "opaque", path: "opt" },
      { kind: "symlink", path: "lib", target: "usr/lib" },
    ]);
  });

  test("gives content that outlives the next chunk", async () => {
    const image = await open(await dockerArchive({ layers: [{ a: "first", b: "second" }] }, { gzip: true }));
    const parts: Uint8Array[] = [];

    for await (const entry of image.layers[0]?.entries({ limits: defaultLimits }) ?? [])
      if (entry.kind === "file") for await (const part of entry.content()) parts.push(part);

    expect(Buffer.concat(parts).toString()).toBe("firstsecond");
  });

  test("lets its layers be read again, and together", async () => {
    const image = await open(await ociArchive(literal));

    const [first, again] = await Promise.all([entriesOf(image, 0), entriesOf(image, 0)]);

    expect(first).toHaveLength(4);
    expect(again).toHaveLength(4);
  });

  test("has the digest of its manifest, else of its configuration", async () => {
    const files = await ociLayoutFiles(literal);
    const index = JSON.parse(Buffer.from(files["index.json"] ?? []).toString()) as { manifests: { digest: string }[] };

    expect((await open(await tarOf(files))).digest).toBe(index.manifests[0]?.digest);
    expect((await open(await dockerArchive(literal))).digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test("has the digests of the indexes that lead to its manifest, outermost first", async () => {
    const [files, other] = [await ociLayoutFiles(literal), await ociLayoutFiles({ layers: [{ other: "x" }] })];
    const { manifests } = JSON.parse(textOf(files["index.json"])) as { manifests: { digest: string }[] };
    const gone = JSON.parse(textOf(other["index.json"])) as { manifests: object[] };
    const platform = { os: "linux", architecture: "arm64" };
    const inner = JSON.stringify({ schemaVersion: 2, manifests: [{ ...gone.manifests[0], platform }, ...manifests] });
    const nested = JSON.stringify({ schemaVersion: 2, manifests: [{ digest: sha256(inner), size: inner.length }] });
    const top = JSON.stringify({ schemaVersion: 2, manifests: [{ digest: sha256(nested), size: nested.length }] });
    const indexes = Object.fromEntries(
      [inner, nested].map((text) => [`blobs/${sha256(text).replace(":", "/")}`, text]),
    );
    const layout = { ...files, ...indexes, "index.json": top };
    const manifest = JSON.parse(textOf(files[`blobs/${manifests[0]?.digest.replace(":", "/")}`])) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    const pathOf = ({ digest }: { digest: string }): string => `blobs/${digest.replace(":", "/")}`;
    const saved = [{ Config: pathOf(manifest.config), RepoTags: ["a:1"], Layers: manifest.layers.map(pathOf) }];

    const byLayout = await open(await tarOf({ ...other, ...layout }));
    // Engines save one platform of an index that names all.
    const bySave = await open(await tarOf({ ...layout, "manifest.json": JSON.stringify(saved) }));

    for (const image of [byLayout, bySave]) {
      expect(image.digest).toBe(manifests[0]?.digest);
      expect(image.indexDigests).toEqual([sha256(nested), sha256(inner)]);
    }
    expect((await open(await tarOf(files))).indexDigests).toBeUndefined();
  });

  test("without a hasher is not verified, and therefore not cacheable", async () => {
    const image = await open(await dockerArchive(literal), { createHasher: undefined });

    expect(image.layers.map((layer) => layer.cacheable)).toEqual([false, false]);
  });

  test("without layers is empty", async () => {
    expect((await open(await dockerArchive({ layers: [] }))).layers).toEqual([]);
    expect((await open(await ociArchive({ layers: [] }))).layers).toEqual([]);
  });

  test("of docker save with a linked layer reads the layer it links to", async () => {
    const { bytes, diffId } = await layerTar({ a: "x" });
    const config = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { diff_ids: [diffId, diffId] } });
    const manifest = JSON.stringify([{ Config: "c.json", RepoTags: null, Layers: ["1/layer.tar", "2/layer.tar"] }]);
    const image = await open(
      await tarOf({
        "1/layer.tar": bytes,
        "2/layer.tar": { symlink: "../1/layer.tar" },
        "c.json": config,
        "manifest.json": manifest,
      }),
    );

    expect(await entriesOf(image, 1)).toMatchObject([{ kind: "file", path: "a" }]);
  });

  test("of docker save takes the digest of the manifest beside it", async () => {
    const files: Record<string, LiteralEntry> = await ociLayoutFiles(literal);
    const manifestName = Object.keys(files).find((name) => isManifest(files[name]));
    const manifest = JSON.parse(textOf(files[manifestName ?? ""])) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    const blob = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
    files["manifest.json"] = JSON.stringify([
      {
        Config: blob(manifest.config.digest),
        RepoTags: ["app:1"],
        Layers: manifest.layers.map((layer) => blob(layer.digest)),
      },
    ]);

    const image = await open(await tarOf(files));

    expect(image.digest).toBe(`sha256:${manifestName?.slice("blobs/sha256/".length)}`);
    expect(image.tags).toEqual(["app:1"]);
    expect(image.layers.map((layer) => layer.digest)).toEqual(manifest.layers.map((layer) => layer.digest));
  });
});

function textOf(entry: LiteralEntry | undefined): string {
  return entry instanceof Uint8Array ? Buffer.from(entry).toString() : String(entry);
}

function isManifest(entry: LiteralEntry | undefined): boolean {
  return textOf(entry).includes('"config":{"mediaType"');
}

describe("several images in one archive", () => {
  async function pair(): Promise<Uint8Array> {
    const layer = await layerTar({ a: "x" });
    const config = (label: string): string =>
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        config: { Labels: { label } },
        rootfs: { diff_ids: [layer.diffId] },
      });
    return tarOf({
      "1.json": config("one"),
      "2.json": config("two"),
      "l.tar": layer.bytes,
      "manifest.json": JSON.stringify([
        { Config: "1.json", RepoTags: ["app:1", "app:one"], Layers: ["l.tar"] },
        { Config: "2.json", RepoTags: ["example.com/app:2"], Layers: ["l.tar"] },
      ]),
    });
  }

  test.each([
    ["app:one", "one"],
    ["1", "one"],
    ["docker.io/library/app:1", "one"],
    ["example.com/app:2", "two"],
  ])("are told apart by tag %s", async (tag, label) => {
    expect((await open(await pair(), { tag })).labels).toEqual({ label });
  });

  test("need a tag", async () => {
    await expect(open(await pair())).rejects.toEqual(
      failing({ kind: "ambiguous-image", choices: ["app:1", "app:one", "example.com/app:2"] }),
    );
  });

  test("have no other tags than theirs", async () => {
    await expect(open(await pair(), { tag: "app:3" })).rejects.toEqual(failing({ kind: "image-not-found" }));
  });

  test("in one OCI layout need a tag too", async () => {
    const one = await ociLayoutFiles({ layers: [{ a: "1" }] }, { tags: ["one"] });
    const two = await ociLayoutFiles({ layers: [{ a: "2" }] }, { tags: ["two"] });
    const manifests = [one, two].flatMap(
      (files) => (JSON.parse(textOf(files["index.json"])) as { manifests: unknown[] }).manifests,
    );
    const archive = await tarOf({ ...one, ...two, "index.json": JSON.stringify({ schemaVersion: 2, manifests }) });

    await expect(open(archive)).rejects.toEqual(failing({ kind: "ambiguous-image", choices: ["one", "two"] }));
    expect((await open(archive, { tag: "two" })).tags).toEqual(["two"]);
    await expect(open(archive, { tag: "three" })).rejects.toEqual(failing({ kind: "image-not-found" }));
  });
});

describe("an image index", () => {
  /** One image per platform, below `depth` nested indexes. */
  async function multiPlatform(platforms: readonly string[], depth = 0): Promise<Uint8Array> {
    const files: Record<string, LiteralEntry> = {};
    let manifests: unknown[] = [];
    for (const text of platforms) {
      const own = await ociLayoutFiles(
        { layers: [{ platform: text }] },
        { architecture: parsePlatform(text)?.architecture ?? "" },
      );
      Object.assign(files, own);
      const index = JSON.parse(textOf(own["index.json"])) as { manifests: { digest: string; size: number }[] };
      manifests.push({ ...index.manifests[0], platform: parsePlatform(text), annotations: {} });
    }
    manifests.push({
      mediaType: "x",
      digest: sha256("attestation"),
      size: 1,
      platform: { os: "unknown", architecture: "unknown" },
    });
    for (let level = 0; level < depth; level++) {
      const nested = JSON.stringify({ schemaVersion: 2, manifests });
      files[`blobs/sha256/${sha256(nested).slice(7)}`] = nested;
      manifests = [{ digest: sha256(nested), size: nested.length }];
    }
    return tarOf({ ...files, "index.json": JSON.stringify({ schemaVersion: 2, manifests }) });
  }

  test.each(["linux/amd64", "linux/arm64/v8", "linux/s390x"])("gives %s when asked for it", async (text) => {
    const archive = await multiPlatform(["linux/amd64", "linux/arm64/v8", "linux/s390x"], 2);
    const platform = parsePlatform(text);

    const image = await imageArchive(archive).open({ platform });

    expect(image.platform?.architecture).toBe(platform?.architecture);
  });

  test("gives the default platform when nobody asks", async () => {
    const archive = await multiPlatform(["linux/arm64/v8", "linux/amd64"]);

    expect((await open(archive)).platform?.architecture).toBe("amd64");
    expect(
      (await open(archive, { defaultPlatform: { os: "linux", architecture: "arm64" } })).platform?.architecture,
    ).toBe("arm64");
  });

  test("says what it has instead", async () => {
    const archive = await multiPlatform(["linux/amd64", "linux/arm64/v8"], 1);

    await expect(imageArchive(archive).open({ platform: { os: "linux", architecture: "riscv64" } })).rejects.toEqual(
      failing({ kind: "platform-not-found", wanted: "linux/riscv64", available: ["linux/amd64", "linux/arm64/v8"] }),
    );
  });

  test("with one image gives it, whatever its platform", async () => {
    expect((await open(await multiPlatform(["linux/riscv64"]))).platform?.architecture).toBe("riscv64");
  });

  test("nested without end is refused", async () => {
    await expect(open(await multiPlatform(["linux/amd64"], 20))).rejects.toEqual(failing({ kind: "limit-exceeded" }));
  });

  test("that lists itself is refused", async () => {
    // No document holds its own digest, so it lies about it.
    const digest = sha256("self");
    const index = JSON.stringify({ schemaVersion: 2, manifests: [{ digest, size: 1 }] });
    const archive = await tarOf({ "index.json": index, [`blobs/sha256/${digest.slice(7)}`]: index });

    await expect(open(archive)).rejects.toEqual(failing({ kind: "digest-mismatch" }));
  });

  test("of a single docker image for another platform names the image's own", async () => {
    await expect(
      imageArchive(await dockerArchive(literal)).open({ platform: { os: "linux", architecture: "arm64" } }),
    ).rejects.toEqual(failing({ kind: "platform-not-found", available: ["linux/amd64"] }));
  });
});

describe("what is no good image", () => {
  const manifest = (value: unknown): Promise<Uint8Array> => tarOf({ "manifest.json": JSON.stringify(value) });

  test.each([
    ["an empty file", async () => new Uint8Array(), "unsupported-image"],
    ["a text file", async () => Buffer.from("FROM scratch\n".repeat(100)), "unsupported-image"],
    ["a compressed text file", async () => gzipSync("FROM scratch\n".repeat(100)), "unsupported-image"],
    ["a tar of something else", async () => tarOf({ "README.md": "x" }), "unsupported-image"],
    ["an empty tar", async () => tarOf({}), "unsupported-image"],
    ["a manifest that is no list", () => manifest({}), "unsupported-image"],
    ["a manifest with nothing in it", () => manifest([]), "unsupported-image"],
    ["a manifest that is no JSON", async () => tarOf({ "manifest.json": "[{" }), "malformed-image"],
    ["a missing configuration", () => manifest([{ Config: "c.json", Layers: [] }]), "malformed-image"],
    ["a configuration outside", () => manifest([{ Config: "../../etc/passwd", Layers: [] }]), "malformed-image"],
    ["a truncated archive", async () => (await dockerArchive(literal)).subarray(0, 3000), "truncated"],
    [
      "a truncated compressed archive",
      async () => gzipSync(await dockerArchive(literal)).subarray(0, 300),
      "truncated",
    ],
    ["a missing manifest", () => ociArchive(literal, (files) => dropBlob(files, isManifest)), "malformed-image"],
    ["a chart", () => chart(), "unsupported-image"],
  ])("%s: a typed error", async (_, make, kind) => {
    await expect(open(await make())).rejects.toEqual(failing({ kind }));
  });

  function dropBlob(files: Record<string, LiteralEntry>, is: (entry: LiteralEntry) => boolean): void {
    for (const [name, entry] of Object.entries(files)) if (is(entry)) delete files[name];
  }

  async function chart(): Promise<Uint8Array> {
    const config = "{}";
    const layer = { digest: sha256("chart"), size: 5 };
    const document = JSON.stringify({
      config: { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: sha256(config), size: 2 },
      layers: [layer],
    });
    return tarOf({
      "index.json": JSON.stringify({ manifests: [{ digest: sha256(document), size: 1 }] }),
      [`blobs/sha256/${sha256(document).slice(7)}`]: document,
      [`blobs/sha256/${sha256(config).slice(7)}`]: config,
    });
  }

  test("a huge manifest is not read to its end", async () => {
    const archive = await tarOf({ "manifest.json": " ".repeat(2_000_000) });

    await expect(
      imageArchive(archive).open({ limits: { ...defaultLimits, maxManifestBytes: 1_000_000 } }),
    ).rejects.toEqual(failing({ kind: "limit-exceeded", limit: 1_000_000 }));
  });

  /** An index of so many manifests, each another one, of the same configuration and of no platform. */
  async function manifestsOf(count: number, config: string): Promise<Record<string, LiteralEntry>> {
    const files: Record<string, LiteralEntry> = {};
    const put = (text: string): { digest: string } => {
      files[`blobs/sha256/${sha256(text).slice(7)}`] = text;
      return { digest: sha256(text) };
    };
    const descriptor = put(config);
    const manifests = Array.from({ length: count }, (_, at) =>
      put(JSON.stringify({ config: descriptor, layers: [], annotations: { at: String(at).padEnd(900) } })),
    );
    return { ...files, "index.json": JSON.stringify({ manifests }) };
  }

  const config = (more = {}): string =>
    JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: [] }, ...more });

  test("a configuration that many manifests name is read once to choose among them", async () => {
    const archive = memoryBytes(await tarOf(await manifestsOf(50, config({ author: "x".repeat(100_000) }))));
    let read = 0;
    const bytes = {
      size: archive.size,
      async *read(start: number, end: number) {
        for await (const chunk of archive.read(start, end)) {
          read += chunk.length;
          yield chunk;
        }
      },
    };

    await imageArchive(bytes).open();

    expect(read).toBeLessThan(500_000);
  });

  test("manifests that are many, or large together, are refused", async () => {
    await expect(open(await tarOf(await manifestsOf(1_001, config())))).rejects.toEqual(
      failing({ kind: "limit-exceeded", what: "The number of manifests of archive in memory" }),
    );
    await expect(
      imageArchive(await tarOf(await manifestsOf(50, config()))).open({
        limits: { ...defaultLimits, maxManifestBytes: 10_000 },
      }),
    ).rejects.toEqual(failing({ kind: "limit-exceeded", limit: 40_000 }));
  });

  test("a manifest that lies about its digest does not lend it to the image of docker save", async () => {
    const saved = await dockerArchive(literal);
    const own = await open(saved);
    const digest = sha256("a trusted image");
    const lying = JSON.stringify({ config: { digest: own.digest }, layers: [] });
    const archive = Buffer.concat([
      saved.subarray(0, -1024),
      await tarOf({
        [`blobs/sha256/${digest.slice(7)}`]: lying,
        [`blobs/sha256/${sha256(lying).slice(7)}`]: lying,
        "index.json": JSON.stringify({ manifests: [{ digest }] }),
      }),
    ]);
    expect((await open(archive)).digest).toBe(own.digest);

    const honest = JSON.stringify({ manifests: [{ digest }, { digest: sha256(lying) }] });
    expect(
      (await open(Buffer.concat([archive.subarray(0, -1024), await tarOf({ "index.json": honest })]))).digest,
    ).toBe(sha256(lying));
  });

  test("members of prototypes are no members", async () => {
    const archive = await tarOf({ "manifest.json": '[{"__proto__": {"Config": "c.json"}}]', "c.json": "{}" });

    await expect(open(archive)).rejects.toEqual(failing({ kind: "unsupported-image" }));
  });
});

const intact = await tarOf({ a: "x".repeat(5000), b: "y" });
const escaping = await tarOf({ "../../x": "1", b: "2" });

describe("a damaged layer", () => {
  async function withLayer(bytes: Uint8Array, diffId = sha256(bytes)): Promise<Image> {
    const config = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { diff_ids: [diffId] } });
    return open(
      await tarOf({
        "c.json": config,
        l: bytes,
        "manifest.json": JSON.stringify([{ Config: "c.json", Layers: ["l"] }]),
      }),
    );
  }

  test.each([
    ["truncated", intact.subarray(0, 3000), "malformed-layer", ["a"]],
    ["truncated within its compression", gzipSync(intact).subarray(0, 60), "malformed-layer", []],
    ["no tar", Buffer.from("text ".repeat(1000)), "malformed-layer", []],
    ["with a name outside the image", escaping, "malformed-layer", ["b"]],
    ["empty", new Uint8Array(), undefined, []],
  ])("%s: what can be read is read, the rest is reported", async (_, bytes, code, paths) => {
    const entries = await entriesOf(await withLayer(bytes), 0);

    const problems = entries.filter((entry) => entry.kind === "diagnostic");
    expect(entries.flatMap((entry) => (entry.kind === "file" ? [entry.path] : []))).toEqual(paths);
    expect(problems.map(({ code: own, effect }) => [own, effect])).toEqual(
      code === undefined ? [] : [[code, "incomplete"]],
    );
  });

  test.each([
    ["a global header", "g", "a pax global header at byte 0, which is ignored"],
    ["a type that engines do not know", "X", 'a member of type "X" at byte 0'],
  ])("with %s a thousand times is read as engines do, and told once", async (_, flag, told) => {
    const odd = rawTarMember({
      name: "p",
      flag,
      data: paxRecords([
        ["path", "junk"],
        ["size", "0"],
      ]),
    });
    const entries = await entriesOf(await withLayer(Buffer.concat([...Array<Uint8Array>(1000).fill(odd), intact])), 0);

    expect(entries.flatMap((entry) => (entry.kind === "file" ? [entry.path] : []))).toEqual(["a", "b"]);
    expect(entries.filter((entry) => entry.kind === "diagnostic")).toMatchObject([
      { code: "malformed-layer", effect: "incomplete", message: expect.stringContaining(told) },
    ]);
  });

  test.each([
    ["../out", "leads out of the image"],
    ["a\0b", "holds a zero byte"],
    [`${"d/".repeat(9000)}f`, "is longer than 16384 characters"],
  ])("with an impossible name says why it was left out", async (name, reason) => {
    const long = rawTarMember({ flag: "L", data: name });
    const renamed = name.includes("\0") ? rawTarMember({ flag: "x", data: paxRecords([["path", name]]) }) : long;
    const entries = await entriesOf(
      await withLayer(Buffer.concat([renamed, rawTarMember({}), new Uint8Array(1024)])),
      0,
    );

    expect(entries).toMatchObject([{ kind: "diagnostic", message: expect.stringContaining(reason) }]);
  });

  test("whose bytes are not the promised ones is reported", async () => {
    const image = await withLayer(intact, sha256("other"));

    expect(await problemsOf(image)).toMatchObject([{ code: "digest-mismatch", effect: "incomplete" }]);
  });

  test("that is not in the archive is reported", async () => {
    const config = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { diff_ids: [sha256("l")] } });
    const image = await open(
      await tarOf({ "c.json": config, "manifest.json": JSON.stringify([{ Config: "c.json", Layers: ["l"] }]) }),
    );

    expect(await problemsOf(image)).toMatchObject([{ code: "malformed-layer", location: { layer: { index: 0 } } }]);
  });

  test("is reported to who reads the content that it lacks", async () => {
    const image = await withLayer(intact.subarray(0, 3000));
    const read = async (): Promise<void> => {
      for await (const entry of image.layers[0]?.entries({ limits: defaultLimits }) ?? [])
        if (entry.kind === "file") for await (const _ of entry.content());
    };

    await expect(read()).rejects.toEqual(failing({ kind: "truncated", what: "a" }));
  });

  test.each([
    ["more entries than allowed", { maxEntriesPerLayer: 1 }, 1],
    ["exactly as many entries as allowed", { maxEntriesPerLayer: 2 }, 0],
    ["more bytes than allowed", { maxLayerBytes: intact.length - 1 }, 1],
    ["exactly as many bytes as allowed", { maxLayerBytes: intact.length }, 0],
    ["more bytes than all layers may have", { maxTotalBytes: intact.length - 1 }, 1],
  ])("with %s", async (_, limits, problems) => {
    const all = { ...defaultLimits, ...limits };
    const config = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { diff_ids: [sha256(intact)] } });
    const archive = await tarOf({
      "c.json": config,
      l: gzipSync(intact),
      "manifest.json": JSON.stringify([{ Config: "c.json", Layers: ["l"] }]),
    });
    const image = await imageArchive(archive, { createHasher }).open({ limits: all });

    expect((await problemsOf(image, all)).map((problem) => problem.code)).toEqual(
      new Array<string>(problems).fill("limit-exceeded"),
    );
  });

  test("that is a bomb goes off early", async () => {
    // 1 GiB of zeros, as eight members of 128 MiB.
    const member = gzipSync(new Uint8Array(128 * 1024 * 1024));
    const image = await withLayer(Buffer.concat(new Array<Uint8Array>(8).fill(member)));

    expect(await problemsOf(image)).toMatchObject([{ code: "limit-exceeded" }]);
  });
});

test("an image of more layers than engines stack is refused before any is looked at", async () => {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { diff_ids: Array<string>(1_001).fill(sha256(intact)) },
  });
  const layers = (count: number): Promise<Uint8Array> =>
    tarOf({
      "c.json": config,
      l: intact,
      "manifest.json": JSON.stringify([{ Config: "c.json", Layers: Array<string>(count).fill("l") }]),
    });

  await expect(open(await layers(1_001))).rejects.toEqual(failing({ kind: "limit-exceeded", limit: 1_000 }));
  expect((await open(await layers(1_000))).layers).toHaveLength(1_000);
});

test("an outer bomb is an error", async () => {
  const bomb = gzipSync(new Uint8Array(256 * 1024 * 1024));

  await expect(open(bomb)).rejects.toEqual(failing({ kind: "malformed-image" }));
});

test("an aborted read throws the signal's reason", async () => {
  const image = await open(await dockerArchive(literal));
  const reason = new Error("enough");
  const read = async (): Promise<void> => {
    for await (const _ of image.layers[0]?.entries({ limits: defaultLimits, signal: AbortSignal.abort(reason) }) ?? []);
  };

  await expect(read()).rejects.toBe(reason);
  await expect(imageArchive(await dockerArchive(literal)).open({ signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
});

const images = sharedPath("data/images");

describe.skipIf(images === undefined)("real images", () => {
  const names = images === undefined ? [] : readdirSync(images).filter((name) => !name.endsWith(".json"));

  test.each(names)("%s: every layer is whole and has its diff ID", async (name) => {
    const image = await open(readFileSync(`${images}/${name}`));
    const expected = JSON.parse(
      readFileSync(
        `${images}/${name.replace(/(\.multiarch)?(\.docker|\.oci)?\.tar(\.gz)?$/, "")}.expected.json`,
        "utf8",
      ),
    ) as { layers: { diff_id: string; created_by: string }[]; must_find: { path: string; layer: number }[] };

    expect(image.layers.map((layer) => layer.diffId)).toEqual(expected.layers.map((layer) => layer.diff_id));
    if (image.layers.length > 1)
      expect(image.layers.map((layer) => layer.createdBy)).toEqual(expected.layers.map((layer) => layer.created_by));
    expect(await problemsOf(image)).toEqual([]);
    for (const { path, layer } of expected.must_find) {
      const entries = await pathsOf(image, layer);
      expect(entries).toContain(path.replace(/^\//, ""));
    }
  });

  const seen = new WeakMap<Image, Map<number, Set<string>>>();

  async function pathsOf(image: Image, layer: number): Promise<ReadonlySet<string>> {
    const known = seen.get(image) ?? new Map<number, Set<string>>();
    seen.set(image, known);
    const paths =
      known.get(layer) ??
      new Set((await entriesOf(image, layer)).flatMap((entry) => ("path" in entry ? [entry.path] : [])));
    known.set(layer, paths);
    return paths;
  }
});

const conformance = sharedPath("conformance/images");

describe.skipIf(conformance === undefined)("layer archives of other scanners", () => {
  const cases =
    conformance === undefined
      ? []
      : (JSON.parse(readFileSync(`${conformance}/layers.json`, "utf8")) as {
          name: string;
          tar: string;
          chainLayers: { files: { path: string; content: string }[] }[];
        }[]);

  test.each(cases)("$name", async ({ tar, chainLayers }) => {
    const image = await open(readFileSync(`${conformance}/layers/${tar}`));
    const files = new Map<string, string>();
    const links = new Set<string>();
    for (const [index, { files: visible }] of chainLayers.entries()) {
      for await (const entry of image.layers[index]?.entries({ limits: defaultLimits }) ?? []) {
        if (entry.kind === "symlink") links.add(entry.path);
        if (entry.kind !== "file") continue;
        const parts: Uint8Array[] = [];
        for await (const part of entry.content()) parts.push(part);
        files.set(entry.path, Buffer.concat(parts).toString());
      }
      for (const { path, content } of visible) expect(links.has(path) || files.get(path) === content).toBe(true);
    }
  });

  test("alpine-311 has the diff IDs that others found", async () => {
    const expected = JSON.parse(readFileSync(`${conformance}/archives/alpine-311/expected.json`, "utf8")) as object;
    const image = await open(readFileSync(`${conformance}/archives/alpine-311/alpine-311.tar.gz`));

    for (const { diffId } of image.layers) expect(JSON.stringify(expected)).toContain(diffId);
    expect(await problemsOf(image)).toEqual([]);
  });
});
