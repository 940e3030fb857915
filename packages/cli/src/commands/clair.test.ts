import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
    expect((await run("report", "--out", "html", "x")).code).toBe(2);
    expect((await run("report", "--out", "constructor", "x")).code).toBe(2);
  });

  test("report writes a test suite for each image, and errors into it where it goes on", async () => {
    const [missing, old] = ["none", "old"].map((tag) => `${registry.host}/team/app:${tag}`);
    const asked = ["report", "--host", url, "--jwt-key", join(folder, "key"), "-o", "xml", "-k"];

    const { code, stdout } = await run(...asked, old ?? "", missing ?? "");
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^<\?xml .+\n<testsuites>\n {2}<testsuite name="\S+:old" tests="1" errors="0" failures="1">\n {4}<properties>\n {6}<property name="manifest" value="sha256:[0-9a-f]{64}"\/>\n/,
    );
    expect(stdout).toContain(
      '<testcase name="musl 1.2.5-r0">\n      <failure>Found the following vulnerabilities:\n\tCVE-2024-0001</failure>',
    );
    expect(stdout).toMatch(/<testsuite name="\S+:none" tests="1" errors="1" failures="0">\n.+\n +<error>.+<\/error>/);
  });

  test("report uploads novel images alone where it is told to", async () => {
    const asked: string[] = [];
    const known = new Set<string>();
    const clair = createServer((request, response) => {
      const digest = /sha256:[0-9a-f]{64}$/.exec(request.url ?? "")?.[0] ?? "";
      asked.push(`${request.method} ${(request.url ?? "").replace(digest, "")}`);
      if (request.url?.startsWith("/matcher/") === true) response.end("{}");
      else if (request.method === "POST") response.writeHead(201).end('{"success":true}');
      else response.writeHead(known.has(digest) ? 200 : 404).end('{"success":true}');
      if (digest !== "") known.add(digest);
    });
    await new Promise<void>((resolve) => clair.listen(0, "127.0.0.1", resolve));
    const host = `http://127.0.0.1:${(clair.address() as AddressInfo).port}`; // as: it listens on a port
    const image = `${registry.host}/team/app:old`;
    const [look, upload] = ["GET /indexer/api/v1/index_report/", "POST /indexer/api/v1/index_report"];
    const report = "GET /matcher/api/v1/vulnerability_report/";
    try {
      for (let turn = 0; turn < 2; turn++)
        expect((await run("report", "--host", host, "--novel", image)).stdout).toBe(`${image} ok\n`);
      await run("report", "--host", host, image);
    } finally {
      clair.close();
    }

    expect(asked).toEqual([look, upload, report, look, report, upload, report]);
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

  test("import-updaters takes what clairctl exported, says what of it is lost, and refuses what states nothing", async () => {
    const { openAdvisories } = await import("@plimsoll/node");
    const [exported, target] = [join(folder, "clair.gz"), join(folder, "of-clair.db")];
    const stated = (did: string, kind: string): string => {
      const Vuln = {
        name: "CVE-2024-0005",
        normalized_severity: "High",
        fixed_in_version: "2.0-1",
        package: { name: "bash", kind },
        distribution: { did, version_id: did === "debian" ? "12" : "24.04" },
      };
      return `${JSON.stringify({ Updater: `${did}/updater`, Kind: "vulnerability", Ref: did, Vuln })}\n`;
    };
    writeFileSync(exported, gzipSync(stated("debian", "source") + stated("ubuntu", "binary")));

    const imported = await run("import-updaters", exported, "--db", target);

    expect(imported).toEqual({
      code: 0,
      stdout: "",
      stderr:
        "warning: Clair's updater ubuntu/updater: packages of ubuntu are looked up by their source names, and it names others (left out: 1)\n",
    });
    const store = await openAdvisories(target);
    expect(await store.find([{ namespace: "Debian:12", name: "bash", version: "1.0-1" }])).toMatchObject([
      [{ advisory: "CVE-2024-0005", ranges: [{ introduced: "0", end: { kind: "fixed", version: "2.0-1" } }] }],
    ]);
    await store.close?.();
    const before = readFileSync(target);
    writeFileSync(exported, "{}\n");
    const refused = await run("import-updaters", exported, "--db", target);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("nothing in it can be used")]);
    expect(readFileSync(target).equals(before)).toBe(true);
  });
});
