/** Secrets as a part of the inventory: found in every file of every layer during the one pass over an image. */

import { compareText, fingerprintOf, located, severities } from "@plimsoll/model";
import type {
  AnalyzedFile,
  DetectedData,
  FileAnalyzer,
  InventoryParts,
  Observation,
  PartDetector,
  SecretFinding,
} from "@plimsoll/model";
import { openSecretSearch, type FoundSecret } from "./find-secrets.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { everySecretRule } from "./rules/index.ts";
import type { SecretRule } from "./secret-rule.ts";
import { defaultSkippedPaths, type SkippedPath } from "./skipped-paths.ts";

export interface SecretDetectorOptions {
  /** Default: {@link everySecretRule}. */
  readonly rules?: readonly SecretRule[];
  /** Paths that are left out. Default: {@link defaultSkippedPaths}. */
  readonly skippedPaths?: readonly SkippedPath[];
}

const knownOptions = new Set(["rules", "skippedPaths"]);
/** Bump when the same rules find something else in the same bytes. */
const revisionOfSearch = 1;

/**
 * A detector of secrets. What it says of a layer is cached under a digest of its rules: other rules read the layer again.
 * @throws {TypeError} If an option is unknown.
 */
export function secretDetector(options: SecretDetectorOptions = {}): PartDetector {
  for (const name of Object.keys(options))
    if (!knownOptions.has(name)) throw new TypeError(`secretDetector: unknown option ${name}`);
  const { rules = everySecretRule, skippedPaths = defaultSkippedPaths } = options;
  const analyzer: FileAnalyzer = {
    id: "secrets/text",
    kind: "file",
    revision: digestOf([revisionOfSearch, rules, skippedPaths]),
    matches: [{ suffix: "" }],
    analyze: (file) => searchFile(file, rules, skippedPaths),
  };
  return { id: "secrets", analyzers: [analyzer], reach: "every-layer", clean: cleanSecret, collect: collectSecrets };
}

/** A whole number that differs where the value does: 52 bits of its fingerprint. */
function digestOf(value: unknown): number {
  return Number.parseInt(fingerprintOf("secret", JSON.stringify(value)).slice(0, 13), 16);
}

const configurationNames = /(?:^|\/)(?:\.env(?:\.[\w-]+)?|[^/]+\.(?:ya?ml|json|toml|ini|conf|properties))$/;

async function* searchFile(
  file: AnalyzedFile,
  rules: readonly SecretRule[],
  skippedPaths: readonly SkippedPath[],
): AsyncGenerator<Observation> {
  const search = openSecretSearch({ path: file.path, rules, skippedPaths });
  if (search.done) return;
  for await (const bytes of file.stream()) {
    search.push(bytes);
    if (search.done) break;
  }
  const { secrets, omitted, skipped } = search.finish();
  for (const secret of secrets) yield { kind: "detected", data: secret };
  if (omitted > 0) {
    yield {
      kind: "diagnostic",
      code: "limit-exceeded",
      message: `${omitted} more secrets were found than the ${secrets.length} that are listed`,
      location: { path: file.path },
      effect: "incomplete",
    };
  }
  if (skipped?.reason === "binary" && configurationNames.test(file.path)) {
    yield {
      kind: "diagnostic",
      code: "unsupported-format",
      message: "not searched for secrets: the file is binary although its name is that of a text",
      location: { path: file.path },
      effect: "incomplete",
    };
  }
}

const longest = { id: 200, title: 500, category: 200, match: 400, keyword: 200 };

