import { normalizeName } from "./name.ts";
import { satisfiesSpecifiers } from "./specifiers.ts";

/** A dependency specifier (https://packaging.python.org/en/latest/specifications/dependency-specifiers/). */
export interface Requirement {
  readonly name: string;
  /** Version specifiers as written, without white space around them. */
  readonly specifiers: string;
  /**
   * The one version that the specifiers allow, as `==` or `===` names it, or that of the wheel whose address stands there; absent for
   * ranges and other addresses.
   */
  readonly pinned?: string;
  /** Set: `pinned` is the version of a file that does not come from PyPI. */
  readonly origin?: "archive";
}

const requirement = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(.*)$/s;
/** Text behind the version, which pip would refuse, does not make the version less plain. */
const pin = /^={2,3}\s*([A-Za-z0-9](?:[A-Za-z0-9.!+_-]*))(?:\s[^,]*)?$/;

/**
 * Reads a dependency specifier, or the address of a wheel, which pip takes in its place; undefined for anything else. Markers are not
 * evaluated.
 */
export function parseRequirement(text: string): Requirement | undefined {
  if (text.length > 4_096) return undefined;
  if (/^\s*[A-Za-z][\w+.-]*:\/\//.test(text)) return wheelAt(text);
  const [, name, rest = ""] = requirement.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  const specifiers = specifiersOf(rest);
  if (specifiers !== "" && !/^[<>=!~@]/.test(specifiers)) return undefined;
  if (specifiers.startsWith("@")) {
    const wheel = wheelAt(specifiers.slice(1));
    return wheel !== undefined && normalizeName(wheel.name) === normalizeName(name)
      ? { ...wheel, name }
      : { name, specifiers: "" };
  }
  const pinned = pinnedBy(specifiers);
  return { name, specifiers, ...(pinned === undefined ? {} : { pinned }) };
}

/** The wheel that an address leads to, by its file name (https://packaging.python.org/en/latest/specifications/binary-distribution-format/). */
export function wheelAt(address: string): Requirement | undefined {
  const [place = ""] = address.trim().split(/[\s;?#]/, 1);
  if (!place.endsWith(".whl")) return undefined;
  const file = place.slice(place.lastIndexOf("/") + 1, -".whl".length).replaceAll(/%2b/gi, "+");
  // Name, version, an optional build tag, and what it runs on: Python, ABI, platform.
  const parts = file.split("-");
  const [name = "", version = ""] = parts;
  if (parts.length < 5 || parts.length > 6 || !/^\w[\w.]*$/.test(name) || !/^\d[\w.!+]*$/.test(version))
    return undefined;
  const isOfPypi = /^https?:\/\/(?:files\.pythonhosted\.org|pypi\.org|pypi\.python\.org)\//i.test(place);
  return { name, specifiers: "", pinned: version, ...(isOfPypi ? {} : { origin: "archive" }) };
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
