import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerArchive, zipOf } from "@plimsoll/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { runHere } from "./fixtures/run-here.ts";
import type { Ran } from "./fixtures/run-here.ts";

/** `--offline` guarantees that no network is used: here nothing may even try. */

let folder = "";
let cacheDir = "";
const tried: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-offline-"));
  cacheDir = join(folder, "cache");
  mkdirSync(join(folder, "osv", "npm"), { recursive: true });
  const affected = [{ package: { ecosystem: "npm", name: "lodash" }, versions: ["4.17.4"] }];
  const record = JSON.stringify({ id: "GHSA-1", modified: "2024-01-01T00:00:00Z", affected });
  writeFileSync(join(folder, "osv", "npm", "all.zip"), zipOf({ "GHSA-1.json": record }));
  const layers = [
    { "etc/os-release": "ID=alpine\nVERSION_ID=3.19.0\n", "lib/apk/db/installed": "P:musl\nV:1\nA:x86_64\n\n" },
    { "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}' },
  ];
  writeFileSync(join(folder, "app.tar"), await dockerArchive({ name: "app", layers }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  tried.length = 0;
  const refuse = (what: string): never => {
    tried.push(what);
    throw new Error("the network is used");
  };
  vi.stubGlobal("fetch", (input: unknown) => refuse(String(input)));
  // Sockets of files reach a local engine, which is no network.
  vi.spyOn(Socket.prototype, "connect").mockImplementation(function connect(this: Socket, ...args: unknown[]): Socket {
    const [target] = args.flat() as [{ readonly path?: string; readonly host?: string }?];
    if (target?.path === undefined) refuse(`socket to ${target?.host}`);
    queueMicrotask(() => this.destroy(new Error("there is no engine")));
    return this;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function run(...args: string[]): Promise<Ran> {
  return runHere(args);
}

const scan = (...flags: string[]): ReturnType<typeof run> =>
  run("image", "--input", join(folder, "app.tar"), "--offline", "--cache-dir", cacheDir, "--format", "json", ...flags);

test("with a database at hand a scan succeeds", async () => {
  const database = join(folder, "a.plimsoll");
  expect((await run("db", "build", "--from", join(folder, "osv"), "--output", database)).code).toBe(0);

  const named = await scan("--db", database);
  await run("db", "import", database, "--cache-dir", cacheDir);
  // Alpine's advisories are not in it: that is a gap, not a reason to fetch them.
  const usual = await scan();

  expect([named.code, usual.code]).toEqual([0, 0]);
  expect(usual.stdout).toContain("GHSA-1");
  expect(tried).toEqual([]);
});

test.each<readonly [string, readonly string[]]>([
  ["no database at all", ["--cache-dir", "none"]],
  ["a database in a registry", ["--db", "oci://registry.example/advisories:latest"]],
  ["a service", ["--db", "https://api.osv.dev"]],
  ["a Java database in a registry", ["--java-db", "oci://registry.example/java-db:1"]],
])("with %s it fails without trying", async (_, flags) => {
  const { code, stderr } = await scan(...flags);

  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*\n$/);
  expect(tried).toEqual([]);
});

test("an image that only a registry has is not asked for", async () => {
  const database = join(folder, "a.plimsoll");
  const { code, stderr } = await run("image", "registry.example/app:1", "--offline", "--db", database);

  expect(code).toBe(1);
  expect(stderr).toContain("forbidden by --offline");
  expect(tried).toEqual([]);
});

test.each<readonly [string, readonly string[]]>([
  ["an image", ["image", "--input", "no-such.tar"]],
  ["a base image", ["image", "--input", "APP", "--base-image", "./no-such.tar"]],
  ["a folder", ["rootfs", "no-such"]],
  ["an SBOM", ["sbom", "no-such"]],
])("%s that is missing is told before a database that is missing", async (_, args) => {
  const given = args.map((arg) => (arg === "APP" ? join(folder, "app.tar") : arg));
  const { code, stderr } = await run(...given, "--offline", "--cache-dir", "none");

  expect(code).toBe(1);
  expect(stderr).toContain("no-such");
});

test.each(["image", "rootfs", "fs", "sbom"])(
  "wrong usage of %s is told before a file that is missing",
  async (command) => {
    const { code, stderr } = await run(command, "./no-such", "--format", "no-format");

    expect(code).not.toBe(0);
    expect(stderr).toContain("no-format");
  },
);

test("the traps of this test catch", () => {
  expect(() => new Socket().connect(80, "mirror.example")).toThrow(/the network is used/);
  expect(() => fetch("https://mirror.example")).toThrow(/the network is used/);
  expect(tried).toHaveLength(2);
});
