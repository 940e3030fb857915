import { gzipSync } from "node:zlib";
import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { defaultLimits } from "@plimsoll/model";
import { tarOf, zipOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { secretDetector, type SecretDetectorOptions } from "./index.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Made up, and put together here so that no scanner takes this file for a leak. */
const awsKey = "AKI" + "AQ3EGUYT2XK7BNMLP";
const settings = utf8(`\nkey = ${awsKey}\n`);

function fileOf(path: string, content: Uint8Array): AnalyzedFile {
  return {
    path,
    size: content.length,
    executable: false,
    limits: defaultLimits,
    nested: { bytes: 1_000_000, entries: 100, isSpent: false },
    bytes: async () => content,
    ranges: async () => ({ size: content.length, read: (start, end) => content.subarray(start, end) }),
    text: async () => new TextDecoder().decode(content),
    // eslint-disable-next-line @typescript-eslint/require-await
    async *stream() {
      for (let at = 0; at < content.length; at += 100) yield content.slice(at, at + 100);
    },
  };
}

async function observe(file: AnalyzedFile, options: SecretDetectorOptions = {}): Promise<readonly Observation[]> {
  const [analyzer] = secretDetector(options).analyzers;
  const said: Observation[] = [];
  for await (const one of (analyzer as FileAnalyzer).analyze(file, {})) said.push(one);
  return said;
}

async function placesIn(file: AnalyzedFile, options: SecretDetectorOptions = {}): Promise<readonly string[]> {
  const found = (await observe(file, options)).filter(({ kind }) => kind === "detected");
  const { secrets = [] } = secretDetector().collect(
    found.map((one) => ({ data: "data" in one ? one.data : undefined, path: file.path, analyzer: "secrets/text" })),
  );
  return secrets.map(({ id, location }) => `${id} ${location?.path ?? ""}:${location?.line ?? ""}`);
}

describe("archives", async () => {
  const tar = await tarOf({ "conf/": "", "conf/app.conf": settings, "b.min.js": settings });
  const archives: readonly (readonly [string, Uint8Array, string])[] = [
    ["app.zip", zipOf({ "conf/app.conf": settings, "web/yarn.lock": settings }), "app.zip:conf/app.conf"],
    ["srv/app.JAR", zipOf({ "conf/app.conf": settings }), "srv/app.JAR:conf/app.conf"],
    ["app.tar", tar, "app.tar:conf/app.conf"],
    ["app.tgz", gzipSync(tar), "app.tgz:conf/app.conf"],
    ["var/log/app.log.gz", gzipSync(settings), "var/log/app.log.gz:app.log"],
  ];

  test.each(archives)("are opened when that is asked for: %s", async (path, content, place) => {
    expect(await placesIn(fileOf(path, content), { archives: true })).toEqual([`aws-access-key-id ${place}:2`]);
  });

  test("are not opened otherwise, nor are archives in archives", async () => {
    const inner = zipOf({ "a.conf": settings });

    expect(await placesIn(fileOf("app.zip", inner))).toEqual([]);
    expect(await placesIn(fileOf("app.zip", zipOf({ "inner.zip": inner })), { archives: true })).toEqual([]);
  });

  test.each([
    ["broken.zip", utf8("PK\u0003\u0004 and no more")],
    ["broken.tgz", gzipSync(tar).subarray(0, 60)],
    ["many.zip", zipOf(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`${i}`, utf8("x")])))],
    ["bomb.gz", gzipSync(utf8("a ".repeat(1_000_000)))],
  ])("that cannot be read to their end are told: %s", async (path, content) => {
    expect((await observe(fileOf(path, content), { archives: true })).at(-1)).toMatchObject({
      kind: "diagnostic",
      effect: "incomplete",
      location: { path },
    });
  });
});

describe("a key of fingerprints", () => {
  const fingerprints = async (text: string, key?: string) => {
    const file = fileOf("a.conf", utf8(text));
    const options = key === undefined ? {} : { fingerprintKey: utf8(key) };
    const data = (await observe(file, options)).flatMap((one) =>
      one.kind === "detected" ? [secretDetector().clean(one.data)] : [],
    );
    const { secrets = [] } = secretDetector().collect(data.map((one) => ({ data: one, path: "a.conf", analyzer: "" })));
    return secrets.map(({ fingerprint }) => fingerprint);
  };

  test("makes them tell one secret from another, whatever stands around", async () => {
    const [before] = await fingerprints(`key = ${awsKey}\n`, "k".repeat(16));
    const other = `${awsKey.slice(0, -1)}Q`;

    expect(await fingerprints(`\nother_name: ${awsKey}\n`, "k".repeat(16))).toEqual([before]);
    expect(await fingerprints(`key = ${other}\n`, "k".repeat(16))).not.toEqual([before]);
    expect(await fingerprints(`key = ${awsKey}\n`, "l".repeat(16))).not.toEqual([before]);
  });

  test("is needed: without one, two secrets of one length at the same place have the same", async () => {
    expect(await fingerprints(`key = ${awsKey}\n`)).toEqual(await fingerprints(`key = ${awsKey.slice(0, -1)}Q\n`));
  });

  test("is part of what a cache goes by, and does not stand there", () => {
    const revision = (options: SecretDetectorOptions) => secretDetector(options).analyzers[0]?.revision;

    expect(revision({ fingerprintKey: utf8("k".repeat(16)) })).not.toBe(revision({}));
    expect(revision({ fingerprintKey: utf8("k".repeat(16)) })).not.toBe(
      revision({ fingerprintKey: utf8("l".repeat(16)) }),
    );
    expect(revision({ archives: true })).not.toBe(revision({}));
    expect(revision({})).toBe(secretDetector().analyzers[0]?.revision);
  });
});