/** A found secret as a cache holds it: known fields of the right type within bounds; undefined if it is none. */
function cleanSecret(data: unknown): FoundSecret | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...data };
  const text = (name: keyof typeof longest) => {
    const value = fields[name];
    return typeof value === "string" ? value.slice(0, longest[name]) : undefined;
  };
  const place = (name: string) => {
    const value = fields[name];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
  };
  const [id, title, category, match, keyword] = [
    text("id"),
    text("title"),
    text("category"),
    text("match"),
    text("keyword"),
  ];
  const [line, column, endLine, endColumn] = [place("line"), place("column"), place("endLine"), place("endColumn")];
  const severity = severities.find((known) => known === fields["severity"]);
  const confidence = (["high", "medium", "low"] as const).find((known) => known === fields["confidence"]);
  if (id === undefined || title === undefined || category === undefined || match === undefined) return undefined;
  if (line === undefined || column === undefined || endLine === undefined || endColumn === undefined) return undefined;
  if (severity === undefined || confidence === undefined) return undefined;
  const listed: unknown = fields["aliases"];
  const aliases = Array.isArray(listed)
    ? listed.filter((alias): alias is string => typeof alias === "string").slice(0, 20)
    : [];
  return {
    id,
    ...(aliases.length === 0 ? {} : { aliases }),
    title,
    category,
    severity,
    line,
    column,
    endLine,
    endColumn,
    match,
    confidence,
    ...(keyword === undefined ? {} : { keyword }),
  };
}

function collectSecrets(found: readonly DetectedData[]): InventoryParts {
  const files = new Map<string, { readonly first: DetectedData; readonly secrets: FoundSecret[] }>();
  for (const one of found) {
    const secret = cleanSecret(one.data);
    if (secret === undefined) continue;
    const key = `${one.layer?.index ?? ""} ${one.path}`;
    const file = files.get(key);
    if (file === undefined) files.set(key, { first: one, secrets: [secret] });
    else file.secrets.push(secret);
  }
  return { secrets: [...files.values()].flatMap(({ first, secrets }) => secretFindings(secrets, first)) };
}

/**
 * Secrets of one file as findings. Where several rules found the same, the first is reported and the ids of the others are aliases.
 * A fingerprint says rule, path, the masked text around, and which of several alike it is: it survives moved lines, and tells
 * nothing of the secret.
 */
export function secretFindings(
  secrets: readonly FoundSecret[],
  at: Pick<DetectedData, "path" | "layer" | "removedIn">,
): readonly SecretFinding[] {
  const byPlace = new Map<string, FoundSecret[]>();
  for (const secret of secrets) {
    const key = `${secret.line}:${secret.column}-${secret.endLine}:${secret.endColumn}`;
    const same = byPlace.get(key);
    if (same === undefined) byPlace.set(key, [secret]);
    else same.push(secret);
  }
  const alike = new Map<string, number>();
  return [...byPlace.values()].flatMap((same) => {
    const [first, ...others] = same;
    if (first === undefined) return [];
    const { id, title, category, severity, line, column, endLine, endColumn, match, keyword, confidence } = first;
    const aliases = [
      ...new Set([...(first.aliases ?? []), ...others.flatMap((other) => [other.id, ...(other.aliases ?? [])])]),
    ]
      .filter((alias) => alias !== id)
      .sort(compareText);
    const number = alike.get(`${id} ${match}`) ?? 0;
    alike.set(`${id} ${match}`, number + 1);
    const layer = at.layer === undefined ? {} : { layer: { index: at.layer.index, diffId: at.layer.diffId } };
    const finding: SecretFinding = {
      kind: "secret",
      id,
      ...(aliases.length === 0 ? {} : { aliases }),
      category,
      title,
      severity,
      ...located([{ path: at.path, ...layer, line, column, endLine, endColumn }]),
      ...(at.removedIn === undefined ? {} : { removedIn: withoutSecrets(at.removedIn) }),
      match,
      fingerprint: fingerprintOf("secret", id, at.path, match, String(number)),
      explanation: {
        rule: id,
        ...(keyword === undefined ? {} : { keyword }),
        ...(confidence === "medium"
          ? {}
          : {
              notes: [
                confidence === "high"
                  ? "The checksum or form of the secret is right."
                  : "The checksum or form of the secret is wrong.",
              ],
            }),
      },
    };
    return [finding];
  });
}

function withoutSecrets<T extends { readonly createdBy?: string }>(layer: T): T {
  return layer.createdBy === undefined
    ? layer
    : { ...layer, createdBy: maskSecrets(layer.createdBy, { path: "Dockerfile" }) };
}
