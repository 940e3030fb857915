/** One image with secrets of every kind in every place: nothing that is printed, kept or thrown holds any of them. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { dockerArchive, tarOf, zipOf } from "@plimsoll/testkit";
import type { Report, SecretFinding } from "@plimsoll/model";
import { everyReporter } from "plimsoll";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

/** Made up, and put together here so that no scanner takes this file for a leak. */
const key = (last: string): string => `AKI${"AQ3EGUYT2XK7BNML"}${last}`;
const planted = {
  file: key("A"),
  removed: key("B"),
  environment: key("C"),
  label: key("D"),
  command: key("E"),
  layerHistory: key("F"),
  emptyHistory: key("G"),
  archive: key("H"),
  encoded: key("I"),
  wide: key("J"),
  ignored: key("K"),
  configuration: key("L"),
  healthcheck: key("M"),
  entrypoint: key("N"),
  token: `ghp${"_"}${"0aB1cD2eF3".repeat(4).slice(0, 36)}`,
  password: `Xy7${"pQz9Lm2Wv5Kd"}`,
};

const wide = (text: string): Uint8Array =>
  Uint8Array.from(
    [...`\ufeff${text}`].flatMap((character) => [character.charCodeAt(0) & 255, character.charCodeAt(0) >> 8]),
  );

