import { satisfiesSpecifiers } from "./specifiers.ts";

/** A dependency specifier (https://packaging.python.org/en/latest/specifications/dependency-specifiers/). */
export interface Requirement {
  readonly name: string;
  /** Version specifiers as written, without white space around them. */
  readonly specifiers: string;
  /** The one version that the specifiers allow, as `==` or `===` names it; absent for ranges and addresses. */
  readonly pinned?: string;
}

const requirement = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(.*)$/s;
/** Text behind the version, which pip would refuse, does not make the version less plain. */
const pin = /^={2,3}\s*([A-Za-z0-9](?:[A-Za-z0-9.!+_-]*))(?:\s[^,]*)?$/;

/** Reads a dependency specifier; undefined for anything else. Markers and addresses are not evaluated. */
export function parseRequirement(text: string): Requirement | undefined {
  if (text.length > 4_096) return undefined;
  const [, name, rest = ""] = requirement.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  const specifiers = specifiersOf(rest);
  if (specifiers !== "" && !/^[<>=!~@]/.test(specifiers)) return undefined;
  if (specifiers.startsWith("@")) return { name, specifiers: "" };
  const pinned = pinnedBy(specifiers);
  return { name, specifiers, ...(pinned === undefined ? {} : { pinned }) };
}

/** Of several specifiers one may name the version (`>=3.0,==3.2.1`), and the others must allow it. */
function pinnedBy(specifiers: string): string | undefined {
  const clauses = specifiers.split(",");
  const version = clauses.map((clause) => pin.exec(clause.trim())?.[1]).find((found) => found !== undefined);
  if (version === undefined || clauses.length === 1) return version;
  return satisfiesSpecifiers(version, specifiers) === true ? version : undefined;
}

/** Up to the marker, a comment that lacks its space, or an address after the version, as found in the wild. */
function specifiersOf(rest: string): string {
  if (rest.startsWith("@")) return rest;
  return (rest.split(/;|#|\s@/, 1)[0] ?? "")
    .trim()
    .replace(/^\((.*)\)$/, "$1")
    .trim();
}
