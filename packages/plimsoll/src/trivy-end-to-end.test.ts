import { readdirSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { everyEcosystem } from "@plimsoll/ecosystems";
import { parseYaml } from "@plimsoll/formats";
import { openTrivyStore } from "@plimsoll/advisories";
import { match } from "@plimsoll/matcher";
import type {
  AdvisoryStore,
  Distro,
  FoundPackage,
  Inventory,
  Package,
  TriageRule,
  Vulnerability,
} from "@plimsoll/model";
import { rootfsDirectory } from "@plimsoll/node";
import { triage, vexDocument } from "@plimsoll/triage";
import { readSbom } from "@plimsoll/report";
import { memoryBytes, sharedFile, sharedPath, trivyDatabase } from "@plimsoll/testkit";
import type { TrivyPair } from "@plimsoll/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { analyzeImage } from "./node.ts";

/** Whole scans of Trivy's own end-to-end tests: its inputs, its database, and what it finds. */

interface Expected {
  readonly id: string;
  readonly pkg: string;
  readonly installed: string;
  readonly fixed?: string;
  readonly status: string;
  readonly severity: string;
  readonly severitySource?: string;
  readonly purl?: string;
}

interface EndToEndCase {
  readonly kind: "image" | "filesystem" | "sbom";
  readonly inputPresent: boolean;
  readonly args: Readonly<Record<string, unknown>>;
  readonly os?: { readonly Family: string; readonly Name: string };
  readonly document?: unknown;
  readonly results?: readonly { readonly target: string; readonly vulnerabilities?: readonly Expected[] }[];
}

const folder = sharedPath("conformance/e2e");
const names = folder === undefined ? [] : readdirSync(join(folder, "cases")).sort();
const databases = folder === undefined ? [] : readdirSync(join(folder, "db")).sort();
const documents = databases.map((file) => parseYaml(sharedFile(`conformance/e2e/db/${file}`) ?? "")[0]);
const bytes = trivyDatabase(documents);

/** Cases in which the answer here is another one, with the reason. */
const otherwise: ReadonlyMap<string, string> = new Map([
  ["testrepository-gomod-with-vex-repository", "VEX documents are files here, not repositories"],
  ["testrepository-installed-json", "Composer writes this file to vendor/composer/, and only there is it read"],
  ["testsbom-minikube-kbom", "components of a Kubernetes cluster are no packages of an image"],
]);

let store: AdvisoryStore;

describe.skipIf(folder === undefined || bytes === undefined)("what Trivy finds from end to end", () => {
  beforeAll(async () => {
    store = await openTrivyStore(memoryBytes(bytes ?? new Uint8Array()));
  });

  test.each(names.filter((name) => !otherwise.has(name)))("%s", async (name) => {
    const each = readCase(name);
    const expected = (each.results ?? []).flatMap((result) => result.vulnerabilities ?? []);
    const inventory = await inventoryOf(name, each, expected);
    const matched = await match(inventory, store, { ecosystems: everyEcosystem });
    const { findings } = triage(matched.vulnerabilities, vexOf(name), inventory.packages, inventory.artifact);

    const told = new Map(findings.map((finding) => [nameOf(finding), finding]));
    expect([...told.keys()].filter((key) => isWanted(told.get(key), each.args)).sort()).toEqual(
      [...new Set(expected.map(({ id, pkg, installed }) => `${id} ${pkg} ${installed}`))].sort(),
    );
    for (const { id, pkg, installed, fixed, status, severity } of expected) {
      const finding = told.get(`${id} ${pkg} ${installed}`);
      // Where Trivy lists every fix, or the conditions of one, ours is the nearest of them.
      const named = fixed?.split(", ").map((fix) => fix.replace(/^[<>=~]+ */, "")) ?? [undefined];
      // An epoch of 0 is none; we name fixes as advisories do.
      expect(named).toContain(finding?.fixedVersion?.replace(/^0:/, ""));
      expect(finding?.status).toBe(status);
      if (!asksForOtherSources(each.args)) expect(`${id} ${finding?.severity}`).toBe(`${id} ${severity}`);
    }
  });
});

test.skipIf(folder === undefined)("every exception is a case", () => {
  expect([...otherwise.keys()].filter((name) => !names.includes(name))).toEqual([]);
});

/** The VEX document that lies beside the input of a case. */
function vexOf(name: string): readonly TriageRule[] {
  const file = join(folder ?? "", "cases", name, "config", "openvex.json");
  return existsSync(file) ? [vexDocument(readFileSync(file, "utf8"), { name: "openvex.json" })] : [];
}

function readCase(name: string): EndToEndCase {
  return JSON.parse(readFileSync(join(folder ?? "", "cases", name, "expected.json"), "utf8")) as EndToEndCase;
}

function nameOf({ id, package: pkg }: Vulnerability): string {
  return `${id} ${pkg.name} ${pkg.version}`;
}

/** Some cases choose among severities; that is a setting of Trivy's. */
function asksForOtherSources(args: EndToEndCase["args"]): boolean {
  return args["vulnSeveritySources"] !== undefined;
}

/** The filters of the case, applied to what we find. */
function isWanted(finding: Vulnerability | undefined, args: EndToEndCase["args"]): boolean {
  const severities = args["severity"] as readonly string[] | undefined;
  const ignored = args["ignoreIDs"] as readonly string[] | undefined;
  return (
    finding !== undefined &&
    (args["ignoreUnfixed"] !== true || finding.status === "fixed") &&
    (severities === undefined || severities.includes(finding.severity)) &&
    ignored?.includes(finding.id) !== true
  );
}

async function inventoryOf(name: string, each: EndToEndCase, expected: readonly Expected[]): Promise<Inventory> {
  const input = join(folder ?? "", "cases", name, "input");
  if (!existsSync(input)) return inventoryOfPairs(each, expected);
  if (each.kind === "sbom") {
    const [file = ""] = readdirSync(input);
    return readSbom(readFileSync(join(input, file)));
  }
  return analyzeImage(rootfsDirectory(input, { kind: "filesystem" }), {
    cache: false,
    offline: true,
    evidence: ["installed", "declared"],
  });
}

const families: Readonly<Record<string, readonly [ecosystem: string, id: string]>> = {
  alma: ["rpm", "almalinux"],
  alpine: ["apk", "alpine"],
  amazon: ["rpm", "amzn"],
  "cbl-mariner": ["rpm", "mariner"],
  centos: ["rpm", "centos"],
  debian: ["deb", "debian"],
  "opensuse-tumbleweed": ["rpm", "opensuse-tumbleweed"],
  oracle: ["rpm", "ol"],
  photon: ["rpm", "photon"],
  redhat: ["rpm", "rhel"],
  rocky: ["rpm", "rocky"],
  slem: ["rpm", "sle-micro"],
  ubuntu: ["deb", "ubuntu"],
};

/** The images themselves are not there: what was found in them is put together from the findings. */
function inventoryOfPairs({ os }: EndToEndCase, expected: readonly Expected[]): Inventory {
  const [osEcosystem = "", id = ""] = families[os?.Family ?? ""] ?? [];
  const versionId = /[\d.]+/.exec(os?.Name ?? "")?.[0];
  const distro: Distro = { id, ...(versionId === undefined ? {} : { versionId }) };
  const packages = expected.map(({ id: vulnerability, pkg, installed, purl = "" }, index): Package => {
    const type = /^pkg:([^/]+)\//.exec(purl)?.[1] ?? "";
    const ecosystem = ["apk", "deb", "rpm"].includes(type) ? osEcosystem : type;
    const found: FoundPackage = { name: pkg, version: installed };
    const source = sourceOf(vulnerability, pkg, ecosystem);
    return {
      ...found,
      id: String(index),
      purl,
      ecosystem,
      locations: [],
      source: { name: source, version: installed },
    };
  });
  return {
    schemaVersion: 2,
    artifact: { name: "x", kind: "container-image", layers: [], distro },
    packages,
    diagnostics: [],
  };
}

/** The name in the database under which the vulnerability stands, where it is not the package's own: what it was built from. */
function sourceOf(vulnerability: string, pkg: string, ecosystem: string): string {
  const buckets = documents.flat() as readonly TrivyPair[];
  const names = buckets
    .filter(({ bucket = "" }) => bucketsOf[ecosystem]?.test(bucket))
    .flatMap(({ pairs = [] }) => pairs)
    .filter(({ pairs = [] }) => pairs.some(({ key }) => key === vulnerability))
    .flatMap(({ bucket }) => bucket ?? []);
  return names.includes(pkg) ? pkg : (names[0] ?? pkg);
}

const bucketsOf: Readonly<Record<string, RegExp>> = { apk: /^alpine /, deb: /^(?:debian|ubuntu) /, rpm: /^$/ };
