import { finish, jsonSteps, mapped, parseJson, record } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import {
  checkOptions,
  findingKinds,
  inTurns,
  licenseCategories,
  optionIs,
  ScanError,
  severities,
  withTypedFacts,
} from "@plimsoll/model";
import type {
  Artifact,
  ConfigFile,
  Coverage,
  CoverageGap,
  CvssRating,
  Diagnostic,
  Distro,
  FindingKind,
  Inventory,
  LayerInfo,
  LayerRef,
  LicenseFinding,
  LicenseText,
  Location,
  MatchExplanation,
  Misconfiguration,
  Package,
  PackageLocation,
  PackageRef,
  Report,
  ScannerId,
  SecretFinding,
  SnippetLine,
  SourceInfo,
  SuppressedFinding,
  TextEdit,
  TextPosition,
  Vulnerability,
} from "@plimsoll/model";
import { fromVersion1 } from "./version-1.ts";

export interface ReadReportOptions {
  /** Name of the file, for messages. Absent: `the report`. */
  readonly label?: string | undefined;
}

/**
 * Reads a report or inventory in Plimsoll's own JSON. The types of all members known to this version are checked; unknown members are kept.
 * Documents of schema version 1 are converted to version 2.
 * It keeps everybody else waiting: half a second for 10,000 packages and 20,000 findings. {@link readReportInTurns} does not.
 * @throws ScanError `malformed-document`, naming the place of the first thing that is wrong.
 */
export function readReport(text: string, options: ReadReportOptions = {}): Report | Inventory {
  checkOptions("readReport", options, { label: optionIs.text });
  // oxlint-disable-next-line require-yield -- it does not stop
  const atOnce = function* parse(): Steps<unknown> {
    return parseJson(text);
  };
  return finish(readSteps(atOnce, options));
}

/**
 * As {@link readReport}, with turns of the event loop for others in between: for servers. Documents of schema version 1 are converted at once.
 * @throws ScanError as that does, in the promise.
 */
export async function readReportInTurns(text: string, options: ReadReportOptions = {}): Promise<Report | Inventory> {
  checkOptions("readReportInTurns", options, { label: optionIs.text });
  return inTurns(readSteps(() => jsonSteps(text, (path) => path.length <= 1), options));
}

/** To check a package or a finding takes about as long as looking at so many bytes. */
const bytesPerItem = 512;

function* readSteps(parse: () => Steps<unknown>, options: ReadReportOptions): Steps<Report | Inventory> {
  const label = options.label ?? "the report";
  const refuse = (reason: string, cause?: unknown): never => {
    throw new ScanError({ kind: "malformed-document", label, reason }, { cause });
  };
  const given = yield* parsed(parse, refuse);
  const value = isReportOrInventory(given) ? fromVersion1(given) : given;
  if (!isReportOrInventory(value)) return refuse("it is neither a report nor an inventory");
  const wrong = yield* ("coverage" in value ? report : inventory)(value);
  if (wrong !== undefined)
    return refuse(`${wrong === "" ? "the document" : wrong.slice(1)} has another type or value than the format allows`);
  return { ...value, packages: yield* mapped(value.packages, bytesPerItem, withTypedFacts) };
}

/** Whether a JSON value means to be a report or inventory of ours, of a version that can be read. */
export function isReportOrInventory(value: unknown): value is Report | Inventory {
  const object = record(value);
  return (
    object !== undefined &&
    (object["schemaVersion"] === 1 || object["schemaVersion"] === 2) &&
    record(object["artifact"]) !== undefined &&
    Array.isArray(object["packages"])
  );
}

