import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dockerArchive, ociLayoutFiles, zipOf } from "@plimsoll/testkit";
import type { LiteralImage } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * The package named `plimsoll` as npm would get it, packed and unpacked where nothing else is installed: its command works, and so
 * do the pipelines that the examples show.
 */

const root = fileURLToPath(new URL("../../../", import.meta.url));
const umbrella = join(root, "packages", "plimsoll");
const built = existsSync(join(umbrella, "dist", "program", "main.js"));
if (!built) console.warn("the program is not built: it is not packed either (npm run setup builds it)");

let folder = "";
let bin = "";

beforeAll(() => {
  if (!built) return;
  folder = mkdtempSync(join(tmpdir(), "plimsoll-published-"));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const packed = spawnSync(npm, ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: umbrella,
    encoding: "utf8",
  });
  expect(packed.stderr).toBe("");
  const [tarball = ""] = readdirSync(folder);
  spawnSync("tar", ["-xzf", tarball], { cwd: folder });
  const manifest = JSON.parse(readFileSync(join(folder, "package", "package.json"), "utf8")) as {
    readonly name: string;
    readonly bin: Readonly<Record<string, string>>;
  };
  // What `npx` runs is the command that is named like the package.
  bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(join(folder, "package", manifest.bin[manifest.name] ?? ""), join(bin, "plimsoll"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commandLines = (file: string): readonly string[] =>
  [...readFileSync(join(root, "examples", "ci", file), "utf8").matchAll(/^\s*(?:- )?(?:run: )?(plimsoll .+)$/gm)].map(
    ([, line = ""]) => line,
  );

describe.skipIf(!built || process.platform === "win32")("the published package", () => {
  test("has the command, which needs no other package", async () => {
    const { stdout, stderr, code } = await shell("plimsoll --version");

    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout.trim()).toBe(
      (JSON.parse(readFileSync(join(umbrella, "package.json"), "utf8")) as { readonly version: string }).version,
    );
  });

  test("is what the pipelines install", () => {
    for (const file of ["github-actions.yml", "gitlab-ci.yml"])
      expect(readFileSync(join(root, "examples", "ci", file), "utf8")).toMatch(/npm install --global plimsoll$/m);
  });

  test("does what the pipeline of GitHub asks", async () => {
    const mirror = await serve({ "/ecosystems.txt": "npm\n", "/npm/all.zip": advisories });
    try {
      writeFileSync(join(folder, "app.tar"), await dockerArchive(image));
      const lines = commandLines("github-actions.yml");
      const outcomes = [];
      for (const line of lines) outcomes.push(await shell(line, variablesOf(mirror.address)));

      expect(lines.length).toBeGreaterThanOrEqual(3);
      // The last one stops at what is critical: here nothing is.
      expect(outcomes.map(({ code }) => code)).toEqual(lines.map(() => 0));
      expect(readFileSync(join(folder, "plimsoll.sarif"), "utf8")).toContain("CVE-2019-10744");
    } finally {
      mirror.stop();
    }
  });

  test("does what the pipeline of GitLab asks", async () => {
    const mirror = await serve({ "/ecosystems.txt": "npm\n", "/npm/all.zip": advisories });
    const registry = await serve(await registryAnswers(image, "1"));
    try {
      const lines = commandLines("gitlab-ci.yml");
      const outcomes = [];
      for (const line of lines)
        outcomes.push(
          await shell(line, {
            ...variablesOf(mirror.address),
            CI_REGISTRY_IMAGE: `${new URL(registry.address).host}/app`,
            CI_COMMIT_SHA: "1",
          }),
        );

      expect(lines.length).toBeGreaterThanOrEqual(4);
      expect(outcomes).toEqual(lines.map(() => expect.objectContaining({ code: 0 })));
      expect(readFileSync(join(folder, "gl-container-scanning-report.json"), "utf8")).toContain("CVE-2019-10744");
      expect(readFileSync(join(folder, "gl-sbom.cdx.json"), "utf8")).toContain("lodash");
    } finally {
      mirror.stop();
      registry.stop();
    }
  });
});

const image: LiteralImage = {
  name: "app",
  layers: [{ "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}' }],
};

const advisories = zipOf({
  "GHSA-1.json": JSON.stringify({
    id: "GHSA-1",
    modified: "2024-01-01T00:00:00Z",
    aliases: ["CVE-2019-10744"],
    affected: [
      {
        package: { ecosystem: "npm", name: "lodash" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.12" }] }],
      },
    ],
  }),
});

/** What has the command fetch from a mirror of the OSV bucket alone. */
function variablesOf(mirror: string): Readonly<Record<string, string>> {
  return { PLIMSOLL_MIRROR: mirror, PLIMSOLL_KEV: "none", PLIMSOLL_EPSS: "none" };
}

/** What a registry answers that holds one image under `app`. */
async function registryAnswers(
  held: LiteralImage,
  tag: string,
): Promise<Readonly<Record<string, string | Uint8Array>>> {
  const files = await ociLayoutFiles(held);
  const index = JSON.parse(new TextDecoder().decode(files["index.json"])) as {
    readonly manifests: readonly { readonly digest: `${string}:${string}` }[];
  };
  const blobs = Object.entries(files).flatMap(([path, bytes]) => {
    const [, algorithm, hash] = /^blobs\/(\w+)\/(\w+)$/.exec(path) ?? [];
    return hash === undefined ? [] : [[`${algorithm}:${hash}`, bytes] as const];
  });
  const manifest = blobs.find(([digest]) => digest === index.manifests[0]?.digest)?.[1] ?? "";
  return {
    [`/v2/app/manifests/${tag}`]: manifest,
    [`/v2/app/manifests/${index.manifests[0]?.digest}`]: manifest,
    ...Object.fromEntries(blobs.map(([digest, bytes]) => [`/v2/app/blobs/${digest}`, bytes])),
  };
}

async function serve(answers: Readonly<Record<string, string | Uint8Array>>) {
  const server = createServer((request, response) => {
    const body = answers[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
}

/** A line of a pipeline, where the package's command is on the path. */
function shell(line: string, variables: Readonly<Record<string, string>> = {}) {
  const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, PLIMSOLL_CACHE_DIR: join(folder, "cache"), ...variables };
  return new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile("sh", ["-c", line], { cwd: folder, env, encoding: "utf8" }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
