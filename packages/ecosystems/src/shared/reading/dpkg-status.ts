import { ownText, stanzas } from "@plimsoll/formats";
import type { Stanza, Steps } from "@plimsoll/formats";
import { inTurns, workDone } from "@plimsoll/model";
import type { AnalyzedFile, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";
import { maxPackages, tooManyPackages } from "./package-limit.ts";

/** To read a paragraph, or to find the keys of one, takes about as long as looking at so many bytes. */
const bytesPerStanza = 2_048;
const bytesPerKey = 512;

/**
 * Reads, in turns of the event loop, the status text of dpkg and opkg (deb-control(5), dpkg(1) "Package states"). `statusRequired`: a paragraph without a
 * `Status` field is not of an installed package; files under `status.d` have none.
 */
export async function* parseStatus(
  file: AnalyzedFile,
  text: string,
  statusRequired: boolean,
): AsyncGenerator<Observation> {
  const installed: Entry[] = [];
  for (const stanza of stanzas(text)) {
    // To wait for nothing takes its time, too.
    const turn = workDone(bytesPerStanza);
    if (turn !== undefined) await turn;
    for (const problem of stanza.problems) yield malformedFile(file, problem, stanza.line);
    const state = stanza.fields.get("status");
    if (installed.length >= maxPackages) {
      yield tooManyPackages(file);
      break;
    }
    if (state === undefined ? !statusRequired : isInstalled(state)) installed.push(entryOf(stanza));
    else if (state === undefined && !stanza.fields.has("package"))
      yield malformedFile(file, `line ${stanza.line} is no package`, stanza.line);
  }
  const keys = statusRequired ? await inTurns(findKeys(installed)) : undefined;
  for (const entry of installed) {
    const { name, version, line } = entry;
    if (name === "" || version === "")
      yield malformedFile(
        file,
        `the package at line ${line} (${name}) has no ${name === "" ? "name" : "version"}`,
        line,
      );
    else yield { kind: "package", package: toPackage(entry, keys), line };
  }
}

/** What is used of a paragraph. Its description and other fields, most of the text, are not held for all packages. */
interface Entry {
  readonly line: number;
  readonly isNamed: boolean;
  readonly name: string;
  readonly version: string;
  /**
   * The name under which dpkg keeps the list of its files: `name:arch` where it can be installed for several architectures at once, else
   * `name`.
   */
  readonly key: string;
  readonly source: string | undefined;
  readonly architecture: string | undefined;
  readonly supplier: string | undefined;
  readonly origin: string | undefined;
  readonly provides: string | undefined;
  readonly dependencies: readonly (string | undefined)[];
}

/** Texts that stay in the package are copied: cut from the file, one of them would hold all of it in memory until the report is written. */
function entryOf({ line, fields }: Stanza): Entry {
  const name = ownText(fields.get("package") ?? "");
  const architecture = ownTextOf(fields.get("architecture"));
  return {
    line,
    isNamed: fields.has("package"),
    name,
    version: ownText(fields.get("version") ?? ""),
    key: fields.get("multi-arch") === "same" ? ownText(`${name}:${architecture ?? ""}`) : name,
    source: fields.get("source"),
    architecture,
    supplier: ownTextOf(fields.get("maintainer")),
    origin: ownTextOf(fields.get("origin")),
    provides: fields.get("provides"),
    dependencies: [fields.get("pre-depends"), fields.get("depends")],
  };
}

function ownTextOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : ownText(text);
}

/**
 * Whether a package's files are in place and its scripts have begun to make use of them, by its status (`want error state`, such as `install ok
 * installed`). They may have failed, which images that go on after it are left with, and triggers may still have to run.
 */
function isInstalled(state: string): boolean {
  return /^\S+\s+\S+\s+(?:installed|half-configured|triggers-awaited|triggers-pending)$/.test(state);
}

function toPackage(entry: Entry, keys: ReadonlyMap<string, string> | undefined): FoundPackage {
  const { name, version, source, architecture, supplier, origin } = entry;
  const dependsOn = dependenciesOf(entry, keys);
  const key = keys === undefined ? name : entry.key;
  return {
    name,
    version,
    source: sourceOf(source, name, version),
    ...(architecture ? { architecture } : {}),
    ...(supplier ? { supplier } : {}),
    ...(key === name ? {} : { key }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(origin ? { facts: { origin } } : {}),
  };
}

/**
 * The source package by the field `Source`, `name (version)`. A part is given only where it differs from the binary package's: the version
 * does after a rebuild (`+b1`).
 */
function sourceOf(field: string | undefined, name: string, version: string): { name: string; version: string } {
  const [, source = "", sourceVersion = ""] = /^([^\s(]+)(?:\s*\(\s*([^\s)]+)\s*\))?/.exec(field ?? "") ?? [];
  return { name: ownText(source) || name, version: ownText(sourceVersion) || version };
}

/** The keys of installed packages, by their names and by the names that they provide. */
function* findKeys(installed: readonly Entry[]): Steps<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for (const { isNamed, name, architecture, key } of installed) {
    yield bytesPerKey;
    if (!isNamed) continue;
    if (!keys.has(name)) keys.set(name, key);
    keys.set(`${name}:${architecture ?? ""}`, key);
  }
  for (const { provides, key } of installed) {
    for (const [provided] of relations(provides))
      if (provided !== undefined && !keys.has(provided)) keys.set(provided, key);
    yield bytesPerKey;
  }
  return keys;
}

/**
 * What a package depends on: of each group of alternatives the first that is installed. Without `keys`, where each package has a file of
 * its own, the first alternative.
 */
function dependenciesOf(entry: Entry, keys: ReadonlyMap<string, string> | undefined): readonly string[] {
  const found = new Set<string>();
  const architecture = entry.architecture ?? "";
  for (const field of entry.dependencies)
    for (const alternatives of relations(field)) {
      const key =
        keys === undefined
          ? alternatives[0]
          : alternatives.map((name) => keys.get(`${name}:${architecture}`) ?? keys.get(name)).find(isDefined);
      if (key !== undefined) found.add(key);
    }
  found.delete(entry.key);
  return [...found];
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Reads `a (>= 1), b:any | c` into names: a list of groups of alternatives, here `[[a], [b, c]]` (Debian Policy §7.1). */
function relations(field: string | undefined): readonly (readonly string[])[] {
  if (field === undefined) return [];
  return field.split(",").map((group) =>
    group
      .split("|")
      .map((relation) => /^\s*([^\s(:[<]+)/.exec(relation)?.[1] ?? "")
      .filter((name) => name !== ""),
  );
}
