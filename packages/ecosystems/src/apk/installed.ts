import { textLines } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import { inTurns, workDone } from "@plimsoll/model";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { maxPackages, maxTextDatabaseBytes, tooManyPackages } from "../shared/reading/package-limit.ts";
import { PathBudget } from "../shared/reading/path-budget.ts";

/** The database of installed packages, in the place of apk-tools 2 and in that of merged-usr systems with apk-tools 3. */
export const installed: FileAnalyzer = {
  kind: "file",
  id: "apk/installed",
  revision: 1,
  matches: [{ path: "lib/apk/db/installed" }, { path: "usr/lib/apk/db/installed" }],
  maxBytes: maxTextDatabaseBytes,
  async *analyze(file) {
    yield* parseInstalled(file, await file.text());
  },
};

/** What apk calls a package that `apk add --virtual` made up: a name for a set of dependencies, versioned by date. */
const virtualPrefix = ".";

/** To read a record, or to see what one provides, takes about as long as looking at so many bytes. */
const bytesPerRecord = 2_048;
const bytesPerProvider = 1_024;

/**
 * Reads, in turns of the event loop, the text of an installed database: records of `letter:value` lines, each ended by a blank line
 * (apk-tools `src/database.c`, apk-installed(5)). Letters are case-sensitive.
 */
export async function* parseInstalled(file: AnalyzedFile, text: string): AsyncGenerator<Observation> {
  const budget = new PathBudget(text.length);
  const records: ApkRecord[] = [];
  for (const record of readRecords(text, budget)) {
    if (records.length >= maxPackages) {
      yield tooManyPackages(file);
      break;
    }
    records.push(record);
    // To wait for nothing takes its time, too.
    const turn = workDone(bytesPerRecord);
    if (turn !== undefined) await turn;
  }
  const providers = await inTurns(findProviders(records));
  let nonsense: number | undefined;
  for (const record of records) {
    nonsense ??= record.nonsense;
    const name = record.values.get("P") || undefined;
    const version = record.values.get("V") || undefined;
    if (name?.startsWith(virtualPrefix) === true) continue;
    if (name !== undefined && version !== undefined) {
      yield { kind: "package", package: toPackage(record, name, version, providers), line: record.line };
      if (record.files.length > 0) yield { kind: "ownership", owner: name, paths: record.files };
    } else if (record.values.size > 0)
      yield malformedFile(
        file,
        `a package record has no ${name === undefined ? "name" : `version (${name})`}`,
        record.line,
      );
  }
  yield* budget.report(file);
  if (nonsense !== undefined) yield malformedFile(file, "a line is not of the form letter, colon, value", nonsense);
}

interface ApkRecord {
  readonly line: number;
  /** First value by letter; file entries are not in it. */
  readonly values: ReadonlyMap<string, string>;
  readonly files: readonly string[];
  /** First line that could not be read. */
  readonly nonsense: number | undefined;
}

function* readRecords(text: string, budget: PathBudget): Generator<ApkRecord> {
  let values = new Map<string, string>();
  let files: string[] = [];
  let directory = "";
  let line = 0;
  let nonsense: number | undefined;
  let start: number | undefined;
  for (const raw of textLines(text)) {
    line++;
    const content = raw.trimEnd();
    if (content === "") {
      if (start !== undefined) yield { line: start, values, files, nonsense };
      [values, files, directory, start, nonsense] = [new Map<string, string>(), [], "", undefined, undefined];
      continue;
    }
    start ??= line;
    const letter = content[0] ?? "";
    if (content[1] !== ":") {
      nonsense ??= line;
      continue;
    }
    const value = content.slice(2);
    if (letter === "F") directory = value === "" ? "" : `${value.replace(/^\/+/, "")}/`;
    else if (letter === "R") {
      const path = budget.join(directory, value.replace(/^\/+/, ""));
      if (path !== undefined) files.push(path);
    } else if (!values.has(letter)) values.set(letter, value);
  }
  if (start !== undefined) yield { line: start, values, files, nonsense };
}

function toPackage(
  record: ApkRecord,
  name: string,
  version: string,
  providers: ReadonlyMap<string, string>,
): FoundPackage {
  const architecture = record.values.get("A");
  const license = record.values.get("L");
  const supplier = record.values.get("m");
  const hashes = readChecksum(record.values.get("C"));
  const dependsOn = dependenciesOf(record, name, providers);
  return {
    name,
    version,
    // Advisories name the origin; its version is always the package's own.
    source: { name: record.values.get("o") || name, version },
    ...(architecture ? { architecture } : {}),
    ...(license ? { licenses: [license] } : {}),
    ...(supplier ? { supplier } : {}),
    ...(hashes === undefined ? {} : { hashes }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  };
}

/** `Q1` is base64 of a SHA-1, `Q2` of a SHA-256; the oldest databases have plain hex of an MD5. */
function readChecksum(checksum: string | undefined): Readonly<Record<string, string>> | undefined {
  const algorithm = checksum?.startsWith("Q1") ? "sha1" : checksum?.startsWith("Q2") ? "sha256" : undefined;
  if (checksum === undefined || algorithm === undefined || !/^[0-9A-Za-z+/]{20,44}={0,2}$/.test(checksum.slice(2)))
    return undefined;
  let hex = "";
  for (const char of atobOrEmpty(checksum.slice(2))) hex += char.charCodeAt(0).toString(16).padStart(2, "0");
  return hex.length === (algorithm === "sha1" ? 40 : 64) ? { [algorithm]: hex } : undefined;
}

function atobOrEmpty(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}

/** Package by what it provides: `so:libc.musl-x86_64.so.1`, `cmd:sh`, its own name. */
function* findProviders(records: readonly ApkRecord[]): Steps<ReadonlyMap<string, string>> {
  const providers = new Map<string, string>();
  for (const { values } of records) {
    const name = values.get("P");
    if (name !== undefined) providers.set(name, name);
  }
  for (const { values } of records) {
    const name = values.get("P");
    if (name === undefined) continue;
    for (const provided of tokens(values.get("p"))) if (!providers.has(provided)) providers.set(provided, name);
    yield bytesPerProvider;
  }
  return providers;
}

function dependenciesOf(record: ApkRecord, name: string, providers: ReadonlyMap<string, string>): readonly string[] {
  const wanted = new Set<string>();
  for (const token of tokens(record.values.get("D"))) {
    // A leading exclamation mark is a conflict.
    const provider = token.startsWith("!") ? undefined : providers.get(token);
    if (provider !== undefined && provider !== name) wanted.add(provider);
  }
  return [...wanted];
}

/** The names in a list such as `so:libz.so.1 busybox>=1.36-r0 pkg@edge`, without conditions and repository tags. */
function tokens(list: string | undefined): readonly string[] {
  return (list ?? "")
    .split(" ")
    .map((token) => /^[^<>=~@]+/.exec(token)?.[0] ?? "")
    .filter((token) => token !== "");
}
