import { findingKinds, piecesOf } from "@plimsoll/model";
import type {
  Diagnostic,
  Finding,
  FindingKind,
  Location,
  Package,
  PackageRef,
  Report,
  Reporter,
} from "@plimsoll/model";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** The report itself: the contract that programs read, with keys and lists in canonical order. */
export function json(): Reporter {
  return {
    id: "json",
    mediaType: "application/json",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* streamReport(yield* orderedReport(report));
      }),
    renderSet: ({ subject, reports }) =>
      piecesOf(function* () {
        const ordered = [];
        for (const report of reports) ordered.push(inOrder(yield* orderedReport(report), reportKeys));
        yield* streamObject({ schemaVersion: 2, kind: "report-set", subject, reports: ordered });
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "json", make: () => json() }];

/** The keys of a type in the order they are printed; the compiler refuses a shape that forgets one. Lists take their elements' shape. */
type Shape<T> = [T, Finding] extends [Finding, T]
  ? "finding"
  : T extends readonly (infer Element)[]
    ? Shape<Element>
    : T extends object
      ? { readonly [Key in keyof T]-?: Shape<Exclude<T[Key], undefined>> }
      : true;

/** `finding`: the keys of its kind. */
export type Keys = true | "finding" | { readonly [key: string]: Keys };

const layerKeys = { index: true, diffId: true } as const;

const locationKeys: Shape<Location> = {
  path: true,
  line: true,
  column: true,
  endLine: true,
  endColumn: true,
  layer: layerKeys,
};

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
  confidence: true,
  origin: true,
  kind: true,
  module: true,
  relationship: true,
  facts: {},
  locations: { ...locationKeys, evidence: true, ownedBy: true },
  dependencies: true,
  foundBy: true,
};

const packageRefKeys: Shape<PackageRef> = {
  id: true,
  name: true,
  version: true,
  purl: true,
  ecosystem: true,
  path: true,
};

/** Keys that findings of every kind begin with, and below them those that come later. */
const headKeys = { kind: true, id: true, aliases: true } as const;
const placeKeys = { location: locationKeys, locations: locationKeys, fingerprint: true } as const;

const keysOfKind: { readonly [Kind in FindingKind]: Shape<Extract<Finding, { readonly kind: Kind }>> } = {
  vulnerability: {
    ...headKeys,
    package: packageRefKeys,
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
    ...placeKeys,
    explanation: {
      key: { namespace: true, name: true },
      comparedVersion: true,
      advisory: true,
      range: true,
      scheme: true,
      confidence: true,
      notes: true,
    },
  },
  secret: {
    ...headKeys,
    category: true,
    title: true,
    severity: true,
    ...placeKeys,
    removedIn: { ...layerKeys, createdBy: true },
    match: true,
    explanation: { rule: true, keyword: true, notes: true },
  },
  license: {
    kind: true,
    id: true,
    category: true,
    severity: true,
    confidence: true,
    title: true,
    package: packageRefKeys,
    copyrights: true,
    ...placeKeys,
    explanation: { source: true, statement: true, notes: true },
  },
  misconfiguration: {
    kind: true,
    engine: true,
    subject: true,
    id: true,
    aliases: true,
    severity: true,
    level: true,
    status: true,
    title: true,
    message: true,
    description: true,
    resolution: true,
    references: true,
    resource: { type: true, name: true, namespace: true },
    ...placeKeys,
    snippet: { line: true, text: true, cause: true },
    fix: {
      edits: { path: true, start: { line: true, column: true }, end: { line: true, column: true }, text: true },
    },
    explanation: { rule: true, notes: true },
  },
};

const diagnosticKeys: Shape<Diagnostic> = {
  kind: true,
  code: true,
  effect: true,
  message: true,
  location: locationKeys,
  analyzer: true,
};

/** The keys of a report, as the JSON Schema beside has them too. */
export const reportKeys: Shape<Report> = {
  schemaVersion: true,
  tool: { name: true, version: true },
  createdAt: true,
  artifact: {
    name: true,
    kind: true,
    digest: true,
    indexDigests: true,
    version: true,
    purl: true,
    dependencies: true,
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
  advisories: { revision: true, sources: { id: true, records: true, updatedAt: true, checkedAt: true }, asked: true },
  packages: packageKeys,
  vulnerabilities: keysOfKind.vulnerability,
  secrets: keysOfKind.secret,
  licenses: keysOfKind.license,
  misconfigurations: keysOfKind.misconfiguration,
  suppressed: { finding: "finding", by: true, reason: true, scope: true, expires: true, origin: true },
  coverage: {
    verdict: true,
    scanners: { vuln: true, secret: true, license: true, misconfig: true, rbac: true },
    gaps: { scanner: true, code: true, message: true, packages: true, path: true },
  },
  diagnostics: diagnosticKeys,
};

/** Findings are put in order one by one, when they are written: a long report is not held twice. */
function streamReport(report: Report): Iterable<string> {
  return streamObject(
    inOrder(report, reportKeys, (value) => value),
    (value, name) => orderedValue(value, reportKeys[name as keyof Report] ?? true), // a name that there is not has no shape
  );
}

/** The names that a shape has, kept by shape. */
const namesOf = new WeakMap<object, ReadonlySet<string>>();

function knownNames(keys: Keys): ReadonlySet<string> {
  if (typeof keys !== "object") return noNames;
  const names = namesOf.get(keys) ?? new Set(Object.keys(keys));
  namesOf.set(keys, names);
  return names;
}

const noNames: ReadonlySet<string> = new Set();

/** The object with its known keys in this order, then all others sorted: additions to the contract are never lost. */
function inOrder(
  object: object,
  keys: Keys,
  ordered: (value: unknown, keys: Keys) => unknown = orderedValue,
): Record<string, unknown> {
  const given = object as Readonly<Record<string, unknown>>; // an object has string keys
  const known = knownNames(keys);
  const result: Record<string, unknown> = {};
  const put = (name: string): boolean => {
    const value = given[name];
    if (value === undefined) return false;
    const shown = ordered(value, typeof keys === "object" ? (keys[name] ?? true) : true);
    // `__proto__` is a name like any other.
    if (name === "__proto__") Object.defineProperty(result, name, { value: shown, enumerable: true });
    else result[name] = shown;
    return true;
  };
  let written = 0;
  for (const name of known) if (put(name)) written++;
  const names = Object.keys(given);
  if (written < names.length) for (const name of names.filter((each) => !known.has(each)).sort()) put(name);
  return result;
}

function orderedValue(value: unknown, keys: Keys): unknown {
  if (Array.isArray(value)) return value.map((element) => orderedValue(element, keys));
  if (typeof value !== "object" || value === null) return value;
  return inOrder(value, keys === "finding" ? keysOf(value) : keys);
}

function keysOf(finding: object): Keys {
  const kind = findingKinds.find((each) => "kind" in finding && finding.kind === each);
  return kind === undefined ? true : keysOfKind[kind];
}
