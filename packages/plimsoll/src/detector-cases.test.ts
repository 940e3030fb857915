import { openTrivyStore } from "@plimsoll/advisories";
import { everyEcosystem } from "@plimsoll/ecosystems";
import { parseYaml } from "@plimsoll/formats";
import { match } from "@plimsoll/matcher";
import type { AdvisoryStore, Distro, Inventory, Package } from "@plimsoll/model";
import { boltFile, memoryBytes, sharedFile } from "@plimsoll/testkit";
import type { BoltContent } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";

/** Published cases of Trivy's detectors: packages, the advisories of a database, and what must be found. */
const folder = "conformance/matching";

interface DetectorPackage {
  readonly name: string;
  readonly version?: string;
  readonly release?: string;
  readonly epoch?: number;
  readonly arch?: string;
  readonly srcName?: string;
  readonly srcVersion?: string;
  readonly srcRelease?: string;
  readonly srcEpoch?: number;
  readonly modularitylabel?: string;
  readonly buildInfo?: { readonly contentSets?: readonly string[] };
}

interface DetectorCase {
  readonly detector: string;
  readonly name: string;
  readonly args: {
    readonly dist?: string;
    readonly osVer?: string;
    readonly repo?: { readonly family: string; readonly release: string };
    readonly pkgs?: readonly DetectorPackage[];
    readonly pkgName?: string;
    readonly pkgVer?: string;
  };
  readonly options: { readonly libType?: string; readonly baseOS?: string };
  readonly databases: readonly string[];
  readonly detected: readonly {
    readonly vulnerabilityID: string;
    readonly pkgName: string;
    readonly installedVersion: string;
    readonly fixedVersion?: string;
    readonly status?: string;
  }[];
  readonly error: boolean;
}

const cases = JSON.parse(sharedFile(`${folder}/trivy-detectors.json`) ?? "[]") as readonly DetectorCase[];
const engine = boltFile({}) !== undefined;
if (cases.length === 0) console.warn("no shared data here: the published cases of detectors are skipped");

/** The os-release id, and the ecosystem, of what Trivy calls a family. */
const families: Readonly<Record<string, readonly [id: string, ecosystem: string]>> = {
  alma: ["almalinux", "rpm"],
  alpine: ["alpine", "apk"],
  amazon: ["amzn", "rpm"],
  azure: ["azurelinux", "rpm"],
  bottlerocket: ["bottlerocket", "bottlerocket"],
  centos: ["centos", "rpm"],
  chainguard: ["chainguard", "apk"],
  debian: ["debian", "deb"],
  echo: ["echo", "deb"],
  mariner: ["mariner", "rpm"],
  minimos: ["minimos", "apk"],
  oracle: ["ol", "rpm"],
  photon: ["photon", "rpm"],
  redhat: ["rhel", "rpm"],
  rocky: ["rocky", "rpm"],
  ubuntu: ["ubuntu", "deb"],
  wolfi: ["wolfi", "apk"],
};

/** Cases that we answer otherwise on purpose, with the reason. */
const deviations: Readonly<Record<string, string>> = {
  "ospkg/rootio: Get returns an error": "nothing about the package says that Root.io built it",
  "ospkg/ubuntu: ubuntu 19.04-ESM, 19.04 is outdated":
    "what the archive says of an outdated release is still true of its packages",
  "ospkg/seal: non-Seal package is scanned with the base OS scanner":
    "the entry has a range as those of rebuilders have, and its fix is in there",
};

/** The ecosystem of what Trivy calls a type of library. */
const libraries: Readonly<Record<string, string>> = {
  bundler: "gem",
  cargo: "cargo",
  composer: "composer",
  conan: "conan",
  gemspec: "gem",
  gobinary: "golang",
  gomod: "golang",
  jar: "maven",
  julia: "julia",
  npm: "npm",
  "node-pkg": "npm",
  nuget: "nuget",
  pip: "pypi",
  pom: "maven",
  "python-pkg": "pypi",
};

describe.skipIf(cases.length === 0 || !engine)("what Trivy's detectors find, we find", () => {
  test.each(cases.map((each) => [`${each.detector}: ${each.name}`, each] as const))("%s", async (name, one) => {
    const store = await open(one.databases);
    const library = libraries[one.options.libType ?? ""];
    const [distro, ecosystem] = library === undefined ? distroOf(one) : [undefined, library];
    const listed = one.args.pkgs ?? [{ name: one.args.pkgName ?? "", version: one.args.pkgVer ?? "" }];
    const packages = listed.map((pkg, at) => packageOf(pkg, ecosystem, distro, at));
    const inventory: Inventory = {
      schemaVersion: 2,
      artifact: { name: "case", kind: "container-image", layers: [], ...(distro === undefined ? {} : { distro }) },
      packages,
      diagnostics: [],
    };

    const result = match(inventory, store, { ecosystems: everyEcosystem });

    if (one.error) {
      if (deviations[name] === undefined) await expect(result).rejects.toThrow();
      else await expect(result).resolves.toBeDefined();
      return;
    }
    const { vulnerabilities: findings } = await result;
    const found = findings.map(({ id, package: { name: pkg, version } }) => [id, pkg, version].join(" "));
    const wanted = one.detected.map((each) => [each.vulnerabilityID, each.pkgName, each.installedVersion].join(" "));
    // Where several fixes are named, ours is the nearest.
    const isNamed = findings.every(({ id, package: pkg, fixedVersion }) =>
      one.detected
        .filter((each) => each.vulnerabilityID === id && each.pkgName === pkg.name)
        .some((each) => fixesOf(each.fixedVersion).includes(withoutZero(fixedVersion))),
    );
    if (deviations[name] === undefined) expect(isNamed, JSON.stringify(findings)).toBe(true);
    if (deviations[name] === undefined) expect(found.sort()).toEqual(wanted.sort());
    else
      expect([found.sort(), isNamed], `deviates no longer, although: ${deviations[name]}`).not.toEqual([
        wanted.sort(),
        true,
      ]);
  });
});

