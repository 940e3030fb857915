import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { registryRepository } from "@plimsoll/registry";
import { boltFile, loopbackRegistry, tarOf } from "@plimsoll/testkit";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildAdvisories } from "../build-advisories.ts";
import { openAdvisories } from "../open-advisories.ts";
import type { OpenedAdvisories } from "../open-advisories.ts";
import { pullAdvisories } from "./pull-advisories.ts";
import { pushAdvisories } from "./push-advisories.ts";

const registry = await loopbackRegistry();
afterAll(() => registry?.stop());

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-artifact-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Makes a store with one advisory. */
async function storeOf(id: string, texts = ""): Promise<string> {
  const record = join(folder, `${id}.json`);
  const affected = [{ package: { ecosystem: "npm", name: "x" }, versions: ["1"] }];
  writeFileSync(record, JSON.stringify({ id, modified: "2024-01-01T00:00:00Z", details: texts, affected }));
  const output = join(folder, `${id}.plimsoll`);
  await buildAdvisories({ from: [record], output });
  return output;
}

async function found(store: OpenedAdvisories, namespace = "npm", name = "x"): Promise<readonly string[]> {
  const [rows = []] = await store.find([{ namespace, name, version: "1" }]);
  await store.close?.();
  return rows.map((row) => row.advisory);
}

const trivy = boltFile({ "alpine 3.20": { musl: { "CVE-2024-0001": '{"FixedVersion":"1.2.5-r1"}' } } });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Puts a file into the registry as other tools do: one layer, a configuration of its own type. */
async function publish(reference: string, mediaType: string, content: Uint8Array): Promise<void> {
  const [, name = "", tag = ""] = /^(.+):(.+)$/.exec(reference) ?? [];
  const repository = registryRepository(registry?.host ?? "", name);
  const put = async (bytes: Uint8Array): Promise<{ readonly digest: string; readonly size: number }> => {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}` as const;
    await repository.putBlob(digest, { size: bytes.length, read: () => once(bytes) });
    return { digest, size: bytes.length };
  };
  const config = { mediaType: "application/vnd.aquasec.trivy.config.v1+json", ...(await put(Buffer.from("{}"))) };
  const type = "application/vnd.oci.image.manifest.v1+json";
  const manifest = { schemaVersion: 2, mediaType: type, config, layers: [{ mediaType, ...(await put(content)) }] };
  await repository.putManifest(tag, type, Buffer.from(JSON.stringify(manifest)));
}

describe.skipIf(registry === undefined)("a store in a registry", () => {
  const reference = (name: string): string => `${registry?.host}/${name}:latest`;

  test("is pushed, and pulled elsewhere as the very same file, once", async () => {
    const pushed = await storeOf("A-1");
    const output = join(folder, "elsewhere", "advisories.plimsoll");

    const digest = await pushAdvisories(pushed, reference("once"));

    expect(await pushAdvisories(pushed, reference("once"))).toBe(digest);
    expect(await pullAdvisories(reference("once"), { output })).toBe(true);
    expect(readFileSync(output)).toEqual(readFileSync(pushed));
    expect(await pullAdvisories(reference("once"), { output })).toBe(false);
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["advisories.plimsoll"]);
  });

  test("is used for scans without being put anywhere, and kept for the next one", async () => {
    await pushAdvisories(await storeOf("A-1"), reference("used"));
    const options = { cacheDir: join(folder, "cache") };
    const location = `oci://${reference("used")}`;

    await expect(openAdvisories(location, { ...options, offline: true })).rejects.toMatchObject({
      failure: { kind: "store-missing" },
    });
    expect(await found(await openAdvisories(location, options))).toEqual(["A-1"]);
    expect(await found(await openAdvisories(location, { ...options, offline: true }))).toEqual(["A-1"]);

    await pushAdvisories(await storeOf("A-2"), reference("used"));
    expect(await found(await openAdvisories(location, { ...options, offline: true }))).toEqual(["A-1"]);
    expect(await found(await openAdvisories(location, options))).toEqual(["A-2"]);
    expect(readdirSync(join(options.cacheDir, "databases"))).toHaveLength(1);
  });

  test("may be larger than a piece of an upload", async () => {
    const bytes = Buffer.alloc(20_000_001, 7).fill("end", 19_999_990);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}` as const;
    const repository = registryRepository(registry?.host ?? "", "large");
    const content = { size: bytes.length, read: (start: number, end: number) => once(bytes.subarray(start, end)) };

    await repository.putBlob(digest, content);

    const arrived: Uint8Array[] = [];
    for await (const chunk of repository.blob(digest, bytes.length)) arrived.push(chunk.slice());
    expect(Buffer.concat(arrived).equals(bytes)).toBe(true);
  });

  test("serves as it was when the registry is gone, and every report says so", async () => {
    await pushAdvisories(await storeOf("A-1"), reference("gone"));
    const location = `oci://${reference("gone")}`;
    const options = { cacheDir: join(folder, "cache"), registry: { retries: 0 } };
    await found(await openAdvisories(location, options));
    const dead: typeof fetch = () => Promise.reject(new Error("no route to host"));

    const store = await openAdvisories(location, { ...options, registry: { retries: 0, fetch: dead } });

    expect(store.diagnostics).toMatchObject([
      { code: "stale-advisories", effect: "incomplete", message: expect.stringContaining("no route to host") },
    ]);
    expect(await found(store)).toEqual(["A-1"]);
  });

  test("that is not there, or no database, is told", async () => {
    await publish(
      "image:latest",
      "application/vnd.oci.image.layer.v1.tar+gzip",
      gzipSync(await tarOf({ "etc/motd": "x" })),
    );
    const cacheDir = join(folder, "cache");

    await expect(openAdvisories(`oci://${reference("none")}`, { cacheDir })).rejects.toMatchObject({
      failure: { kind: "image-not-found" },
    });
    await expect(openAdvisories(`oci://${reference("image")}`, { cacheDir })).rejects.toMatchObject({
      failure: { kind: "store-unreadable", label: `oci://${reference("image")}` },
    });
    await expect(pullAdvisories(reference("image"), { output: join(folder, "c") })).rejects.toMatchObject({
      failure: { kind: "store-unreadable" },
    });
    expect(readdirSync(join(cacheDir, "databases"))).toEqual([]);
  });

  test("is not pushed when any part of it is damaged", async () => {
    const pushed = await storeOf("A-1");
    const damaged = readFileSync(pushed);
    damaged[20] = (damaged[20] ?? 0) ^ 1;
    writeFileSync(pushed, damaged);

    await expect(pushAdvisories(pushed, reference("damaged"))).rejects.toMatchObject({
      failure: { kind: "store-unreadable" },
    });
  });

  test.skipIf(trivy === undefined)("may be Trivy's, as Trivy publishes it", async () => {
    const archive = gzipSync(
      await tarOf({ "trivy.db": trivy ?? "", "metadata.json": '{"UpdatedAt":"2026-01-01T00:00:00Z"}' }),
    );
    await publish("trivy-db:2", "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip", archive);

    const store = await openAdvisories(`oci://${registry?.host}/trivy-db:2`, { cacheDir: join(folder, "cache") });

    expect(store.sources).toMatchObject([{ id: "trivy-db", updatedAt: "2026-01-01T00:00:00Z" }]);
    expect(await found(store, "Alpine:v3.20", "musl")).toEqual(["CVE-2024-0001"]);
  });
});

