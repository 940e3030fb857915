import type { Diagnostic, Finding, Package, Report, Reporter } from "@plimsoll/model";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";

/** The report itself: the contract that programs read, with keys and lists in canonical order. */
export function json(): Reporter {
  return {
    id: "json",
    mediaType: "application/json",
    render: (report) => streamObject(inOrder(orderedReport(report), reportKeys)),
  };
}

/** The keys of a type in the order they are printed; the compiler refuses a shape that forgets one. Lists take their elements' shape. */
type Shape<T> = T extends readonly (infer Element)[]
  ? Shape<Element>
  : T extends object
    ? { readonly [Key in keyof T]-?: Shape<Exclude<T[Key], undefined>> }
    : true;

type Keys = true | { readonly [key: string]: Keys };

const layerKeys = { index: true, diffId: true } as const;

const packageKeys: Shape<Package> = {
  id: true,
  name: true,
  version: true,
  ecosystem: true,
  class: true,
  purl: true,
  source: { name: true, version: true },
  architecture: true,
  licenses: true,
  supplier: true,
  hashes: {},
  cpes: true,
  scope: true,
  relationship: true,
  facts: {},
  locations: { path: true, layer: layerKeys, line: true, evidence: true, ownedBy: true },
  dependencies: true,
  foundBy: true,
};

const findingKeys: Shape<Finding> = {
  id: true,
  aliases: true,
  package: { id: true, name: true, version: true, purl: true },
  fixedVersion: true,
  fixedVersions: true,
  status: true,
  severity: true,
  severitySource: true,
  cvss: { source: true, version: true, vector: true, score: true },
  epss: { probability: true, percentile: true, date: true },
  knownExploited: { dateAdded: true, dueDate: true, ransomware: true },
  risk: true,
  title: true,
  description: true,
  cwes: true,
  references: true,
  published: true,
  modified: true,
  layer: { ...layerKeys, createdBy: true },
  explanation: {
    key: { namespace: true, name: true },
    comparedVersion: true,
    advisory: true,
    range: true,
    scheme: true,
    confidence: true,
    notes: true,
  },
};

const diagnosticKeys: Shape<Diagnostic> = {
  kind: true,
  code: true,
  effect: true,
  message: true,
  location: { path: true, layer: layerKeys, line: true },
  analyzer: true,
};

const reportKeys: Shape<Report> = {
  schemaVersion: true,
  tool: { name: true, version: true },
  createdAt: true,
  artifact: {
    name: true,
    kind: true,
    digest: true,
    platform: true,
    tags: true,
    distro: {
      id: true,
      versionId: true,
      codename: true,
      name: true,
      prettyName: true,
      idLike: true,
      variantId: true,
      cpeName: true,
      endOfLife: true,
      channels: true,
      facts: {},
    },
    layers: { index: true, digest: true, diffId: true, createdBy: true, size: true, base: true },
  },
  advisories: { revision: true, sources: { id: true, records: true, updatedAt: true } },
  packages: packageKeys,
  findings: findingKeys,
  suppressed: { finding: findingKeys, by: true, reason: true },
  coverage: { verdict: true, gaps: { code: true, message: true, packages: true, path: true } },
  diagnostics: diagnosticKeys,
};

/** The object with its known keys in this order, then all others sorted: additions to the contract are never lost. */
function inOrder(object: object, keys: Keys): Record<string, unknown> {
  const given = new Map<string, unknown>(Object.entries(object));
  const known = keys === true ? [] : Object.keys(keys);
  const names = new Set([...known, ...[...given.keys()].sort()]);
  const ordered: [string, unknown][] = [];
  for (const name of names) {
    const value = given.get(name);
    if (value !== undefined) ordered.push([name, orderedValue(value, keys === true ? true : (keys[name] ?? true))]);
  }
  return Object.fromEntries(ordered);
}

function orderedValue(value: unknown, keys: Keys): unknown {
  if (Array.isArray(value)) return value.map((element) => orderedValue(element, keys));
  return typeof value === "object" && value !== null ? inOrder(value, keys) : value;
}