/** `>= 4.2.2, ~> 4.1.11` as versions. */
function fixesOf(stated = ""): readonly string[] {
  return stated.split(", ").map((fix) => withoutZero(fix.replace(/^[<>=~^ ]+/, "")));
}

/** An epoch of 0 is none. We name fixes as advisories do. */
function withoutZero(version = ""): string {
  return version.replace(/^0:/, "");
}

function distroOf({ detector, args, options, databases }: DetectorCase): [Distro, string] {
  const word = detector.slice("ospkg/".length);
  const family = options.baseOS ?? args.dist ?? word;
  if (word === "suse") {
    // The case does not say which product it means; its database does.
    const id =
      args.osVer === undefined
        ? "opensuse-tumbleweed"
        : args.osVer.startsWith("5.")
          ? "sle-micro"
          : databases.some((file) => file.includes("invalid"))
            ? "sles"
            : "opensuse-leap";
    return [{ id, versionId: args.osVer ?? "20240901" }, "rpm"];
  }
  const [id, ecosystem] = families[family] ?? [family, "rpm"];
  const esm = args.osVer?.endsWith("-ESM") === true;
  const sets = args.pkgs?.flatMap(({ buildInfo }) => buildInfo?.contentSets ?? []) ?? [];
  return [
    {
      id,
      ...(args.osVer === undefined ? {} : { versionId: args.osVer.replace("-ESM", "") }),
      ...(esm ? { channels: ["esm-infra"] } : {}),
      ...(args.repo !== undefined && id === "alpine"
        ? { facts: { "apk-repository": `v${args.repo.release}` } }
        : sets.length > 0
          ? { facts: { "content-sets/x.json": sets.join(" ") } }
          : word === "rapidfort"
            ? { facts: { rapidfort: "curated" } }
            : {}),
    },
    ecosystem,
  ];
}

function packageOf(pkg: DetectorPackage, ecosystem: string, distro: Distro | undefined, at: number): Package {
  const version = evr(pkg.epoch, pkg.version, pkg.release);
  const module = pkg.modularitylabel === undefined || pkg.modularitylabel === "" ? {} : { module: pkg.modularitylabel };
  return {
    id: `${at}`,
    ecosystem,
    class: distro === undefined ? "library" : "os",
    name: pkg.name,
    version,
    purl: everyEcosystem.find(({ id }) => id === ecosystem)?.purl({ name: pkg.name, version }, distro) ?? "",
    ...(pkg.arch === undefined ? {} : { architecture: pkg.arch }),
    ...(pkg.srcName === undefined
      ? {}
      : { source: { name: pkg.srcName, version: evr(pkg.srcEpoch, pkg.srcVersion, pkg.srcRelease) } }),
    ...module,
    locations: [],
  };
}

function evr(epoch = 0, version = "", release = ""): string {
  return `${epoch === 0 ? "" : `${epoch}:`}${version}${release === "" ? "" : `-${release}`}`;
}

const stores = new Map<string, Promise<AdvisoryStore>>();

function open(files: readonly string[]): Promise<AdvisoryStore> {
  const key = files.join();
  const known = stores.get(key);
  if (known !== undefined) return known;
  const root: Record<string, BoltContent> = {};
  for (const file of files) {
    const buckets = parseYaml(sharedFile(`${folder}/db/${file}`) ?? "")[0] as readonly Pair[];
    for (const { bucket = "", pairs = [] } of buckets) root[bucket] = merge(root[bucket], fill(pairs));
  }
  const store = openTrivyStore(memoryBytes(boltFile(root) ?? new Uint8Array()));
  stores.set(key, store);
  return store;
}

interface Pair {
  readonly bucket?: string;
  readonly key?: string;
  readonly value?: unknown;
  readonly pairs?: readonly Pair[];
}

function fill(pairs: readonly Pair[]): BoltContent {
  const content: Record<string, string | BoltContent> = {};
  for (const { bucket, key, value, pairs: inner = [] } of pairs) {
    if (bucket) content[bucket] = merge(content[bucket], fill(inner));
    else if (key) content[key] = JSON.stringify(value === "" ? null : (value ?? null), asNumber);
  }
  return content;
}

function merge(a: string | BoltContent | undefined, b: BoltContent): BoltContent {
  return typeof a === "object" ? { ...a, ...b } : b;
}

/** The YAML reader keeps every scalar as text; the database has numbers here. */
function asNumber(name: string, value: unknown): unknown {
  if (name === "Affected" && Array.isArray(value)) return value.map(Number);
  return ["Severity", "Status"].includes(name) && /^[\d.]+$/.test(String(value)) ? Number(value) : value;
}