function* parsed(parse: () => Steps<unknown>, refuse: (reason: string, cause?: unknown) => never): Steps<unknown> {
  try {
    return yield* parse();
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The place of the first thing that is wrong, from the value on (`.packages[2].name`); undefined when nothing is. */
interface Check {
  (value: unknown): string | undefined;
  /** The check of each element, where the value has to be a list. */
  readonly element?: Check;
}

/** One check for each key that a type has; the compiler refuses a shape that forgets one. */
type Shape<T> = { readonly [Key in keyof T]-?: Check };

const text: Check = (value) => (typeof value === "string" ? undefined : "");
const number: Check = (value) => (typeof value === "number" && Number.isFinite(value) ? undefined : "");
const flag: Check = (value) => (typeof value === "boolean" ? undefined : "");
const digest: Check = (value) => (typeof value === "string" && /^[a-z0-9]+:[0-9a-f]+$/i.test(value) ? undefined : "");

function optional(check: Check): Check {
  const optionally = (value: unknown): string | undefined => (value === undefined ? undefined : check(value));
  return Object.assign(optionally, check.element === undefined ? {} : { element: check.element });
}

function oneOf(...allowed: readonly unknown[]): Check {
  return (value) => (allowed.includes(value) ? undefined : "");
}

function list(check: Check): Check {
  const checkList = (value: unknown): string | undefined => {
    if (!Array.isArray(value)) return "";
    for (const [index, item] of value.entries()) {
      const wrong = check(item);
      if (wrong !== undefined) return `[${index}]${wrong}`;
    }
    return undefined;
  };
  return Object.assign(checkList, { element: check });
}

/** The check of a whole document, in steps: its lists are long. */
function document<T>(shape: Shape<T>): (value: object) => Steps<string | undefined> {
  const checks = Object.entries<Check>(shape);
  return function* wrongPlace(value) {
    const given = new Map<string, unknown>(Object.entries(value));
    for (const [key, check] of checks) {
      const member = given.get(key);
      const wrong =
        check.element !== undefined && Array.isArray(member)
          ? yield* wrongElement(member, check.element)
          : check(member);
      if (wrong !== undefined) return `.${key}${wrong}`;
    }
    return undefined;
  };
}

function* wrongElement(elements: readonly unknown[], check: Check): Steps<string | undefined> {
  for (const [index, element] of elements.entries()) {
    const wrong = check(element);
    if (wrong !== undefined) return `[${index}]${wrong}`;
    yield bytesPerItem;
  }
  return undefined;
}

function object<T>(shape: Shape<T>): Check {
  const checks = Object.entries<Check>(shape);
  return (value) => {
    const given = record(value);
    if (given === undefined) return "";
    for (const [key, check] of checks) {
      const wrong = check(Object.hasOwn(given, key) ? given[key] : undefined);
      if (wrong !== undefined) return `.${key}${wrong}`;
    }
    return undefined;
  };
}

const texts = list(text);

const textMap: Check = (value) => {
  const given = record(value);
  if (given === undefined) return "";
  const wrong = Object.entries(given).find(([, item]) => typeof item !== "string");
  return wrong === undefined ? undefined : `.${wrong[0]}`;
};

const layerShape: Shape<LayerRef> = { index: number, diffId: digest };
const locationShape: Shape<Location> = {
  path: text,
  layer: optional(object(layerShape)),
  line: optional(number),
  column: optional(number),
  endLine: optional(number),
  endColumn: optional(number),
};
const layer = object<LayerRef & { readonly createdBy?: string }>({ ...layerShape, createdBy: optional(text) });

const pkg = object<Package>({
  id: text,
  name: text,
  version: text,
  ecosystem: text,
  class: optional(oneOf("os", "library")),
  purl: text,
  source: optional(object<NonNullable<Package["source"]>>({ name: text, version: text })),
  architecture: optional(text),
  licenses: optional(texts),
  supplier: optional(text),
  hashes: optional(textMap),
  cpes: optional(texts),
  scope: optional(oneOf("dev", "optional")),
  confidence: optional(oneOf("approximate")),
  origin: optional(oneOf("project", "path", "repository", "archive", "manifest")),
  kind: optional(oneOf("machine-learning-model")),
  module: optional(text),
  relationship: optional(oneOf("root", "workspace", "direct", "indirect")),
  facts: optional(textMap),
  locations: list(
    object<PackageLocation>({
      ...locationShape,
      evidence: oneOf("installed", "declared", "requested"),
      ownedBy: optional(text),
    }),
  ),
  dependencies: optional(texts),
  foundBy: optional(texts),
});

const packageRef = object<PackageRef>({
  id: text,
  name: text,
  version: text,
  purl: text,
  ecosystem: optional(text),
  path: optional(text),
});

const place = {
  location: optional(object(locationShape)),
  locations: list(object(locationShape)),
  fingerprint: text,
} as const;

const vulnerability = object<Vulnerability>({
  kind: oneOf("vulnerability"),
  id: text,
  aliases: texts,
  package: packageRef,
  fixedVersion: optional(text),
  fixedVersions: texts,
  status: oneOf("fixed", "affected", "will_not_fix", "fix_deferred", "end_of_life", "under_investigation"),
  severity: oneOf(...severities),
  severitySource: optional(text),
  cvss: list(
    object<CvssRating>({ source: text, version: oneOf("2.0", "3.0", "3.1", "4.0"), vector: text, score: number }),
  ),
  epss: optional(object<NonNullable<Vulnerability["epss"]>>({ probability: number, percentile: number, date: text })),
  knownExploited: optional(
    object<NonNullable<Vulnerability["knownExploited"]>>({
      dateAdded: text,
      dueDate: optional(text),
      ransomware: optional(flag),
    }),
  ),
  risk: optional(number),
  title: optional(text),
  description: optional(text),
  cwes: optional(texts),
  references: texts,
  published: optional(text),
  modified: optional(text),
  layer: optional(layer),
  explanation: object<MatchExplanation>({
    key: object<MatchExplanation["key"]>({ namespace: text, name: text }),
    comparedVersion: text,
    advisory: text,
    range: text,
    scheme: text,
    confidence: oneOf("exact", "approximate"),
    notes: optional(texts),
  }),
  ...place,
});

const secret = object<SecretFinding>({
  kind: oneOf("secret"),
  id: text,
  aliases: optional(texts),
  category: text,
  title: text,
  severity: oneOf(...severities),
  removedIn: optional(layer),
  match: text,
  explanation: object<SecretFinding["explanation"]>({ rule: text, keyword: optional(text), notes: optional(texts) }),
  ...place,
});

const license = object<LicenseFinding>({
  kind: oneOf("license"),
  id: text,
  title: optional(text),
  category: oneOf(...licenseCategories),
  severity: oneOf(...severities),
  confidence: number,
  package: optional(packageRef),
  copyrights: optional(texts),
  explanation: object<LicenseFinding["explanation"]>({
    source: oneOf("statement", "text"),
    statement: optional(text),
    notes: optional(texts),
  }),
  ...place,
});

const position = object<TextPosition>({ line: number, column: number });

const misconfiguration = object<Misconfiguration>({
  kind: oneOf("misconfiguration"),
  engine: oneOf("checks", "rego", "audit", "gatekeeper", "cis", "probes"),
  subject: oneOf("file", "image-config", "object", "node", "endpoint", "cloud"),
  id: text,
  aliases: optional(texts),
  severity: oneOf(...severities),
  status: oneOf("fail", "pass", "manual", "unknown"),
  level: optional(oneOf("error", "warning", "info")),
  title: text,
  message: text,
  description: optional(text),
  resolution: optional(text),
  references: texts,
  resource: object<Misconfiguration["resource"]>({ type: text, name: text, namespace: optional(text) }),
  snippet: optional(list(object<SnippetLine>({ line: number, text, cause: optional(flag) }))),
  fix: optional(
    object<NonNullable<Misconfiguration["fix"]>>({
      edits: list(object<TextEdit>({ path: text, start: position, end: position, text })),
    }),
  ),
  explanation: object<Misconfiguration["explanation"]>({ rule: text, notes: optional(texts) }),
  ...place,
});

const checkOfKind: Readonly<Record<FindingKind, Check>> = { vulnerability, secret, license, misconfiguration };

/** A finding of any kind, checked as its kind says. */
const finding: Check = (value) => {
  const kind = findingKinds.find((each) => record(value)?.["kind"] === each);
  return kind === undefined ? ".kind" : checkOfKind[kind](value);
};

const distro = object<Distro>({
  id: text,
  versionId: optional(text),
  codename: optional(text),
  name: optional(text),
  prettyName: optional(text),
  idLike: optional(texts),
  variantId: optional(text),
  cpeName: optional(text),
  endOfLife: optional(text),
  channels: optional(texts),
  facts: optional(textMap),
});

const artifact = object<Artifact>({
  name: text,
  kind: oneOf("container-image", "rootfs", "filesystem", "sbom", "node", "cluster"),
  digest: optional(digest),
  indexDigests: optional(list(digest)),
  version: optional(text),
  purl: optional(text),
  dependencies: optional(texts),
  platform: optional(text),
  tags: optional(texts),
  distro: optional(distro),
  layers: list(
    object<LayerInfo>({
      ...layerShape,
      digest,
      createdBy: optional(text),
      size: number,
      base: optional(flag),
    }),
  ),
});

const diagnostics = list(
  object<Diagnostic>({
    kind: oneOf("diagnostic"),
    // A later version may know more codes.
    code: text,
    effect: oneOf("none", "incomplete"),
    message: text,
    location: optional(object(locationShape)),
    analyzer: optional(text),
  }),
);

const inventory = document<Inventory>({
  schemaVersion: oneOf(2),
  artifact,
  packages: list(pkg),
  secrets: optional(list(secret)),
  configs: optional(
    list(
      object<ConfigFile>({
        path: text,
        layer: optional(object(layerShape)),
        text,
        format: optional(oneOf("image-config")),
        lineLayers: optional(
          list(
            object<NonNullable<ConfigFile["lineLayers"]>[number]>({
              line: number,
              layer: object<LayerRef>(layerShape),
            }),
          ),
        ),
      }),
    ),
  ),
  licenseTexts: optional(
    list(
      object<LicenseText>({
        path: text,
        layer: optional(object(layerShape)),
        licenses: list(
          object<LicenseText["licenses"][number]>({ id: text, confidence: number, line: optional(number) }),
        ),
        copyrights: optional(texts),
      }),
    ),
  ),
  diagnostics,
});

const verdict = oneOf("complete", "partial", "unsupported");
const scannerIds = ["vuln", "secret", "license", "misconfig", "rbac"] as const satisfies readonly ScannerId[];

const report = document<Report>({
  schemaVersion: oneOf(2),
  tool: object<Report["tool"]>({ name: text, version: text }),
  createdAt: optional(text),
  artifact,
  advisories: optional(
    object<NonNullable<Report["advisories"]>>({
      revision: text,
      sources: list(
        object<SourceInfo>({ id: text, records: number, updatedAt: optional(text), checkedAt: optional(text) }),
      ),
      asked: optional(texts),
    }),
  ),
  packages: list(pkg),
  vulnerabilities: optional(list(vulnerability)),
  secrets: optional(list(secret)),
  licenses: optional(list(license)),
  misconfigurations: optional(list(misconfiguration)),
  suppressed: optional(
    list(
      object<SuppressedFinding>({
        finding,
        by: text,
        reason: text,
        scope: optional(text),
        expires: optional(text),
        origin: optional(text),
      }),
    ),
  ),
  coverage: object<Coverage>({
    verdict,
    scanners: optional((value) =>
      record(value) === undefined
        ? ""
        : Object.values(record(value) ?? {})
            .map(verdict)
            .find((wrong) => wrong !== undefined),
    ),
    gaps: list(
      object<CoverageGap>({
        scanner: optional(oneOf(...scannerIds)),
        code: text,
        message: text,
        packages: optional(number),
        path: optional(text),
      }),
    ),
  }),
  diagnostics,
});