let folder = "";
let image = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-masked-"));
  image = join(folder, "app.tar");
  const members = { "inner/app.conf": `key = ${planted.archive}\n` };
  writeFileSync(
    image,
    await dockerArchive({
      layers: [
        {
          "etc/alpine-release": "3.19.1\n",
          "srv/a.conf": `key = ${planted.file}\nkey = ${planted.ignored} # gitleaks:allow\n`,
          "srv/gone.conf": `key = ${planted.removed}\ntoken: ${planted.token}\n`,
          "srv/encoded.txt": `${Buffer.from(`aws = ${planted.encoded}\n`).toString("base64")}\n`,
          "srv/wide.txt": wide(`key = ${planted.wide}\r\n`),
          "srv/app.zip": zipOf(members),
          "srv/app.tar": await tarOf(members),
          "srv/Dockerfile": `FROM scratch\nENV KEY=${planted.configuration}\n`,
          "srv/db.yaml": `apiVersion: v1\nkind: Pod\nspec: { url: "postgres://app:${planted.password}@db/x" }\n`,
        },
        { "srv/.wh.gone.conf": "" },
      ],
      createdBy: [`RUN echo ${planted.layerHistory}`, "RUN rm srv/gone.conf"],
      emptySteps: [`ENV KEY=${planted.emptyHistory}`],
      config: {
        Env: ["PATH=/bin", `AWS_KEY=${planted.environment}`],
        Labels: { "org.example.key": planted.label },
        Cmd: ["run", "--key", planted.command],
        Entrypoint: ["start", planted.entrypoint],
        Healthcheck: { Test: ["CMD-SHELL", `curl -H key=${planted.healthcheck}`] },
      },
    }),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(...args: readonly string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  let stdout = "";
  let stderr = "";
  const code = await runCli(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    // What a submission to GitHub is about.
    env: {
      GITHUB_SHA: "a".repeat(40),
      GITHUB_REF: "refs/heads/main",
      GITHUB_RUN_ID: "1",
      GITHUB_JOB: "scan",
      GITHUB_WORKFLOW: "scan",
    },
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  return { stdout, stderr, code };
}

const scanOf = (...args: readonly string[]) =>
  run("image", "--input", image, "--offline", "--scanners", "secret,misconfig,license", ...args);

/** Names of the secrets of which twelve characters in a row are in the text, as they are or in base64. */
function leaksIn(text: string): readonly string[] {
  return Object.entries(planted).flatMap(([name, secret]) => {
    // All keys begin alike: the end tells them apart, and any stretch of one is too much.
    const stretches = Array.from({ length: secret.length - 11 }, (_, at) => secret.slice(at, at + 12));
    const encoded = [0, 1, 2].map((shift) =>
      Buffer.from("x".repeat(shift) + secret)
        .toString("base64")
        .slice(4, -4),
    );
    return [...stretches, ...encoded].some((stretch) => text.includes(stretch)) ? [name] : [];
  });
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path).flatMap((name) => {
    const inner = join(path, name);
    return statSync(inner).isDirectory() ? filesBelow(inner) : [inner];
  });
}

describe("secrets of an image", () => {
  test("are found wherever they stand", async () => {
    const { stdout } = await scanOf("--no-cache", "--format", "json", "--secret-archives");
    const report = JSON.parse(stdout) as Report;
    const places = (report.secrets ?? []).map(
      ({ id, location, removedIn }: SecretFinding) =>
        `${id} ${location?.path ?? ""}:${location?.line ?? ""} ${location?.layer?.index ?? ""} ${removedIn?.index ?? ""}`,
    );

    expect(
      places.filter((place) => place.startsWith("aws-access-key-id")).map((place) => place.slice(18).trim()),
    ).toEqual([
      "image-config:cmd:1",
      "image-config:entrypoint:1",
      "image-config:env:2",
      "image-config:healthcheck:1",
      "image-config:history:1",
      "image-config:history:1 0",
      "image-config:labels:1",
      "srv/Dockerfile:2 0",
      "srv/a.conf:1 0",
      "srv/app.tar:inner/app.conf:1 0",
      "srv/app.zip:inner/app.conf:1 0",
      "srv/encoded.txt:1 0",
      "srv/gone.conf:1 0 1",
      "srv/wide.txt:1 0",
    ]);
    expect(places).toContain("github-pat srv/gone.conf:2 0 1");
    expect(places).toContain("database-url-password srv/db.yaml:3 0 ");
    expect(report.suppressed).toMatchObject([
      { finding: { id: "aws-access-key-id" }, by: "comment", origin: "srv/a.conf, line 2" },
    ]);
  });

  test.each([...everyReporter.keys()])("are in no report of the format %s", async (format) => {
    const { stdout, stderr, code } = await scanOf(
      "--no-cache",
      "--secret-archives",
      "--show-suppressed",
      "--format",
      format,
      "--template",
      "{{ report | json }}",
    );

    expect({ code, leaks: leaksIn(stdout + stderr) }).toEqual({ code: 0, leaks: [] });
    expect(stdout.length).toBeGreaterThan(0);
  });

  test("are in no file of the cache, and not in what a second scan makes of it", async () => {
    const cache = join(folder, "cache");
    const keyFile = join(folder, "key");
    mkdirSync(cache);
    writeFileSync(keyFile, "a key of fingerprints that is long\n");
    for (let round = 0; round < 2; round++) {
      const { stdout, stderr } = await scanOf(
        "--cache-dir",
        cache,
        "--secret-archives",
        "--fingerprint-key",
        keyFile,
        "--format",
        "json",
      );
      expect(leaksIn(stdout + stderr)).toEqual([]);
    }
    const kept = filesBelow(cache);
    for (const file of kept) {
      const bytes = readFileSync(file);
      const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes).toString() : bytes.toString();
      expect({ file, leaks: leaksIn(text) }).toEqual({ file, leaks: [] });
      expect(text).not.toContain("a key of fingerprints");
    }
    expect(kept.length).toBeGreaterThan(0);
  });

  test("are in no error: of a rule file, a baseline, a template, a format", async () => {
    const bad = join(folder, "bad.toml");
    writeFileSync(bad, `[[rules]]\nid = "x"\nregex = "(${planted.file}"\n`);
    const baseline = join(folder, "bad.json");
    writeFileSync(baseline, `{"secret": "${planted.file}`);
    for (const args of [
      ["--secret-config", bad],
      ["--baseline", baseline],
      ["--format", "template", "--template", "{{ report.secrets | nothing }"],
      ["--format", "none"],
    ]) {
      const { stdout, stderr } = await scanOf("--no-cache", ...args);
      expect({ args, leaks: leaksIn(stdout + stderr) }).toEqual({ args, leaks: [] });
    }
  });
});

describe("a baseline", () => {
  test("leaves what is new, and comments that have expired hold no more", async () => {
    const earlier = join(folder, "earlier.json");
    writeFileSync(earlier, (await scanOf("--no-cache", "--format", "json")).stdout);
    const { stdout } = await scanOf("--no-cache", "--format", "json", "--secret-archives", "--baseline", earlier);
    const report = JSON.parse(stdout) as Report;

    expect((report.secrets ?? []).map(({ location }) => location?.path)).toEqual([
      "srv/app.tar:inner/app.conf",
      "srv/app.zip:inner/app.conf",
    ]);
  });
});
