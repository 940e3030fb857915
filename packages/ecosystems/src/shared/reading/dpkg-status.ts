import { stanzas } from "@plimsoll/formats";
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
  const installed: Stanza[] = [];
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
    if (state === undefined ? !statusRequired : isInstalled(state)) installed.push(stanza);
    else if (state === undefined && !stanza.fields.has("package"))
      yield malformedFile(file, `line ${stanza.line} is no package`, stanza.line);
  }
  const keys = statusRequired ? await inTurns(findKeys(installed)) : undefined;
  for (const stanza of installed) {
    const name = stanza.fields.get("package") ?? "";
    const version = stanza.fields.get("version") ?? "";
    if (name === "" || version === "")
      yield malformedFile(
        file,
        `the package at line ${stanza.line} (${name}) has no ${name === "" ? "name" : "version"}`,
        stanza.line,
      );
    else yield { kind: "package", package: toPackage(stanza, name, version, keys), line: stanza.line };
  }
}

/**
 * Whether a package's files are in place and its scripts have begun to make use of them, by its status (`want error state`, such as `install ok
 * installed`). They may have failed, which images that go on after it are left with, and triggers may still have to run.
 */
function isInstalled(state: string): boolean {
  return /^\S+\s+\S+\s+(?:installed|half-configured|triggers-awaited|triggers-pending)$/.test(state);
}

function toPackage(
  stanza: Stanza,
  name: string,
  version: string,
  keys: ReadonlyMap<string, string> | undefined,
): FoundPackage {
  const { fields } = stanza;
  const architecture = fields.get("architecture");
  const supplier = fields.get("maintainer");
  const origin = fields.get("origin");
  const dependsOn = dependenciesOf(stanza, keys);
  const key = keys === undefined ? name : keyOf(stanza);
  return {
    name,
    version,
    source: sourceOf(fields.get("source"), name, version),
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
  return { name: source || name, version: sourceVersion || version };
}

/**
 * The name under which dpkg keeps the list of a package's files: `name:arch` where the package can be installed for several architectures
 * at once, else `name`.
 */
function keyOf({ fields }: Stanza): string {
  const name = fields.get("package") ?? "";
  return fields.get("multi-arch") === "same" ? `${name}:${fields.get("architecture") ?? ""}` : name;
}

/** The keys of installed packages, by their names and by the names that they provide. */
function* findKeys(installed: readonly Stanza[]): Steps<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for (const stanza of installed) {
    yield bytesPerKey;
    const name = stanza.fields.get("package");
    if (name === undefined) continue;
    if (!keys.has(name)) keys.set(name, keyOf(stanza));
    keys.set(`${name}:${stanza.fields.get("architecture") ?? ""}`, keyOf(stanza));
  }
  for (const stanza of installed) {
    for (const [provided] of relations(stanza.fields.get("provides")))
      if (provided !== undefined && !keys.has(provided)) keys.set(provided, keyOf(stanza));
    yield bytesPerKey;
  }
  return keys;
}

/**
 * What a package depends on: of each group of alternatives the first that is installed. Without `keys`, where each package has a file of
 * its own, the first alternative.
 */
function dependenciesOf(stanza: Stanza, keys: ReadonlyMap<string, string> | undefined): readonly string[] {
  const found = new Set<string>();
  const architecture = stanza.fields.get("architecture") ?? "";
  for (const field of ["pre-depends", "depends"])
    for (const alternatives of relations(stanza.fields.get(field))) {
      const key =
        keys === undefined
          ? alternatives[0]
          : alternatives.map((name) => keys.get(`${name}:${architecture}`) ?? keys.get(name)).find(isDefined);
      if (key !== undefined) found.add(key);
    }
  found.delete(keyOf(stanza));
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
