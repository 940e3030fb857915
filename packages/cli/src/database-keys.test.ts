import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servedRegistry } from "@plimsoll/testkit";
import type { ServedRegistry } from "@plimsoll/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHere } from "./fixtures/run-here.ts";

let folder = "";
let served: ServedRegistry;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-database-keys-"));
  served = await servedRegistry();
  const affected = [{ package: { ecosystem: "npm", name: "x" }, versions: ["1"] }];
  writeFileSync(at("A-1.json"), JSON.stringify({ id: "A-1", modified: "2025-12-31T00:00:00Z", affected }));
  const component = { type: "library", name: "x", version: "1", purl: "pkg:npm/x@1" };
  writeFileSync(
    at("bom.json"),
    JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components: [component] }),
  );
  for (const name of ["ada", "eve"]) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(at(`${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(at(`${name}.key`), privateKey.export({ type: "pkcs8", format: "pem" }));
  }
});
afterAll(async () => {
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
});

const scan = (...more: readonly string[]): readonly string[] => ["sbom", at("bom.json"), "--format", "json", ...more];

test("a database that was pushed and signed is used by who names the key, and by nobody who names another", async () => {
  const latest = `${served.host}/advisories:latest`;
  await runHere(["db", "build", "--from", at("A-1.json"), "--output", at("made.plimsoll"), "--quiet"]);
  const pushed = await runHere(["db", "push", latest, "--db", at("made.plimsoll")]);
  expect(pushed).toMatchObject({ code: 0, stderr: "" });
  const image = `${served.host}/advisories@${pushed.stdout.trim()}`;
  const cacheDir = ["--cache-dir", at("cache")];
  const named = ["--db", `oci://${latest}`, ...cacheDir];

  const unsigned = await runHere(scan(...named, "--db-key", at("ada.pub")));
  expect(unsigned).toMatchObject({ code: 1, stdout: "" });
  expect(unsigned.stderr).toContain("none of the 1 keys signed it");

  expect(await runHere(["attest", "sign", image, "--key", at("ada.key")])).toMatchObject({ code: 0 });
  const signed = await runHere(scan(...named, "--db-key", at("ada.pub")));
  expect(signed.stdout).toContain('"A-1"');
  expect(await runHere(scan(...named, "--db-key", at("eve.pub")))).toMatchObject({ code: 1, stdout: "" });

  const env = { PLIMSOLL_DB_KEY: at("ada.pub"), PLIMSOLL_CACHE_DIR: at("cache") };
  expect(await runHere(["db", "pull", latest], { env })).toMatchObject({ code: 0 });
  expect((await runHere(scan(), { env })).stdout).toContain('"A-1"');
  expect(await runHere(["db", "info"], { env })).toMatchObject({ code: 0 });
  expect(await runHere(scan("--db", at("made.plimsoll")), { env })).toMatchObject({ code: 1, stdout: "" });
  const report = at("report.json");
  await runHere(scan("--output", report), { env });
  const others = { ...env, PLIMSOLL_DB_KEY: at("eve.pub") };
  expect(await runHere(["explain", report, "A-1"], { env: others })).toMatchObject({ code: 1, stdout: "" });
  expect(await runHere(["explain", report, "A-1"], { env })).toMatchObject({ code: 0 });
});

test("a key that nothing is verified with is an error, not a silent promise", async () => {
  const key = ["--db-key", at("ada.pub")];

  const update = await runHere(["db", "update", ...key]);
  expect(update.code).toBe(2);
  expect(update.stderr).toContain("plimsoll db pull takes one that is");
  const server = await runHere(scan("--server", "http://127.0.0.1:1", ...key));
  expect(server.code).toBe(2);
  expect(server.stderr).toContain("--db-key cannot be used with --server");
  expect(await runHere(scan("--db-key", at("none.pub"), "--cache-dir", at("empty")))).toMatchObject({ code: 1 });
});
