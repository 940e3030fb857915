import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dockerArchive, ociLayoutFiles, tarOf, zipOf } from "@plimsoll/testkit";
import type { LiteralImage } from "@plimsoll/testkit";
import type { Report, ReportDiff } from "@plimsoll/model";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli } from "./run-cli.ts";

let folder = "";
let database = "";
let environment: Record<string, string> = {};
/** Some days after the newest of the advisories. */
let clock = "2020-01-05T00:00:00Z";

const installed = "P:musl\nV:1.1.22-r2\nA:x86_64\no:musl\nL:MIT\n\nP:zlib\nV:1.2.11-r1\nA:x86_64\no:zlib\n\n";
const alpine: LiteralImage = {
  name: "shop",
  layers: [
    {
      "etc/os-release": 'ID=alpine\nVERSION_ID=3.10.1\nPRETTY_NAME="Alpine Linux v3.10"\n',
      "lib/apk/db/installed": installed,
    },
    { "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}' },
  ],
  createdBy: ["ADD rootfs", "RUN npm install"],
};

const advisories: Readonly<Record<string, unknown>> = {
  "Alpine/ALPINE-CVE-2019-14697.json": {
    id: "ALPINE-CVE-2019-14697",
    modified: "2020-01-01T00:00:00Z",
    upstream: ["CVE-2019-14697"],
    affected: [
      {
        package: { ecosystem: "Alpine:v3.10", name: "musl" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.1.22-r3" }] }],
      },
    ],
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
  },
  "npm/GHSA-jf85-cpcp-j695.json": {
    id: "GHSA-jf85-cpcp-j695",
    modified: "2020-01-01T00:00:00Z",
    aliases: ["CVE-2019-10744"],
    affected: [
      {
        package: { ecosystem: "npm", name: "lodash" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.12" }] }],
      },
    ],
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H" }],
  },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-cli-"));
  for (const [path, record] of Object.entries(advisories)) put(`osv/${path}`, JSON.stringify(record));
  put("shop.tar", await dockerArchive(alpine));
  database = join(folder, "advisories.plimsoll");
  expect((await run("db", "build", "--from", join(folder, "osv"), "--output", database)).code).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  const code = await runCli(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: environment,
    signal: new AbortController().signal,
    now: () => clock,
  });
  return { code, stdout, stderr };
}

function scan(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return run("image", "--db", database, "--no-cache", "--offline", ...args);
}

async function scanJson(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await scan("--format", "json", ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Report;
}

describe("plimsoll image", () => {
  test("finds what is vulnerable, with layer, fix and explanation", async () => {
    const report = await scanJson(join(folder, "shop.tar"));

    expect(report.vulnerabilities).toMatchObject([
      {
        id: "CVE-2019-10744",
        aliases: ["GHSA-jf85-cpcp-j695"],
        severity: "CRITICAL",
        fixedVersion: "4.17.12",
        package: { name: "lodash" },
        layer: { index: 1, createdBy: "RUN npm install" },
      },
      {
        id: "CVE-2019-14697",
        aliases: ["ALPINE-CVE-2019-14697"],
        severity: "CRITICAL",
        fixedVersion: "1.1.22-r3",
        status: "fixed",
        package: { name: "musl", version: "1.1.22-r2" },
        layer: { index: 0, createdBy: "ADD rootfs" },
        explanation: { key: { namespace: "Alpine:v3.10", name: "musl" }, advisory: "ALPINE-CVE-2019-14697" },
      },
    ]);
    expect(report.coverage).toEqual({
      verdict: "complete",
      scanners: { secret: "complete", vuln: "complete" },
      gaps: [],
    });
    expect(report.artifact.distro).toMatchObject({ id: "alpine", versionId: "3.10.1", endOfLife: "2021-05-01" });
  });

  test("tells what came with the base image from what the own layers brought", async () => {
    const base = { ...alpine, name: "base", layers: alpine.layers.slice(0, 1) };
    const baseFile = put("base.tar", await dockerArchive(base));
    const report = await scanJson(join(folder, "shop.tar"), "--base-image", baseFile);
    const strange = await scan("--base-image", join(folder, "shop.tar"), baseFile);

    expect(report.artifact.layers.map((layer) => layer.base)).toEqual([true, false]);
    expect(strange.stderr).toContain("does not begin with the layers of");
  });

  test("takes the short options that Trivy has", async () => {
    const output = join(folder, "short.json");
    const { code } = await scan(join(folder, "shop.tar"), "-f", "json", "-s", "critical", "-q", "-o", output);

    expect(code).toBe(0);
    expect((JSON.parse(readFileSync(output, "utf8")) as Report).vulnerabilities?.length).toBeGreaterThan(0);
  });

  test("prints a table that names package, id and fix", async () => {
    const { code, stdout } = await scan(join(folder, "shop.tar"));

    expect(code).toBe(0);
    expect(stdout).toMatch(/musl.*CVE-2019-14697.*CRITICAL/);
    expect(stdout).toContain("4.17.12");
  });

  test("gives the same bytes twice", async () => {
    const [first, second] = [
      await scan("--format", "json", join(folder, "shop.tar")),
      await scan("--format", "json", join(folder, "shop.tar")),
    ];

    expect(second.stdout).toBe(first.stdout);
  });

  test("filters by severity and package type, and keeps what it took out", async () => {
    const none = await scanJson(join(folder, "shop.tar"), "--severity", "LOW");
    const library = await scanJson(join(folder, "shop.tar"), "--pkg-types", "library");
    const elsewhere = await scanJson(join(folder, "shop.tar"), "--ignore-paths", "srv/**", "--show-suppressed");

    expect(none.vulnerabilities).toEqual([]);
    expect(none.suppressed).toHaveLength(2);
    expect(library.vulnerabilities?.map((finding) => finding.package.name)).toEqual(["lodash"]);
    expect(elsewhere.vulnerabilities?.map((finding) => finding.package.name)).toEqual(["musl"]);
    expect(elsewhere.suppressed).toMatchObject([{ by: "ignore-paths", reason: "It was found only under srv/**" }]);
  });

  test("exits with --exit-code only when findings are left", async () => {
    expect((await scan(join(folder, "shop.tar"), "--exit-code", "7")).code).toBe(7);
    expect((await scan(join(folder, "shop.tar"), "--exit-code", "7", "--severity", "LOW")).code).toBe(0);
    // It is supported until 2021-05-01, that day included.
    for (const [now, code] of [
      ["2020-01-05T00:00:00Z", 0],
      ["2021-05-01T23:59:59Z", 0],
      ["2021-05-02T00:00:00Z", 9],
    ] as const) {
      clock = now;
      expect((await scan(join(folder, "shop.tar"), "--exit-on-eol", "9")).code).toBe(code);
    }
    clock = "2020-01-05T00:00:00Z";
  });

  test("writes the report to a file, whole", async () => {
    const output = join(folder, "sbom.json");
    const { code, stdout } = await scan(join(folder, "shop.tar"), "--format", "cyclonedx", "--output", output);

    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(JSON.parse(readFileSync(output, "utf8"))).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  });

  test("chooses the platform of a multi-platform layout", async () => {
    const amd = await ociLayoutFiles(alpine, { gzip: true });
    const arm = await ociLayoutFiles(
      { layers: [{ "etc/os-release": "ID=alpine\nVERSION_ID=3.18.0\n", "lib/apk/db/installed": installed }] },
      { architecture: "arm64" },
    );
    const manifests = [amd, arm].flatMap(
      (files) => (JSON.parse(new TextDecoder().decode(files["index.json"])) as { manifests: unknown[] }).manifests,
    );
    for (const [path, bytes] of Object.entries({ ...amd, ...arm })) put(`layout/${path}`, bytes);
    put("layout/index.json", JSON.stringify({ schemaVersion: 2, manifests }));

    expect((await scanJson(`oci-dir:${join(folder, "layout")}`, "--platform", "linux/amd64")).artifact).toMatchObject({
      platform: "linux/amd64",
      distro: { versionId: "3.10.1" },
    });
    expect((await scanJson("--input", join(folder, "layout"), "--platform", "linux/arm64")).artifact).toMatchObject({
      platform: "linux/arm64",
      distro: { versionId: "3.18.0" },
    });
    const { code, stderr } = await scan(join(folder, "layout"), "--platform", "linux/s390x");
    expect(code).toBe(1);
    expect(stderr).toContain("linux/amd64, linux/arm64");
  });
});

describe("what cannot be scanned", () => {
  test.each([
    ["a missing file", () => "missing.tar", /No image at .*missing\.tar/],
    ["a text file named .tar", () => put("text.tar", "hello, this is no archive\n".repeat(100)), /text\.tar/],
    ["an empty file", () => put("empty.tar", ""), /empty\.tar/],
    [
      "an archive that ends early",
      async () => put("short.tar", (await dockerArchive(alpine)).subarray(0, 3_000)),
      /short\.tar|ends early/,
    ],
    ["a directory that is no layout", () => put("plain/readme.txt", "x").replace(/\/readme\.txt$/, ""), /plain/],
  ])("%s fails with one line and code 1", async (_, make, message) => {
    const { code, stdout, stderr } = await scan(await make());

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    [["rootfs", "nowhere"], "error: Cannot read nowhere: there is no such directory\n"],
    [["config", "nowhere"], "error: Cannot read nowhere: there is no such file\n"],
    [["audit", "nowhere"], "error: Cannot read nowhere: there is no such file or directory\n"],
  ])("%j is told of no images", async (args, expected) => {
    expect(await run(...args)).toEqual({ code: 1, stdout: "", stderr: expected });
  });

  test("a file is no directory, and an archive has a command of its own", async () => {
    const { code, stderr } = await run("fs", put("a-file.tar", ""));

    expect(code).toBe(1);
    expect(stderr).toMatch(/a-file\.tar: it is a file; `plimsoll image FILE` scans the archive of an image/);
  });

  test("an image without layers is empty, not an error", async () => {
    const report = await scanJson(put("none.tar", await dockerArchive({ name: "none", layers: [] })));

    expect(report.packages).toEqual([]);
    expect(report.vulnerabilities).toEqual([]);
  });

  test("an unknown distribution is a gap, not a clean result", async () => {
    const image = { layers: [{ "etc/os-release": "ID=hullos\nVERSION_ID=1\n", "lib/apk/db/installed": installed }] };
    const { code, stdout } = await scan("--format", "json", put("hullos.tar", await dockerArchive(image)));
    const report = JSON.parse(stdout) as Report;

    expect(code).toBe(0);
    expect(report.packages).toHaveLength(2);
    expect(report.coverage.verdict).not.toBe("complete");
    expect(report.coverage.gaps.map((gap) => gap.message).join()).toContain("hullos");
  });

  test("a damaged layer loses its rest alone, and the result says so", async () => {
    const archive = await dockerArchive(alpine, { gzip: true });
    const blobs = [...archive.keys()].filter(
      (at) => at % 512 === 0 && archive[at] === 0x1f && archive[at + 1] === 0x8b,
    );
    archive.fill(0x55, (blobs[1] ?? 0) + 20, (blobs[1] ?? 0) + 60);
    const { code, stdout, stderr } = await scan("--format", "json", put("damaged.tar", archive));
    const report = JSON.parse(stdout) as Report;

    expect(code).toBe(0);
    expect(report.vulnerabilities?.length).toBe(1);
    expect(report.coverage.verdict).toBe("partial");
    expect(report.coverage.gaps).toMatchObject([{ code: "malformed-layer" }]);
    expect(stderr).toMatch(/^warning: .*layer [01]/m);
  });

  test("a missing database says what to do", async () => {
    const { code, stderr } = await run(
      "image",
      "--offline",
      "--db",
      join(folder, "nowhere.plimsoll"),
      join(folder, "shop.tar"),
    );

    expect(code).toBe(1);
    expect(stderr).toContain("plimsoll db build");
  });

  test("without database and network one line says what, why and what helps, before the image is read", async () => {
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND storage.example"), { code: "ENOTFOUND" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    try {
      const empty = join(folder, "empty-cache");
      const { code, stderr } = await run("image", put("no-image.tar", "nothing"), "--cache-dir", empty);

      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: No advisory database at .*ENOTFOUND.*`plimsoll db import FILE`.*\n$/);
      expect(stderr.length - empty.length).toBeLessThan(300);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("a damaged database is refused", async () => {
    const bytes = readFileSync(database);
    const { code, stderr } = await run(
      "image",
      "--offline",
      "--db",
      put("damaged.plimsoll", bytes.subarray(0, bytes.length - 20)),
      join(folder, "shop.tar"),
    );

    expect(code).toBe(1);
    expect(stderr).toContain("damaged.plimsoll");
  });
});

describe("wrong usage is code 2", () => {
  test.each([
    ["an unknown command", ["scan"]],
    ["an unknown option", ["image", "x.tar", "--sverity", "HIGH"]],
    ["an unknown severity", ["image", "x.tar", "--severity", "URGENT"]],
    ["an unknown format", ["image", "x.tar", "--format", "yaml"]],
    ["no image", ["image"]],
    ["two images", ["image", "x.tar", "--input", "y.tar"]],
    ["an unreadable duration", ["image", "x.tar", "--timeout", "soon"]],
    ["db build without a source", ["db", "build"]],
    ["a folder in the place of a mirror's address", ["db", "update", "--mirror", "/srv/osv"]],
  ])("%s", async (_, args) => {
    const { code, stdout, stderr } = await run(...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/error: /);
  });

  test("help and version are no errors", async () => {
    expect(await run("--version")).toMatchObject({ code: 0, stdout: "0.1.0\n" });
    expect((await run("image", "--help")).stdout).toContain("Examples:");
  });
});

describe("plimsoll rootfs, fs and db info", () => {
  test("an unpacked root file system and a source tree are scanned", async () => {
    put("root/etc/os-release", "ID=alpine\nVERSION_ID=3.10.1\n");
    put("root/lib/apk/db/installed", installed);
    put(
      "tree/package-lock.json",
      JSON.stringify({ lockfileVersion: 3, packages: { "": {}, "node_modules/lodash": { version: "4.17.4" } } }),
    );

    const rootfs = await run("rootfs", join(folder, "root"), "--db", database, "--format", "json");
    const tree = await run("fs", join(folder, "tree"), "--db", database, "--format", "json");

    expect(JSON.parse(rootfs.stdout)).toMatchObject({
      artifact: { kind: "rootfs" },
      vulnerabilities: [{ id: "CVE-2019-14697" }],
    });
    expect(JSON.parse(tree.stdout)).toMatchObject({
      artifact: { kind: "filesystem" },
      vulnerabilities: [{ id: "CVE-2019-10744" }],
    });
  });

  test("db info tells what is in a database", async () => {
    const table = await run("db", "info", "--db", database);
    const json = await run("db", "info", "--db", database, "--format", "json");

    expect(table.stdout).toMatch(/osv\/Alpine\s+1/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      sources: [
        { id: "osv/Alpine", records: 1 },
        { id: "osv/npm", records: 1 },
      ],
    });
  });
});

describe("plimsoll explain", () => {
  test("says why a finding is there, and why another is not", async () => {
    await scan("--format", "json", "--output", join(folder, "explained.json"), join(folder, "shop.tar"));
    const there = await run("explain", join(folder, "explained.json"), "CVE-2019-14697", "--db", database);
    const notThere = await run("explain", join(folder, "explained.json"), "CVE-2020-1", "--db", database);
    const json = await run("explain", join(folder, "explained.json"), "CVE-2019-10744", "--format", "json");

    expect(there.stdout).toContain("CVE-2019-14697 is in 1 package of");
    expect(there.stdout).toContain("Looked up as musl 1.1.22-r2 in Alpine:v3.10");
    expect(notThere.stdout).toContain("holds no advisory that goes by CVE-2020-1");
    expect(JSON.parse(json.stdout)).toMatchObject({ id: "CVE-2019-10744", verdict: "found" });
    expect([there.code, notThere.code, json.code]).toEqual([0, 0, 0]);
  });

  test("a file that is no report is refused in one line", async () => {
    const { code, stderr } = await run("explain", put("no-report.json", "{}"), "CVE-1");

    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]*no-report\.json[^\n]*\n$/);
  });
});

describe("plimsoll diff", () => {
  const upgraded: LiteralImage = {
    ...alpine,
    layers: [
      { ...alpine.layers[0], "lib/apk/db/installed": installed.replaceAll("1.1.22-r2", "1.1.22-r3") },
      { "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.5"}' },
    ],
  };

  async function reports(): Promise<readonly [string, string]> {
    const [before, after] = [join(folder, "before.json"), join(folder, "after.json")];
    await scan("--format", "json", "--output", before, join(folder, "shop.tar"));
    await scan("--format", "json", "--output", after, put("upgraded.tar", await dockerArchive(upgraded)));
    return [before, after];
  }

  test("tells what was fixed, what is new and what an update left, with the cause", async () => {
    const [before, after] = await reports();
    const forth = JSON.parse((await run("diff", before, after, "--format", "json")).stdout) as ReportDiff;
    const back = await run("diff", after, before);
    const markdown = await run("diff", before, after, "--format", "markdown");

    expect(forth.findings).toMatchObject({
      added: [],
      fixed: [{ finding: { id: "CVE-2019-14697" }, causes: ["inventory"] }],
      changed: [{ finding: { id: "CVE-2019-10744" }, changes: [{ fact: "version", from: "4.17.4", to: "4.17.5" }] }],
    });
    expect(back.stdout).toContain("+ CRITICAL   CVE-2019-14697 in musl 1.1.22-r2, fixed in 1.1.22-r3\n");
    expect(back.stdout).toContain("    inventory: musl was 1.1.22-r3 before and is 1.1.22-r2\n");
    expect(markdown.stdout).toContain("**Nothing new.** 1 (1 critical) fixed, 1 changed, 0 unchanged.");
  });

  test("exits with a code for new findings alone, as bad as wished", async () => {
    const [before, after] = await reports();
    const code = async (...args: readonly string[]): Promise<number> => (await run("diff", ...args)).code;

    expect(await code(before, after, "--fail-on-new", "HIGH")).toBe(0);
    expect(await code(after, before)).toBe(0);
    expect(await code(after, before, "--fail-on-new", "HIGH")).toBe(1);
    expect(await code(after, before, "--fail-on-new", "HIGH", "--exit-code", "7")).toBe(7);
    expect(await code(after, before, "--exit-code", "3")).toBe(3);
    expect(await code(after, before, "--severity", "LOW", "--exit-code", "3")).toBe(0);
    expect(await code(after, before, "--fail-on-new", "worst")).toBe(2);
  });

  test("matches SBOMs anew with one database", async () => {
    const [before, after] = [join(folder, "before.cdx.json"), join(folder, "after.spdx")];
    await run("image", "--no-cache", "--format", "cyclonedx", "--output", before, join(folder, "shop.tar"));
    const other = put("upgraded.tar", await dockerArchive(upgraded));
    await run("image", "--no-cache", "--format", "spdx", "--output", after, other);
    const { stdout } = await run("diff", after, before, "--db", database, "--format", "json");

    expect((JSON.parse(stdout) as ReportDiff).findings?.added).toMatchObject([{ finding: { id: "CVE-2019-14697" } }]);
  });
});

describe("settings", () => {
  test("come from the command line, then the environment, then the file, its command's part first", async () => {
    const config = put(
      "settings.yaml",
      "severity: LOW\nimage:\n  exit-code: 5\n  severity: [CRITICAL]\nexit-code: 6\n",
    );
    const shop = join(folder, "shop.tar");
    const args = ["--config", config, "image", "--db", database, "--no-cache", "--offline", shop];

    expect((await run(...args)).code).toBe(5);
    expect((await run(...args, "--exit-code", "4")).code).toBe(4);
    environment = { PLIMSOLL_EXIT_CODE: "3" };
    expect((await run(...args)).code).toBe(3);
    expect((await run(...args, "--exit-code", "4")).code).toBe(4);
    environment = {};
  });

  test("a wrong value says which variable it comes from, since no command line shows it", async () => {
    environment = { PLIMSOLL_EXIT_CODE: "none" };
    const { code, stderr } = await run("image", join(folder, "shop.tar"));
    environment = {};

    expect(code).toBe(2);
    expect(stderr).toBe('error: PLIMSOLL_EXIT_CODE: "none" is not an exit code from 0 to 255\n');
  });

  test.each([
    ["a key that is no option", "severty: LOW\n", 2, '"severty" is no option'],
    ["a value that is none", "severity: URGENT\n", 2, "URGENT"],
    ["a switch that is neither on nor off", "offline: maybe\n", 2, "true or false"],
    ["a file that is no YAML", "a: [\n", 1, "bad.yaml"],
  ])("%s is named", async (_, text, code, message) => {
    const result = await run("--config", put("bad.yaml", text), "image", "--db", database, join(folder, "shop.tar"));

    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  test.each(["bash", "zsh", "fish"])("completions for %s name commands and options", async (shell) => {
    const { code, stdout } = await run("completion", shell);

    expect(code).toBe(0);
    for (const word of ["image", "ignore-unfixed", "build"]) expect(stdout).toContain(word);
  });

  const bash = spawnSync("bash", ["--version"]).status === 0;
  test.skipIf(!bash).each([
    ["plimsoll image --severity ''", "CRITICAL HIGH MEDIUM LOW NEGLIGIBLE UNKNOWN"],
    ["plimsoll image --severity CR", "CRITICAL"],
    ["plimsoll fs --scanners ''", "vuln secret license misconfig"],
    ["plimsoll image --color a", "auto always"],
    ["plimsoll image --format cyclonedx-", "cyclonedx-xml"],
    ["plimsoll rego test --format ''", "pretty json"],
    // A file: the shell's own completion takes over.
    ["plimsoll image --output ''", ""],
    ["plimsoll db up", "update"],
    ["plimsoll image --ignore-un", "--ignore-unfixed"],
  ])("the completion of bash offers what may follow `%s`", async (line, offered) => {
    const { stdout } = await run("completion", "bash");
    const script = `${stdout}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _plimsoll; echo "\${COMPREPLY[*]}"`;
    const answer = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(answer.stderr).toBe("");
    expect(answer.stdout.trim()).toBe(offered);
  });
});

describe("the default database", () => {
  test("is fetched from a mirror, used by scans, replaced by import, and told about", async () => {
    const server = createServer((request, response) => {
      const file = join(folder, "mirror", decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname));
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const ecosystem of ["Alpine", "npm"]) {
      const records = Object.entries(advisories).filter(([path]) => path.startsWith(ecosystem));
      const files = Object.fromEntries(
        records.map(([path, record]) => [path.split("/")[1] ?? "", JSON.stringify(record)]),
      );
      put(`mirror/${ecosystem}/all.zip`, zipOf(files));
      put(
        `mirror/${ecosystem}/modified_id.csv`,
        `2020-01-01T00:00:00Z,${Object.keys(files)[0]?.replace(".json", "")}\n`,
      );
    }
    put("mirror/ecosystems.txt", "Alpine\nnpm\n");
    const cacheDir = join(folder, "cache");
    try {
      const updated = await run(
        "db",
        "update",
        "--ecosystems",
        "Alpine,npm",
        "--mirror",
        mirror,
        "--kev",
        "none",
        "--epss",
        "none",
        "--cache-dir",
        cacheDir,
      );
      const fetched = await run("db", "build", "--from", mirror, "--output", join(folder, "fetched"));
      const exported = await run("db", "export", join(folder, "exported"), "--cache-dir", cacheDir);
      const scanned = await run(
        "image",
        join(folder, "shop.tar"),
        "--cache-dir",
        cacheDir,
        "--offline",
        "--format",
        "json",
      );

      expect(updated).toMatchObject({ code: 0, stderr: expect.stringContaining("osv/Alpine: changed") });
      expect(updated.stderr).not.toContain("warning");
      expect([fetched.code, exported.code]).toEqual([0, 0]);
      expect(readFileSync(join(folder, "fetched"))).toEqual(readFileSync(join(folder, "exported")));
      expect((JSON.parse(scanned.stdout) as Report).vulnerabilities).toHaveLength(2);
    } finally {
      server.close();
    }
    expect((await run("db", "import", put("broken.plimsoll", "no database"), "--cache-dir", cacheDir)).code).toBe(1);
    expect((await run("db", "import", database, "--cache-dir", cacheDir)).code).toBe(0);
    expect((await run("db", "info", "--verbose", "--cache-dir", cacheDir)).stdout).toContain("1 read");
  });

  test("is not needed for an SBOM", async () => {
    const { code, stdout } = await run(
      "image",
      join(folder, "shop.tar"),
      "--cache-dir",
      join(folder, "none"),
      "--format",
      "cyclonedx",
      "--offline",
    );

    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { components: unknown[] }).components.length).toBeGreaterThan(2);
  });
});

describe("what strangers name", () => {
  const acting = "\n::error::pwned\r\u001b[2J\u202e ##vso[task.setvariable]x ##[group]y";

  test("acts neither on a terminal nor in the log of a build", async () => {
    const { stdout, stderr } = await run("image", `no such${acting}`);

    expect(stderr).not.toMatch(/\n(?=.)|[\r\u001b\u202e]|##(?:vso)?\[/);
    expect(stdout).toBe("");
    expect(stderr.endsWith("\n")).toBe(true);
  });

  test("is shown in errors about ambiguous tags and warnings about files", async () => {
    const config = JSON.stringify({ architecture: "amd64" });
    const entry = (name: string): unknown => ({ Config: `${name}.json`, RepoTags: [`${name}:1${acting}`], Layers: [] });
    const ambiguous = put(
      "ambiguous.tar",
      await tarOf({ "manifest.json": JSON.stringify([entry("a"), entry("b")]), "a.json": config, "b.json": config }),
    );
    const broken = put(
      "broken.tar",
      await dockerArchive({
        name: "broken",
        layers: [{ [`usr/lib/node_modules/${acting}/package.json`]: '{"name":' }],
      }),
    );

    for (const { stderr } of [await scan(ambiguous), await scan(broken)]) {
      expect(stderr).toContain("error");
      expect(stderr).not.toMatch(/\n(?!warning: |error: |$)|[\r\u001b\u202e]|##(?:vso)?\[/);
    }
  });
});
