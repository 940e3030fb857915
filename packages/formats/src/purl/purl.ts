import { PackageURL } from "packageurl-js";
import { normalizePurl, purlTypeProblem } from "./purl-types.ts";

/** The parts of a package URL; qualifiers with an undefined or empty value are left out. */
export interface PurlParts {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
  /** Path inside the package, without leading slash. */
  readonly subpath?: string | undefined;
}

/**
 * The canonical package URL (ECMA-427), normalised as the type's definition says.
 * Total: a name that the type does not allow is written all the same, see {@link purlProblem}.
 */
export function formatPurl(parts: PurlParts): string {
  const { type, namespace, name, version, qualifiers, subpath } = normalizePurl(parts);
  const at = version === undefined || version === "" ? "" : `@${encode(version)}`;
  const path = encodePath(namespace ?? "");
  const sub = segmentsOf(subpath ?? "")
    .map(encode)
    .join("/");
  return `pkg:${type}/${path === "" ? "" : `${path}/`}${type === "git" ? encodePath(name) : encode(name)}${at}${encodeQualifiers(qualifiers ?? {})}${sub === "" ? "" : `#${sub}`}`;
}

function encodePath(path: string): string {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map(encode)
    .join("/");
}

/** The segments of a subpath without empty ones, `.` and `..`. */
function segmentsOf(subpath: string): readonly string[] {
  return subpath.split("/").filter((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function encodeQualifiers(qualifiers: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(qualifiers)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "")
    .map(([key, value]) => [key.toLowerCase(), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? "" : `?${pairs.map((pair) => pair.join("=")).join("&")}`;
}

const plain = /^[\w.~:-]*$/;

/** Everything but letters, digits and `-._~:` is percent-encoded (ECMA-427 §5.4). Lone surrogates become U+FFFD. */
function encode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%3A", ":");
}

/**
 * Reads a package URL and normalises it; undefined when the text is none. Rules of single types, such as a
 * required namespace, are not enforced: ask {@link purlProblem}.
 */
export function parsePurl(text: string): PurlParts | undefined {
  const parts = split(text);
  if (parts === undefined || structuralProblem(parts) !== undefined) return undefined;
  return normalizePurl(parts);
}

/** What keeps these parts from being a valid package URL: in general, or for their type. Undefined: nothing. */
export function purlProblem(parts: PurlParts): string | undefined {
  return structuralProblem(parts) ?? purlTypeProblem(normalizePurl(parts));
}

function structuralProblem(parts: PurlParts): string | undefined {
  if (!/^[a-zA-Z][a-zA-Z0-9.-]*$/.test(parts.type ?? ""))
    return "the type is not made of letters, digits, dots and dashes";
  if ((parts.name ?? "") === "") return "the name is missing";
  const key = Object.keys(parts.qualifiers ?? {}).find((name) => !/^[a-zA-Z][\w.-]*$/.test(name));
  return key === undefined ? undefined : "a qualifier key is not made of letters, digits, dots, dashes and underscores";
}

/**
 * Splits and decodes a package URL by the library, with three corrections (docs/decisions/0040): a plus sign is text in a purl, but a space
 * to the URL parser that the library uses; white space and control characters are not allowed, but the library would drop them; qualifiers
 * are read here, as the library refuses a percent sign in them.
 */
function split(text: string): PurlParts | undefined {
  if (text.length > 8_192 || /[\s\u0000-\u001f\u007f]/.test(text)) return undefined;
  const hash = text.indexOf("#");
  const fragment = hash === -1 ? "" : text.slice(hash);
  const [path = "", query = ""] = splitOnce(hash === -1 ? text : text.slice(0, hash), "?");
  // An at sign that begins the last segment begins the version: the name is missing. In a namespace it is part of it.
  if (/\/@[^/]*$/.test(path)) return undefined;
  try {
    const [type, namespace, name, version, , subpath] = PackageURL.parseString(escapePlus(path + fragment));
    const qualifiers = [...new URLSearchParams(escapePlus(query))].filter(([, value]) => value !== "");
    return {
      type: type ?? "",
      name: name ?? "",
      ...(isText(namespace) ? { namespace } : {}),
      ...(isText(version) ? { version } : {}),
      ...(qualifiers.length === 0 ? {} : { qualifiers: lowerKeys(qualifiers) }),
      ...(isText(subpath) ? { subpath: segmentsOf(subpath).join("/") } : {}),
    };
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function escapePlus(text: string): string {
  return text.replaceAll("+", "%2B");
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function lowerKeys(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(pairs.map(([key, value]) => [key.toLowerCase(), value]));
}