test("content that is not what its digest says is refused, and the last state is not passed off for it", async () => {
  const bytes = Buffer.from("another content");
  const digest = `sha256:${createHash("sha256").update("content").digest("hex")}`;
  const layers = [{ mediaType: "application/vnd.plimsoll.advisories.store.v1", digest, size: bytes.length }];
  const config = { mediaType: "x", digest, size: 2 };
  const server = createServer((request, response) => {
    response.end(
      request.url?.includes("/manifests/") === true ? JSON.stringify({ schemaVersion: 2, config, layers }) : bytes,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  await expect(openAdvisories(`oci://${host}/x:1`, { cacheDir: join(folder, "cache") })).rejects.toMatchObject({
    failure: { kind: "digest-mismatch", expected: digest },
  });
  server.close();
});

test("under a digest nothing but what it names is taken, be it another or an older database", async () => {
  const replayed = JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: "x", digest: `sha256:${"0".repeat(64)}`, size: 2 },
    layers: [],
  });
  const server = createServer((_, response) => response.end(replayed));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pin = `sha256:${createHash("sha256").update("what was wanted").digest("hex")}`;

  for (const reference of [`oci://${host}/x@${pin}`, `oci://${host}/x:latest@${pin}`])
    await expect(openAdvisories(reference, { cacheDir: join(folder, "cache") })).rejects.toMatchObject({
      failure: { kind: "digest-mismatch", expected: pin },
    });
  server.close();
});
