import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { layerTar, ociLayoutFiles, sha256, tarOf, zipOf } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Seconds that a scan of a hostile image may take; a busy machine needs several times what an idle one does. */
const maxSeconds = 500;

/** What a scan of a small, honest image takes at its peak is some 110 MiB. */
const maxMebibytes = 400;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-hostile-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly error?: { readonly kind: string; readonly message: string };
  readonly packages?: readonly string[];
  readonly diagnostics?: readonly { readonly code: string; readonly path?: string; readonly layer?: number }[];
  readonly mebibytes: number;
}

/** Scans in a process of its own, compiled, to see its memory; one that hangs is killed. */
function scan(path: string): Outcome {
  const library = new URL("../dist/node.js", import.meta.url).href;
  const script = `
    const { analyzeImage } = await import(${JSON.stringify(library)});
    const said = await analyzeImage(process.argv[1], { cache: false }).then(
      ({ packages, diagnostics }) => ({
        packages: packages.map(({ name }) => name),
        diagnostics: diagnostics.map(({ code, location }) => ({ code, path: location?.path, layer: location?.layer?.index })),
      }),
      (error) => ({ error: { kind: error.failure?.kind ?? error.name, message: error.message } }),
    );
    // Not resourceUsage: what that says begins with what the parent had.
    const { readFileSync } = await import("node:fs");
    const status = await Promise.resolve("/proc/self/status").then(readFileSync).catch(() => "VmHWM: 0");
    console.log(JSON.stringify({ ...said, mebibytes: Number(/VmHWM:\\s+(\\d+)/.exec(status)[1]) / 1024 }));`;
  const { stdout, stderr, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", script, path], {
    encoding: "utf8",
    timeout: maxSeconds * 1000,
    maxBuffer: 1 << 26,
  });
  if (signal !== null) throw new Error(`killed after ${maxSeconds} s`);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Outcome;
}

/** An OCI layout whose only layer is as given: compressed bytes, and what its tar hashes to, if that matters. */
function layoutOf(name: string, layer: readonly Uint8Array[], diffId = sha256("unknown")): string {
  const layout = join(folder, name);
  const blobs = join(layout, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (content: Uint8Array | string): { digest: string; size: number } => {
    const digest = sha256(content);
    writeFileSync(join(blobs, digest.slice(7)), content);
    return { digest, size: content.length };
  };
  const blob = put(Buffer.concat(layer));
  const config = put(JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: [diffId] } }));
  const manifest = put(JSON.stringify({ schemaVersion: 2, config, layers: [blob] }));
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return layout;
}

/** A layer with a package that must still be found, and what is hostile beside it. */
async function imageWith(name: string, hostile: LiteralLayer): Promise<string> {
  const { bytes, diffId } = await layerTar({ ...hostile, ...honest }, { gzip: true });
  return layoutOf(name, [bytes], diffId);
}

const honest: LiteralLayer = {
  "etc/os-release": "ID=debian\nVERSION_ID=12\n",
  "var/lib/dpkg/status": "Package: honest\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
};

