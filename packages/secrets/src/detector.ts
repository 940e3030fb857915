/** Secrets as a part of the inventory: found in every file of every layer during the one pass over an image. */

import {
  compareText,
  fingerprintOf,
  keyedFingerprint,
  located,
  severities,
  checkOptions,
  optionIs,
} from "@plimsoll/model";
import type {
  AnalyzedFile,
  DetectedData,
  FileAnalyzer,
  ImageConfiguration,
  InventoryParts,
  InventorySecret,
  Observation,
  PartDetector,
} from "@plimsoll/model";
import { FormatError } from "@plimsoll/formats";
import { archiveMembers, isArchivePath, unreadableArchive } from "./archive-members.ts";
import { openSecretSearch, searchSecrets, type FoundSecret, type SecretSearchResult } from "./find-secrets.ts";
import type { SecretComment } from "./ignore-comments.ts";
import { everySecretRule } from "./rules/index.ts";
import type { SecretRule } from "./secret-rule.ts";
import { defaultSkippedPaths, type SkippedPath } from "./skipped-paths.ts";

/** Options of {@link secretDetector}. */
export interface SecretDetectorOptions {
  /** The rules to search by. Default: {@link everySecretRule}. */
  readonly rules?: readonly SecretRule[];
  /** Paths that are not searched. Default: {@link defaultSkippedPaths}. */
  readonly skippedPaths?: readonly SkippedPath[];
  /** Whether files inside archives are searched, too, except for archives in archives. Default false. */
  readonly archives?: boolean;
  /** Key of fingerprints that depend on the secrets themselves; see {@link FindSecretsOptions.fingerprintKey}. */
  readonly fingerprintKey?: Uint8Array | undefined;
}

/** Bump when the same rules find something else in the same bytes. */
const revisionOfSearch = 6;

/** What the detector was told, whole. */
interface Settings {
  readonly rules: readonly SecretRule[];
  readonly skippedPaths: readonly SkippedPath[];
  readonly archives: boolean;
  readonly fingerprintKey: Uint8Array | undefined;
}

/**
 * Makes the detector of secrets for `analyzeImage`. Results for a layer are cached under a digest of the rules, so that a scan with other rules
 * reads the layer again.
 * @throws {TypeError} for unknown or invalid options.
 */
export function secretDetector(options: SecretDetectorOptions = {}): PartDetector {
  checkOptions("secretDetector", options, {
    rules: optionIs.listOf(optionIs.object),
    skippedPaths: optionIs.listOf(optionIs.object),
    archives: optionIs.flag,
    fingerprintKey: optionIs.object,
  });
  const { rules = everySecretRule, skippedPaths = defaultSkippedPaths, archives = false, fingerprintKey } = options;
  const settings: Settings = { rules, skippedPaths, archives, fingerprintKey };
  // Of the key no more than what tells that it is another one.
  const key = (): string => (fingerprintKey === undefined ? "" : keyedFingerprint(fingerprintKey, "cache of layers"));
  let revision: number | undefined;
  const analyzer: FileAnalyzer = {
    id: "secrets/text",
    kind: "file",
    // Nobody waits for it who does not look for secrets.
    get revision() {
      return (revision ??= digestOf(JSON.stringify([revisionOfSearch, rules, skippedPaths, archives, key()])));
    },
    matches: [{ suffix: "" }],
    analyze: (file, { signal }) => searchFile(file, settings, signal),
  };
  return {
    id: "secrets",
    analyzers: [analyzer],
    reach: "every-layer",
    clean: cleanSecret,
    inspect: (configuration) => searchConfiguration(configuration, settings),
    collect: collectSecrets,
  };
}

/**
 * A whole number of 52 bits that differs where the text does, unless somebody looks for a text where it does not: two runs of
 * FNV-1a over UTF-16 units. A cryptographic digest of all rules would take longer than reading a cached image.
 */
function digestOf(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9dc5811c;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 16), 0x01000193);
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}

const configurationNames = /(?:^|\/)(?:\.env(?:\.[\w-]+)?|[^/]+\.(?:ya?ml|json|toml|ini|conf|properties))$/;

