import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { manifestMediaType, registryRepository } from "@plimsoll/registry";
import { serve } from "@plimsoll/server";
import { layerTar, memoryBytes, servedRegistry, sha256 } from "@plimsoll/testkit";
import type { ServedRegistry } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { muslAdvisories } from "../fixtures/musl-advisories.ts";
import { runCli } from "../run-cli.ts";

const key = Buffer.from("a key that both sides share");
const advisories = muslAdvisories();

describe("what clairctl does", () => {
  const stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-clair-"));
  let registry: ServedRegistry;
  let url = "";
  let serving: Promise<void>;

  beforeAll(async () => {
    registry = await servedRegistry();
    await push("old", "1.2.5-r0");
    await push("new", "1.2.5-r1");
    writeFileSync(join(folder, "key"), key.toString("base64"));
    await new Promise<void>((resolve, reject) => {
      serving = serve({
        listen: "127.0.0.1:0",
        database: "memory:",
        advisories,
        allowLayerHosts: ["127.0.0.1"],
        authentication: { psk: { key, issuers: ["clairctl"] } },
        signal: stop.signal,
        onListening: (at) => {
          url = at;
          resolve();
        },
      });
      serving.catch(reject);
    });
  });

  afterAll(async () => {
    stop.abort();
    await serving;
    registry.stop();
    rmSync(folder, { recursive: true });
  });

  async function push(tag: string, musl: string): Promise<void> {
    const repository = registryRepository(registry.host, "team/app");
    const files = {
      "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n",
      "lib/apk/db/installed": `P:musl\nV:${musl}\nA:x86_64\no:musl\n\n`,
    };
    const layer = await layerTar(files, { gzip: true });
    const config = Buffer.from(
      JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [layer.diffId] } }),
    );
    for (const bytes of [layer.bytes, config]) await repository.putBlob(sha256(bytes), memoryBytes(bytes));
    const described = (mediaType: string, bytes: Uint8Array): object => ({
      mediaType,
      digest: sha256(bytes),
      size: bytes.length,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestMediaType,
      config: described("application/vnd.oci.image.config.v1+json", config),
      layers: [described("application/vnd.oci.image.layer.v1.tar+gzip", layer.bytes)],
    };
    await repository.putManifest(tag, manifestMediaType, Buffer.from(JSON.stringify(manifest)));
  }

  async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const written = { stdout: "", stderr: "" };
    const code = await runCli(["clair", ...args], {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
      env: { PLIMSOLL_CACHE_DIR: folder },
      signal: new AbortController().signal,
      now: () => new Date().toISOString(),
    });
    return { code, ...written };
  }

  test("manifest tells where the layers of an image are", async () => {
    const { code, stdout, stderr } = await run("manifest", `${registry.host}/team/app:old`);

    expect([code, stderr]).toEqual([0, ""]);
    const { hash, layers } = JSON.parse(stdout) as { hash: string; layers: { hash: string; uri: string }[] };
    expect(hash).toMatch(/^sha256:[a-f0-9]{64}$/);
    expect(layers).toEqual([
      {
        hash: expect.stringMatching(/^sha256:/) as unknown,
        uri: `http://${registry.host}/v2/team/app/blobs/${layers[0]?.hash ?? ""}`,
        headers: {},
      },
    ]);
  });

  test("report has images indexed and says what is wrong with them", async () => {
    const asked = ["report", "--host", url, "--jwt-key", join(folder, "key")];
    const [old, fresh] = ["old", "new"].map((tag) => `${registry.host}/team/app:${tag}`);

    const told = await run(...asked, old ?? "", fresh ?? "");
    expect(told).toEqual({
      code: 0,
      stdout: `${old} found musl 1.2.5-r0 CVE-2024-0001 (fixed: 1.2.5-r1)\n${fresh} ok\n`,
      stderr: "",
    });
    const json = await run(...asked, "--out", "json", old ?? "");
    expect(JSON.parse(json.stdout)).toMatchObject({ package_vulnerabilities: expect.any(Object) as unknown });
  });

  test("report goes on where it is told to, and fails all the same", async () => {
    const [missing, fresh] = ["none", "new"].map((tag) => `${registry.host}/team/app:${tag}`);
    const asked = ["report", "--host", url, "--jwt-key", join(folder, "key")];

    const strict = await run(...asked, missing ?? "", fresh ?? "");
    expect([strict.code, strict.stdout]).toEqual([1, ""]);
    const lenient = await run(...asked, "--keep-going", missing ?? "", fresh ?? "");
    expect([lenient.code, lenient.stdout]).toEqual([1, `${fresh} ok\n`]);
    const stranger = await run("report", "--host", url, fresh ?? "");
    expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining("401")]);
    expect((await run("report", "--host", "nowhere", "x")).code).toBe(2);
    expect((await run("report", "--out", "xml", "x")).code).toBe(2);
  });

  test("export-updaters and import-updaters carry the advisories to another machine, and refuse what is damaged", async () => {
    const feed = join(folder, "osv", "Alpine");
    const { buildAdvisories, openAdvisories, defaultStorePath } = await import("@plimsoll/node");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(feed, { recursive: true });
    const record = { id: "ALPINE-CVE-2024-1", modified: "2024-01-01T00:00:00Z", affected: [] };
    writeFileSync(join(feed, "ALPINE-CVE-2024-1.json"), JSON.stringify(record));
    const built = await buildAdvisories({ from: [join(folder, "osv")], output: defaultStorePath(folder) });
    const [packed, target] = [join(folder, "updates.gz"), join(folder, "inside.db")];

    const exported = await run("export-updaters", "--offline", "--gzip", packed, "--cache-dir", folder);
    expect(exported).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(packed).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect((await run("import-updaters", packed, "--db", target)).code).toBe(0);

    const store = await openAdvisories(target);
    expect(store.revision).toBe(built.revision);
    await store.close?.();
    const before = readFileSync(target);
    writeFileSync(packed, readFileSync(packed).subarray(0, -20));
    expect((await run("import-updaters", packed, "--db", target)).code).toBe(1);
    writeFileSync(packed, gzipSync("no database"));
    expect((await run("import-updaters", packed, "--db", target)).code).toBe(1);
    expect((await run("import-updaters", join(folder, "none"), "--db", target)).code).toBe(1);
    expect((await run("import-updaters", "http://127.0.0.1:1/x", "--db", target)).code).toBe(1);
    expect(readFileSync(target).equals(before)).toBe(true);
    expect(existsSync(`${target}.tmp`)).toBe(false);
  });
});