/** A header of a file that claims to be of this size. */
async function headerOf(path: string, size: number): Promise<Buffer> {
  const header = Buffer.from((await tarOf({ [path]: "x" })).subarray(0, 512));
  header.write(size.toString(8).padStart(11, "0"), 124, "latin1");
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

describe("a hostile image ends quickly, in bounded memory, and says so", () => {
  test("10 GB of zeros in a layer of 10 MB", async () => {
    const member = gzipSync(new Uint8Array(64 * 1024 * 1024));
    const start = gzipSync(
      Buffer.concat([
        await tarOf(honest).then((tar) => tar.subarray(0, -1024)),
        await headerOf("zeros", 8_000_000_000),
      ]),
    );
    const outcome = scan(layoutOf("bomb", [start, ...Array.from({ length: 160 }, () => member)]));

    expect(outcome.diagnostics).toEqual([expect.objectContaining({ code: "limit-exceeded", layer: 0 })]);
    expect(outcome.packages).toEqual(["honest"]);
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });

  test("10 GB of zeros around an archive of 10 MB", () => {
    const member = gzipSync(new Uint8Array(64 * 1024 * 1024));
    const path = join(folder, "outer.tar.gz");
    writeFileSync(path, Buffer.concat(Array.from({ length: 160 }, () => member)));

    const outcome = scan(path);
    expect(outcome.error).toMatchObject({
      kind: "malformed-image",
      message: expect.stringContaining("expands more than"),
    });
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });

  test("a bomb in a jar, and one in a jar in a jar", async () => {
    const bomb = zipOf({
      "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
      "META-INF/maven/a/b/pom.properties": new Uint8Array(600 * 1024 * 1024),
    });
    const outcome = scan(
      await imageWith("jar", { "app/bomb.jar": bomb, "app/outer.war": zipOf({ "WEB-INF/lib/bomb.jar": bomb }) }),
    );

    expect(outcome.packages).toContain("honest");
    expect(outcome.diagnostics?.filter(({ code }) => code === "limit-exceeded").map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringContaining("bomb.jar"), expect.stringContaining("outer.war")]),
    );
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });

  test("jars in jars without end", async () => {
    let jar = zipOf({ "META-INF/maven/a/b/pom.properties": "groupId=a\nartifactId=deepest\nversion=1\n" });
    for (let depth = 0; depth < 60; depth++) jar = zipOf({ "lib/inner.jar": jar });
    const outcome = scan(await imageWith("nested", { "app/deep.jar": jar }));

    expect(outcome.packages).toEqual(["honest"]);
    expect(outcome.diagnostics).toEqual([expect.objectContaining({ code: "limit-exceeded", layer: 0 })]);
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });

  test("a million empty files", async () => {
    const [header = Buffer.alloc(0)] = [await headerOf("d/0000000", 0)];
    const sumOfName = (name: string): number => Buffer.from(name).reduce((total, byte) => total + byte, 0);
    const base =
      header.reduce((total, byte) => total + byte, 0) - header.subarray(148, 156).reduce((a, b) => a + b, 0) + 256;
    const parts: Uint8Array[] = [gzipSync((await tarOf(honest)).subarray(0, -1024))];
    for (let from = 0; from < 1_000_000; from += 50_000) {
      const block = Buffer.alloc(50_000 * 512);
      for (let at = 0; at < 50_000; at++) {
        header.copy(block, at * 512);
        const name = `d/${String(from + at).padStart(7, "0")}`;
        block.write(name, at * 512, "latin1");
        const sum = base - sumOfName("d/0000000") + sumOfName(name);
        block.write(`${sum.toString(8).padStart(6, "0")}\0 `, at * 512 + 148, "latin1");
      }
      parts.push(gzipSync(block, { level: 1 }));
    }
    parts.push(gzipSync(new Uint8Array(1024)));
    const outcome = scan(layoutOf("million", parts));

    // The layer's bytes are not the promised ones, and that is all there is to say.
    expect(outcome.diagnostics).toEqual([expect.objectContaining({ code: "digest-mismatch", layer: 0 })]);
    expect(outcome.packages).toEqual(["honest"]);
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });

  test("a header that claims 8 EB, and a sparse file that does", async () => {
    const claim = await headerOf("usr/bin/huge", 0);
    claim.fill(0xff, 124, 136);
    claim[124] = 0x80;
    claim[125] = 0;
    claim.fill(0, 126, 128);
    claim.fill(0x7f, 128, 129);
    claim.fill(0x20, 148, 156);
    claim.write(
      `${claim
        .reduce((total, byte) => total + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
    const start = (await tarOf(honest)).subarray(0, -1024);
    const huge = scan(layoutOf("claim", [start, claim, new Uint8Array(4096)]));

    expect(huge.packages).toEqual(["honest"]);
    expect(huge.diagnostics).toEqual([expect.objectContaining({ code: "malformed-layer", layer: 0 })]);

    const records = [
      "GNU.sparse.size=9000000000000000",
      "GNU.sparse.numblocks=1",
      "GNU.sparse.map=0,4",
      "GNU.sparse.name=usr/bin/huge",
    ];
    const text = records.map((record) => `${record.length + 4} ${record}\n`).join("");
    const pax = await tarOf({ pax: text });
    pax.fill(0x78, 156, 157);
    const extended = Buffer.from(pax.subarray(0, 1024));
    extended.fill(0x20, 148, 156);
    extended.write(
      `${extended
        .subarray(0, 512)
        .reduce((total, byte) => total + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
    const file = (await tarOf({ "usr/bin/huge": { executable: "\u007fELF" } })).subarray(0, -1024);
    const sparse = scan(layoutOf("sparse", [start, extended, file, new Uint8Array(1024)]));

    expect(sparse.packages).toEqual(["honest"]);
    expect(sparse.diagnostics?.map(({ code }) => code)).toContain("limit-exceeded");
    expect(Math.max(huge.mebibytes, sparse.mebibytes)).toBeLessThan(maxMebibytes);
  });

  test("links in circles where the databases are", async () => {
    const outcome = scan(
      await imageWith("links", {
        "var/lib/rpm": { symlink: "../lib/rpm" },
        "lib/apk": { symlink: "db" },
        "lib/db": { symlink: "apk" },
        "etc/a/b": { symlink: "../a/b/c" },
        "usr/lib/os-release": { symlink: "../../etc/os-release/../os-release" },
        "opt/hard": { hardlink: "opt/link" },
        "opt/link": { hardlink: "opt/hard" },
      }),
    );

    expect(outcome.packages).toEqual(["honest"]);
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });

  test("a manifest that lists itself, in every form that can be written", async () => {
    const self = sha256("self");
    const layout = join(folder, "self");
    mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
    const listing = JSON.stringify({ manifests: [{ digest: self, size: 1 }] });
    writeFileSync(join(layout, "index.json"), listing);
    writeFileSync(join(layout, "blobs", "sha256", self.slice(7)), listing);
    const archive = join(folder, "self.tar");
    writeFileSync(archive, await tarOf({ "manifest.json": '[{"Config":"manifest.json","Layers":["manifest.json"]}]' }));

    expect(scan(layout).error?.kind).toBe("digest-mismatch");
    expect(scan(archive).error?.kind).toBe("unsupported-image");
  });

  test.each(["manifest.json", "index.json", "blob"])("200 MB of %s", async (name) => {
    const layout = join(folder, `big-${name}`);
    mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
    const files = await ociLayoutFiles({ layers: [honest] });
    for (const [path, bytes] of Object.entries(files)) writeFileSync(join(layout, path), bytes);
    const index = JSON.parse(Buffer.from(files["index.json"] ?? []).toString()) as { manifests: { digest: string }[] };
    const blob = `blobs/sha256/${index.manifests[0]?.digest.slice(7)}`;
    const file = openSync(join(layout, name === "blob" ? blob : name), "w");
    const spaces = Buffer.alloc(4 * 1024 * 1024, " ");
    for (let part = 0; part < 50; part++) writeSync(file, spaces);
    closeSync(file);

    const outcome = scan(layout);
    expect(outcome.error).toMatchObject({ kind: "limit-exceeded" });
    expect(outcome.mebibytes).toBeLessThan(maxMebibytes);
  });
});
