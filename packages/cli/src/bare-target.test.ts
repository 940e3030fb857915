import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withCommand } from "./bare-target.ts";
import { runHere } from "./fixtures/run-here.ts";
import type { Ran } from "./fixtures/run-here.ts";

let folder = "";
const program = new Command("plimsoll").option("--config <file>");
for (const name of ["image", "fs", "rootfs", "sbom", "config", "convert"]) program.command(name);

const lodash = '{"name":"lodash","version":"4.17.4"}';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-target-"));
  put(
    "project/package-lock.json",
    JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/lodash": { version: "4.17.4" } } }),
  );
  put("root/etc/os-release", "ID=alpine\nVERSION_ID=3.19.0\n");
  put("root/usr/bin/x", "");
  put("root/bin/x", "");
  put("layout/oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  put("bom.json", '{ "bomFormat": "CycloneDX", "specVersion": "1.5", "components": [] }');
  put("bom.xml", '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>');
  put("bom.spdx", "SPDXVersion: SPDX-2.3\n");
  put("Dockerfile", "FROM alpine\n");
  put("report.json", `${JSON.stringify({ schemaVersion: 2, tool: { name: "plimsoll" } }, null, 2)}\n`);
  put("app.tar", await dockerArchive({ name: "app", layers: [{ "srv/node_modules/lodash/package.json": lodash }] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

describe("a bare target", () => {
  test.each([
    ["project", "fs"],
    ["root", "rootfs"],
    ["layout", "image"],
    ["bom.json", "sbom"],
    ["bom.xml", "sbom"],
    ["bom.spdx", "sbom"],
    ["Dockerfile", "config"],
    ["report.json", "convert"],
    ["app.tar", "image"],
  ])("at %s is for %s", (path, command) => {
    expect(withCommand([join(folder, path)], program)).toEqual([command, join(folder, path)]);
  });

  test.each([
    [["nginx:1.27"], ["image", "nginx:1.27"]],
    [["ghcr.io/team/app"], ["image", "ghcr.io/team/app"]],
    [["dir:3.2"], ["image", "dir:3.2"]],
    [["-"], ["image", "-"]],
    [["./not-there.tar"], ["image", "./not-there.tar"]],
    [["registry:alpine"], ["image", "registry:alpine"]],
    [["oci-registry:alpine:3"], ["image", "registry:alpine:3"]],
    [["sbom:./bom.json"], ["sbom", "./bom.json"]],
    [["dir:."], ["fs", "."]],
    [
      ["-s", "HIGH", "nginx:1.27", "--exit-code", "1"],
      ["image", "-s", "HIGH", "nginx:1.27", "--exit-code", "1"],
    ],
    [
      ["--config", "nginx:1", "nginx:1"],
      ["image", "--config", "nginx:1", "nginx:1"],
    ],
    [
      ["--platform=linux/arm64", "nginx:1"],
      ["image", "--platform=linux/arm64", "nginx:1"],
    ],
  ])("%j is %j", (args, expected) => {
    expect(withCommand(args, program)).toEqual(expected);
  });

  test.each([[["image", "nginx:1"]], [["imgae", "x"]], [["nginx"]], [[]], [["--version"]], [["--severity", "HIGH"]]])(
    "%j is left as it is",
    (args) => {
      expect(withCommand(args, program)).toEqual(args);
    },
  );
});

function run(...args: readonly string[]): Promise<Ran> {
  return runHere(args, { env: { PLIMSOLL_CACHE_DIR: join(folder, "cache") } });
}

test.each([["app.tar"], ["project"]])("%s is scanned without a command", async (path) => {
  const { code, stdout } = await run(join(folder, path), "--format", "cyclonedx");

  expect(code).toBe(0);
  expect(stdout).toContain("pkg:npm/lodash@4.17.4");
});
