import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { everyEcosystem } from "@plimsoll/ecosystems/every";
import { readLayer } from "@plimsoll/image";
import type { LayerReader } from "@plimsoll/image";
import type { Analyzer, Inventory } from "@plimsoll/model";
import { imageFile, layerThreads, nativeReading } from "@plimsoll/node";
import {
  dockerArchive,
  documentsOfTests,
  oddProgram,
  oneOf,
  pathsFor,
  randomFrom,
  sharedPath,
  wholeBelow,
} from "@plimsoll/testkit";
import type { LiteralEntry, LiteralLayer, Random } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyzeImage } from "./index.ts";

/** What is found in an image does not depend on where its layers are read: here, or in threads that hand on what is asked for. */

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-agree-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that is found in an image, and how many of its layers were read here. */
async function found(
  path: string,
  reader: LayerReader,
): Promise<{ readonly inventory: Inventory; readonly here: number }> {
  let here = 0;
  const source = imageFile(path, {
    readLayer: (job, options) => {
      const stream: typeof job.blob.stream = (given) => (here++, job.blob.stream(given));
      return reader({ ...job, blob: { ...job.blob, stream } }, options);
    },
  });
  const inventory = await analyzeImage(source, {
    scanners: ["vuln", "secret", "license", "misconfig"],
    evidence: ["installed", "declared", "requested"],
  });
  return { inventory, here };
}

/** What is found both ways. */
async function foundTwice(path: string): Promise<Inventory> {
  const withThreads = await found(path, layerThreads({ minLayerBytes: 0, maxThreads: 8 }));
  const without = await found(path, (job, options) => readLayer(job, options, nativeReading));

  expect([withThreads.here, without.here > 0], "layers read here").toEqual([0, true]);
  expect(firstDifference(withThreads.inventory, without.inventory)).toBeUndefined();
  return without.inventory;
}

/** The whole texts, of megabytes, would tell nobody anything. */
function firstDifference(a: Inventory, b: Inventory): string | undefined {
  const [left, right] = [a, b].map((inventory) => JSON.stringify(inventory, undefined, 1).split("\n"));
  const at = left?.findIndex((line, index) => line !== right?.[index]) ?? -1;
  if (at < 0) return left?.length === right?.length ? undefined : "one has more lines";
  return [left, right].map((lines) => lines?.slice(Math.max(0, at - 8), at + 4).join("\n")).join("\n--- but ---\n");
}

const images = sharedPath("data/images");
const names =
  images === undefined
    ? ["no image"]
    : readdirSync(images).filter((name) => /^(?:almalinux|debian).*\.tar$/.test(name));

test.skipIf(images === undefined).each(names)("in %s", async (name) => {
  expect((await foundTwice(join(images ?? "", name))).packages.length).toBeGreaterThan(0);
});

/** Made up, and put together here so that no scanner takes this file for a leak. */
const token = `ghp${"_"}${"0aB1cD2eF3".repeat(4).slice(0, 36)}`;

const analyzers: readonly Analyzer[] = [...new Set(everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers))];
const ecosystems = fileURLToPath(new URL("../../ecosystems/src/", import.meta.url));
const documents = new Map(
  readdirSync(ecosystems, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [name, documentsOfTests(join(ecosystems, name))] as const),
);
const everyDocument = [...documents.values()].flat();

/** A document that an analyzer may understand, sometimes one for another; seldom a long one, longer than what threads send at once. */
function documentFor(analyzer: Analyzer, random: Random): Uint8Array {
  const own = documents.get(analyzer.id.split("/")[0] ?? "") ?? [];
  const document = oneOf(random, random() < 0.9 ? own : everyDocument, oneOf(random, everyDocument, new Uint8Array()));
  if (random() < 0.05) return new Uint8Array();
  return random() < 0.02 ? Buffer.concat(Array.from({ length: 600_000 / document.length }, () => document)) : document;
}

/** Content that begins, or nearly begins, like what an analyzer knows by its first bytes. */
function* contentsFor(analyzer: Analyzer, random: Random): Generator<Uint8Array> {
  for (const matcher of analyzer.matches) {
    if (!("magic" in matcher)) continue;
    const marks = oneOf(random, matcher.marks ?? [], new Uint8Array());
    const filler = new Uint8Array(oneOf(random, [0, 100, 100, 5_000, 70_000, 300_000], 0)).fill(
      wholeBelow(random, 256),
    );
    yield Buffer.concat([matcher.magic, filler, marks, filler]);
    yield matcher.magic.slice(0, -1);
    yield Buffer.concat([matcher.magic.slice(0, -1), filler]);
  }
}

const other: readonly (readonly [string, string])[] = [
  ["Dockerfile", "FROM scratch\nUSER root\nADD . /\n"],
  ["deploy.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n"],
  ["main.tf", 'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n'],
  ["LICENSE", readFileSync(new URL("../../../LICENSE", import.meta.url), "utf8")],
  ["settings.env", `TOKEN=${token}\n`],
  ["notes", `nothing but a token: ${token}`],
  ["script", "#!/bin/sh\nexit 0\n"],
  ["empty", ""],
  ["large.txt", `${"a line of text\n".repeat(50_000)}${token}\n`],
];

function layerOf(random: Random, small: number): LiteralLayer {
  const layer: Record<string, LiteralEntry> = {};
  const put = (path: string, content: Uint8Array | string): void => {
    layer[path] = random() < 0.3 ? { executable: content } : content;
    if (random() < 0.05) layer[`links/${path.replaceAll("/", "-")}`] = { hardlink: path };
    if (random() < 0.05) layer[`links/${path}`] = { symlink: `/${path}` };
  };
  for (const [at, analyzer] of analyzers.entries()) {
    if (random() < 0.3) continue;
    for (const path of pathsFor(analyzer)) {
      const place = path.startsWith("app/") ? `srv/${at}/${path.slice(4)}` : path;
      put(place, documentFor(analyzer, random));
      if (random() < 0.1) layer[`${place.replace(/[^/]*$/, "")}.wh.gone`] = "";
    }
    for (const content of contentsFor(analyzer, random)) put(`opt/${at}-${content.length}`, content);
  }
  for (let at = 0; at < small; at++) {
    const [name, content] = oneOf(random, random() < 0.9 ? other.slice(0, -1) : other, ["", ""]);
    put(`home/${wholeBelow(random, 100)}/${at % 3 === 0 ? "" : `${at}/`}${name}`, content);
    if (at % 40 === 0) put(`usr/bin/${at}`, oddProgram(random));
  }
  return layer;
}

describe("in images of everything that is looked for", () => {
  // Seeds whose images hold some packages: most documents land where they mean nothing.
  test.each([1, 4])("of seed %d", async (seed) => {
    const random = randomFrom(seed);
    const path = join(folder, `${seed}.tar`);
    const layers = [layerOf(random, 300), layerOf(random, 0), { ".wh.opt": "", ...layerOf(random, 100) }];
    writeFileSync(path, await dockerArchive({ layers }, { gzip: seed % 2 === 0 }));

    const { packages, secrets = [], licenseTexts = [], configs = [], diagnostics } = await foundTwice(path);
    for (const list of [packages, secrets, licenseTexts, configs, diagnostics]) expect(list.length).toBeGreaterThan(3);
  });
});
