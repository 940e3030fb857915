import { stanzas } from "@plimsoll/formats";
import type { Stanza } from "@plimsoll/formats";
import type { AnalyzedFile, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";
import { maxPackages, tooManyPackages } from "./package-limit.ts";

/**
 * Reads the status text of dpkg and opkg (deb-control(5), dpkg(1) "Package states"). `statusRequired`: a paragraph without a
 * `Status` field is not of an installed package; files under `status.d` have none.
 */
export function* parseStatus(file: AnalyzedFile, text: string, statusRequired: boolean): Generator<Observation> {
  const installed: Stanza[] = [];
  for (const stanza of stanzas(text)) {
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
  const keys = statusRequired ? findKeys(installed) : undefined;
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

/** `want error state`: packages whose files are in place, triggers run or not. */
function isInstalled(state: string): boolean {
  return /^\S+\s+\S+\s+(?:installed|triggers-awaited|triggers-pending)$/.test(state);
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

/** `name (version)`; each part where it differs from the binary package's, as after a binary rebuild (`+b1`). */
function sourceOf(field: string | undefined, name: string, version: string): { name: string; version: string } {
  const [, source = "", sourceVersion = ""] = /^([^\s(]+)(?:\s*\(\s*([^\s)]+)\s*\))?/.exec(field ?? "") ?? [];
  return { name: source || name, version: sourceVersion || version };
}

/** The name of a package's file list: packages that several architectures can have at once carry theirs. */
function keyOf({ fields }: Stanza): string {
  const name = fields.get("package") ?? "";
  return fields.get("multi-arch") === "same" ? `${name}:${fields.get("architecture") ?? ""}` : name;
}

/** Key of the installed package by its name and by what it provides. */
function findKeys(installed: readonly Stanza[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const stanza of installed) {
    const name = stanza.fields.get("package");
    if (name === undefined) continue;
    if (!keys.has(name)) keys.set(name, keyOf(stanza));
    keys.set(`${name}:${stanza.fields.get("architecture") ?? ""}`, keyOf(stanza));
  }
  for (const stanza of installed)
    for (const [provided] of relations(stanza.fields.get("provides")))
      if (provided !== undefined && !keys.has(provided)) keys.set(provided, keyOf(stanza));
  return keys;
}

/** The first installed one of each group of alternatives; all names where others are in files of their own. */
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

/** `a (>= 1), b:any | c` as names: groups of alternatives (Debian Policy §7.1). */
function relations(field: string | undefined): readonly (readonly string[])[] {
  if (field === undefined) return [];
  return field.split(",").map((group) =>
    group
      .split("|")
      .map((relation) => /^\s*([^\s(:[<]+)/.exec(relation)?.[1] ?? "")
      .filter((name) => name !== ""),
  );
}