async function* searchFile(
  file: AnalyzedFile,
  settings: Settings,
  signal: AbortSignal | undefined,
): AsyncGenerator<Observation> {
  const { rules, skippedPaths, fingerprintKey } = settings;
  const search = openSecretSearch({ path: file.path, rules, skippedPaths, fingerprintKey });
  if (search.done) return;
  if (settings.archives && isArchivePath(file.path)) return yield* searchArchive(file, settings, signal);
  for await (const bytes of file.stream()) {
    search.push(bytes);
    if (search.done) break;
  }
  const result = search.finish();
  yield* observationsOf(result, file.path);
  if (result.skipped?.reason === "binary" && configurationNames.test(file.path)) {
    yield {
      kind: "diagnostic",
      code: "unsupported-format",
      message: "not searched for secrets: the file is binary, although its name is that of a text file",
      location: { path: file.path },
      effect: "incomplete",
    };
  }
}

/** Files of an archive, under the archive's path, a colon and their own; archives among them are not opened. */
async function* searchArchive(
  file: AnalyzedFile,
  { rules, skippedPaths, fingerprintKey }: Settings,
  signal: AbortSignal | undefined,
): AsyncGenerator<Observation> {
  // Rules about files as such are about the archive, too.
  yield* observationsOf(searchSecrets(new Uint8Array(1), { path: file.path, rules, skippedPaths }), file.path);
  for await (const member of archiveMembers(file, signal)) {
    if ("kind" in member) {
      yield member;
      continue;
    }
    const search = openSecretSearch({ path: member.path, rules, skippedPaths, fingerprintKey });
    if (search.done) continue;
    let problem: FormatError | undefined;
    try {
      for await (const bytes of member.content()) {
        search.push(bytes);
        if (search.done) break;
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problem = error;
    }
    // What came before the damage was searched.
    yield* observationsOf(search.finish(), `${file.path}:${member.path}`, member.path);
    if (problem !== undefined) return yield unreadableArchive(file, problem.message);
  }
}

function* observationsOf(
  { secrets, ignored, omitted, unusedComments }: SecretSearchResult,
  path: string,
  member?: string,
): Generator<Observation> {
  const inside = member === undefined ? {} : { member };
  for (const secret of [...secrets, ...ignored]) yield { kind: "detected", data: { ...secret, ...inside } };
  if (omitted > 0) {
    yield {
      kind: "diagnostic",
      code: "limit-exceeded",
      message: `${secrets.length} secrets are listed; ${omitted} more were found`,
      location: { path },
      effect: "incomplete",
    };
  }
  for (const { text, line } of unusedComments) {
    yield {
      kind: "diagnostic",
      code: "triage",
      message: `the comment ${text} ignores no secret`,
      location: { path, line },
      effect: "none",
    };
  }
}

/** The path under which an image configuration is searched and reported; its parts are below it. */
export const configurationPath = "image-config";

/**
 * Environment variables, labels, the command, the health check, and the instructions of every entry of the history. Lines are
 * positions in the list.
 */
function searchConfiguration(configuration: ImageConfiguration, settings: Settings): readonly DetectedData[] {
  const { rules, fingerprintKey } = settings;
  const texts: readonly { readonly name: string; readonly lines: readonly string[] }[] = [
    { name: "env", lines: configuration.environment },
    { name: "labels", lines: Object.entries(configuration.labels).map(([key, value]) => `${key}=${value}`) },
    { name: "entrypoint", lines: [configuration.entrypoint.join(" ")] },
    { name: "cmd", lines: [configuration.command.join(" ")] },
    { name: "healthcheck", lines: [configuration.healthcheck.join(" ")] },
  ];
  const at = (path: string, text: string): readonly FoundSecret[] => {
    const { secrets, ignored } = searchSecrets(new TextEncoder().encode(text), {
      path,
      rules,
      skippedPaths: [],
      fingerprintKey,
    });
    return [...secrets, ...ignored];
  };
  return [
    ...texts.flatMap(({ name, lines }) => {
      const path = `${configurationPath}:${name}`;
      // A value may have lines of its own, and positions are those of the list.
      const text = lines.map((line) => line.replace(/[\r\n]/g, " ")).join("\n");
      return at(path, text).map((data) => ({ data, path, analyzer: "secrets/image-config" }));
    }),
    ...configuration.history.flatMap(({ createdBy, layer }) => {
      if (createdBy === undefined) return [];
      const path = `${configurationPath}:history`;
      return at(path, createdBy).map((data) => ({
        data,
        path,
        analyzer: "secrets/image-config",
        ...(layer === undefined ? {} : { layer }),
      }));
    }),
  ];
}

const longest = { id: 200, title: 500, category: 200, match: 400, keyword: 200, member: 4096 };

/** A found secret as the inventory gets it, and as a cache holds it. */
interface DetectedSecret extends FoundSecret {
  readonly comment?: SecretComment;
  /** Path in the archive that the file is. */
  readonly member?: string;
}

/** Known fields of the right type within bounds; undefined if it is none. */
function cleanSecret(data: unknown): DetectedSecret | undefined {
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
  const member = text("member");
  const comment = cleanComment(fields["comment"]);
  const keyed = fields["keyedFingerprint"];
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
    ...(fields["encoded"] === "base64" ? { encoded: "base64" as const } : {}),
    ...(typeof keyed === "string" && /^[0-9a-f]{32}$/.test(keyed) ? { keyedFingerprint: keyed } : {}),
    ...(member === undefined ? {} : { member }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function cleanComment(data: unknown): SecretComment | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { text, line, until, alone }: Readonly<Record<string, unknown>> = { ...data };
  if (typeof text !== "string" || typeof line !== "number" || !Number.isSafeInteger(line) || line < 1) return undefined;
  return {
    text: text.slice(0, 400),
    line,
    alone: alone === true,
    ...(typeof until === "string" && /^\d{4}-\d\d-\d\d$/.test(until) ? { until } : {}),
  };
}

function collectSecrets(found: readonly DetectedData[]): InventoryParts {
  const files = new Map<string, { readonly first: DetectedData; readonly secrets: DetectedSecret[] }>();
  for (const one of found) {
    const secret = cleanSecret(one.data);
    if (secret === undefined) continue;
    const path = secret.member === undefined ? one.path : `${one.path}:${secret.member}`;
    const key = `${one.layer?.index ?? ""} ${path}`;
    const file = files.get(key);
    if (file === undefined) files.set(key, { first: { ...one, path }, secrets: [secret] });
    else file.secrets.push(secret);
  }
  return { secrets: [...files.values()].flatMap(({ first, secrets }) => secretFindings(secrets, first)) };
}

/**
 * Secrets of one file as findings. Where several rules found the same, the first is reported and the ids of the others are aliases. A
 * fingerprint is made of the rule, the path, the masked text around the secret, and its number among equal ones: it stays the same when
 * lines move, and reveals nothing of the secret.
 */
export function secretFindings(
  secrets: readonly (FoundSecret & { readonly comment?: SecretComment })[],
  at: Pick<DetectedData, "path" | "layer" | "removedIn">,
): readonly InventorySecret[] {
  const byPlace = new Map<string, (FoundSecret & { readonly comment?: SecretComment })[]>();
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
    const { id, title, category, severity, line, column, endLine, endColumn, match, keyword } = first;
    // A comment about one of the rules that found it is about this place.
    const comment = same.find((secret) => secret.comment !== undefined)?.comment;
    const notes = notesOf(first);
    const aliases = [
      ...new Set([...(first.aliases ?? []), ...others.flatMap((other) => [other.id, ...(other.aliases ?? [])])]),
    ]
      .filter((alias) => alias !== id)
      .sort(compareText);
    const content = first.keyedFingerprint ?? match;
    const number = alike.get(`${id} ${content}`) ?? 0;
    alike.set(`${id} ${content}`, number + 1);
    const layer = at.layer === undefined ? {} : { layer: { index: at.layer.index, diffId: at.layer.diffId } };
    const finding: InventorySecret = {
      kind: "secret",
      id,
      ...(aliases.length === 0 ? {} : { aliases }),
      category,
      title,
      severity,
      ...located([{ path: at.path, ...layer, line, column, endLine, endColumn }]),
      ...(at.removedIn === undefined ? {} : { removedIn: at.removedIn }),
      match,
      fingerprint: fingerprintOf("secret", id, at.path, content, String(number)),
      ...(comment === undefined
        ? {}
        : {
            comment: {
              text: comment.text,
              line: comment.line,
              ...(comment.until === undefined ? {} : { until: comment.until }),
            },
          }),
      explanation: {
        rule: id,
        ...(keyword === undefined ? {} : { keyword }),
        ...(notes.length === 0 ? {} : { notes }),
      },
    };
    return [finding];
  });
}

function notesOf({ confidence, encoded }: FoundSecret): readonly string[] {
  return [
    ...(encoded === undefined ? [] : ["It is encoded as base64."]),
    ...(confidence === "high" ? ["The checksum or form of the secret is right."] : []),
    ...(confidence === "low" ? ["The checksum or form of the secret is wrong."] : []),
  ];
}
