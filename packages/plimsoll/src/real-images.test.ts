import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AdvisoryStore, Report } from "@plimsoll/model";
import { formatProblems, judgedFormats, sharedPath } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NaiveMirror } from "./fixtures/naive-mirror.ts";
import { wholeMirror } from "./fixtures/whole-mirror.ts";
import { reporterFor, scanImage } from "./node.ts";

/** Real images and the whole mirror, checked against what is known of them and against a second, naive computation. */

interface ExpectedPackage {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly layer: number;
  readonly layer_of_final_file?: number;
  readonly origin?: string;
  readonly source?: string;
  readonly source_version?: string;
}

interface Expected {
  readonly must_find: readonly ExpectedPackage[];
  readonly must_not_find: readonly { readonly name: string; readonly version: string; readonly path: string }[];
  readonly vulnerabilities: readonly {
    readonly name: string;
    readonly version: string;
    readonly id: string;
    readonly aliases: readonly string[];
    readonly binary_packages?: readonly string[];
  }[];
  readonly vulnerabilities_must_not_appear?: readonly {
    readonly name: string;
    readonly version: string;
    readonly id: string;
  }[];
}

const images = sharedPath("data/images");
const mirror = sharedPath("data/osv");
const names =
  images === undefined || mirror === undefined
    ? ["no image"]
    : readdirSync(images).filter((name) => /\.tar(\.gz)?$/.test(name));

let folder = "";
let advisories: AdvisoryStore;
let naive: NaiveMirror;

describe.skipIf(images === undefined || mirror === undefined)("real images", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-real-"));
    ({ advisories, naive } = await wholeMirror(mirror ?? ""));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(names)("%s holds what it is known to hold, and nothing that was removed from it", async (name) => {
    const expected = expectedOf(name);
    const report = await scan(name);
    const places = new Set(
      report.packages.flatMap((pkg) =>
        pkg.locations.map(({ path, layer }) => `${pkg.name} ${pkg.version} /${path} ${layer?.index}`),
      ),
    );
    const paths = new Set([...places].map((place) => place.replace(/ \d+$/, "")));

    const missing = expected.must_find.filter(
      (pkg) =>
        ![pkg.layer, pkg.layer_of_final_file].some((layer) =>
          places.has(`${pkg.name} ${pkg.version} ${pkg.path} ${layer}`),
        ),
    );
    const wrong = expected.must_not_find.filter((pkg) => paths.has(`${pkg.name} ${pkg.version} ${pkg.path}`));

    expect({ missing, wrong }).toEqual({ missing: [], wrong: [] });
  });

  test.each(names)("%s has the vulnerabilities it is known to have", async (name) => {
    const expected = expectedOf(name);
    const told = idsByPackage(await scan(name));

    const missing = expected.vulnerabilities.filter(
      ({ name: pkg, id, aliases, binary_packages: binaries = [pkg] }) =>
        !binaries.every((binary) => [id, ...aliases].some((alias) => told.get(binary)?.has(alias) === true)),
    );
    const wrong = (expected.vulnerabilities_must_not_appear ?? []).filter(
      ({ name: pkg, version, id }) => told.get(`${pkg} ${version}`)?.has(id) === true,
    );

    expect({ missing, wrong }).toEqual({ missing: [], wrong: [] });
  });

  test.each(names)("%s has exactly the findings of a naive computation", async (name) => {
    const report = await scan(name);
    const wanted = new Set<string>();
    for (const pkg of expectedOf(name).must_find)
      for (const id of naive.affecting(pkg)) wanted.add(`${pkg.name} ${pkg.version} ${id}`);
    const known = new Set(expectedOf(name).must_find.map((pkg) => `${pkg.name} ${pkg.version}`));

    const found = new Set<string>();
    for (const { package: pkg, id, aliases } of report.vulnerabilities ?? []) {
      if (!known.has(`${pkg.name} ${pkg.version}`)) continue;
      for (const alias of [id, ...aliases])
        if (naive.records.has(alias)) found.add(`${pkg.name} ${pkg.version} ${alias}`);
    }

    expect([...found].sort()).toEqual([...wanted].sort());
  });

  test("Alpine 3.9.0 has exactly its five, 3.10.9 and 3.11.13 have none", async () => {
    const ids = async (name: string): Promise<string[]> =>
      [...new Set((await scan(name)).vulnerabilities?.map(({ id }) => id))].sort();

    expect(await ids("alpine-3.9.0.docker.tar.gz")).toEqual([
      "CVE-2019-14697",
      "CVE-2019-1543",
      "CVE-2019-1547",
      "CVE-2019-1549",
      "CVE-2019-1563",
    ]);
    expect(await ids("alpine-3.10.9.docker.tar.gz")).toEqual([]);
    expect(await ids("alpine-3.11.13.oci.tar")).toEqual([]);
    expect(await ids("alpine-3.11.13.multiarch.oci.tar")).toEqual([]);
  });

  test.each(names)("%s gives the same bytes with an empty, a full and no cache", async (name) => {
    const cacheDir = join(folder, "cache");
    const once = async (options: { cache?: false }): Promise<string> =>
      JSON.stringify(
        await scanImage(join(images ?? "", name), {
          advisories,
          offline: true,
          cacheDir,
          evidence: ["installed", "declared"],
          ...options,
        }),
      );
    const [cold, warm] = [await once({}), await once({})];

    expect(warm).toBe(cold);
    expect(JSON.stringify(await scan(name))).toBe(cold);
  });

  test.each(names)("%s gives a valid document in every format", async (name) => {
    const report = await scan(name);

    // The other versions of CycloneDX are judged by way of an invented database, see the test of the round trip.
    for (const format of judgedFormats.filter((one) => !one.includes("@") || one.endsWith("@1.6")))
      expect(await formatProblems(format, [...reporterFor(format).render(report)].join("")), format).toEqual([]);
  });

  test("a release that the database does not know is no clean result", async () => {
    expect((await scan("alpine-3.18.9.oci.tar")).coverage.verdict).not.toBe("complete");
  });
});

const reports = new Map<string, Promise<Report>>();

function scan(name: string): Promise<Report> {
  const known = reports.get(name);
  if (known !== undefined) return known;
  const report = scanImage(join(images ?? "", name), {
    advisories,
    cache: false,
    offline: true,
    evidence: ["installed", "declared"],
  });
  reports.set(name, report);
  return report;
}

function expectedOf(name: string): Expected {
  const base = name.replace(/\.tar(\.gz)?$/, "").replace(/(\.multiarch)?(\.docker|\.oci)?$/, "");
  return JSON.parse(readFileSync(join(images ?? "", `${base}.expected.json`), "utf8")) as Expected;
}

/** Ids of findings under a package's name, and under its name and version. */
function idsByPackage(report: Report): ReadonlyMap<string, ReadonlySet<string>> {
  const told = new Map<string, Set<string>>();
  for (const { package: pkg, id, aliases } of report.vulnerabilities ?? [])
    for (const key of [pkg.name, `${pkg.name} ${pkg.version}`])
      told.set(key, new Set([...(told.get(key) ?? []), id, ...aliases]));
  return told;
}
