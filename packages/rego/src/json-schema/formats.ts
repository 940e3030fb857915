/** The formats of texts that JSON Schema names, as strictly as OPA takes them; unknown ones always fit. */

import { parseAddress } from "../builtins/addresses.ts";
import { BuiltinError } from "../builtins/builtin.ts";
import { parseTime } from "../builtins/go-layouts.ts";
import type { SchemaWork } from "./schema.ts";

type Format = (text: string, work: SchemaWork) => boolean;

const day = "2006-01-02";
const times = ["15:04:05", "15:04:05Z07:00"];
const moments = [...times, day, "2006-01-02T15:04:05Z07:00"];
const hostLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const hostname = new RegExp(`^${hostLabel}(?:\\.${hostLabel})*$`);
const uuid = /^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/i;
const pointer = /^(?:\/(?:[^~/]|~[01])*)*$/;
const relativePointer = /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/;
const atom = "[\\w!#$%&'*+/=?^`{|}~\\u0080-\\uffff-]+";
const address = new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[^"\\\\\\r\\n]|\\\\.)*")@(?:${atom}(?:\\.${atom})*|\\[[^\\[\\]]*\\])$`); // prettier-ignore

const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ["date", (text) => isTime(text, [day])],
  ["time", (text) => isTime(text, times)],
  ["date-time", (text) => isTime(text, moments)],
  ["hostname", (text) => text.length < 256 && hostname.test(text)],
  ["email", isMail],
  ["idn-email", isMail],
  ["ipv4", (text) => text.includes(".") && parseAddress(text) !== undefined],
  ["ipv6", (text) => text.includes(":") && !text.includes("%") && parseAddress(text) !== undefined],
  ["uri", (text) => isReference(text) && /^[a-z][a-z0-9+.-]*:/i.test(text)],
  ["iri", (text) => isReference(text) && /^[a-z][a-z0-9+.-]*:/i.test(text)],
  ["uri-reference", isReference],
  ["iri-reference", isReference],
  ["uri-template", (text) => isReference(text) && hasClosedBraces(text.replace(/[?#].*$/s, ""))],
  ["uuid", (text) => uuid.test(text)],
  ["regex", (text, work) => work.pattern(text) !== undefined],
  ["json-pointer", (text) => pointer.test(text)],
  ["relative-json-pointer", (text) => relativePointer.test(text)],
]);

/** Whether a text has a format. */
export function hasFormat(name: string, text: string, work: SchemaWork): boolean {
  return formats.get(name)?.(text, work) ?? true;
}

function isTime(text: string, layouts: readonly string[]): boolean {
  // What the layouts describe is short, fractions of seconds included.
  if (text.length > 64) return false;
  return layouts.some((layout) => {
    try {
      parseTime(layout, text);
      return true;
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      return false;
    }
  });
}

/** An address of RFC 5322, alone or in angle brackets after a name. */
function isMail(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.length > 1_000) return false;
  const bracketed = /^([^<>]*)<([^<>]*)>$/.exec(trimmed);
  return address.test(bracketed?.[2] ?? trimmed);
}

/** What Go's `url.Parse` takes, without backslashes. */
function isReference(text: string): boolean {
  if ([...text].some((character) => character < " " || character === "\u007f" || character === "\\")) return false;
  if (text.startsWith(":")) return false;
  const hash = text.indexOf("#");
  const main = hash < 0 ? text : text.slice(0, hash);
  if (hash >= 0 && !hasWholeEscapes(text.slice(hash + 1))) return false;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(main)?.[0] ?? "";
  const rest = main.slice(scheme.length).replace(/\?.*$/s, "");
  if (scheme !== "" && !rest.startsWith("/")) return true;
  if (scheme === "" && !rest.startsWith("/") && /^[^/]*:/.test(rest)) return false;
  const authority = /^\/\/([^/]*)/.exec(rest);
  if (authority === null) return hasWholeEscapes(rest);
  return isAuthority(authority[1] ?? "") && hasWholeEscapes(rest.slice(authority[0].length));
}

function isAuthority(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at >= 0 && (!/^[\w.~!$&'()*+,;=:%@-]*$/.test(text.slice(0, at)) || !hasWholeEscapes(text.slice(0, at))))
    return false;
  const host = text.slice(at + 1);
  if (host.startsWith("[")) return /^\[[^\]]*\](?::\d*)?$/.test(host);
  return /^[^ <>{}|^`[\]%]*$/.test(host) && /^[^:]*(?::\d*)?$/.test(host);
}

function hasWholeEscapes(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}

function hasClosedBraces(text: string): boolean {
  let rest = text;
  for (;;) {
    const open = rest.indexOf("{");
    if (open < 0) return true;
    const close = rest.indexOf("}", open);
    if (close < 0) return false;
    rest = rest.slice(close + 1);
  }
}
