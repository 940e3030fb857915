/** URLs as Go's `net/url` takes them apart, with its complaints. */

import { goQuoted } from "../values/text.ts";
import { parseAddress } from "./addresses.ts";
import { BuiltinError } from "./builtin.ts";
import { textOfBytes, utf8 } from "./bytes.ts";

/** The parts of a URL; those that are not there are empty. */
export interface GoUrl {
  readonly scheme: string;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: string;
  /** Decoded. Empty where what follows the scheme does not begin with a slash. */
  readonly path: string;
  /** The path as it is written, unless Go would write it so by itself; then it is the decoded one. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Decoded. */
  readonly fragment: string;
}

/** Takes a URL apart. @throws {BuiltinError} with Go's message if it is none */
export function parseGoUrl(text: string): GoUrl {
  const [address, fragment] = cut(text, "#");
  const url = within(address, () => parseAddressPart(address));
  return { ...url, fragment: within(text, () => unescaped(fragment)) };
}

class UrlError extends Error {}

function within<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new BuiltinError(`parse ${goQuoted(text)}: ${error.message}`);
  }
}

/** What is before the first mark, and what is after it. */
function cut(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

function parseAddressPart(text: string): Omit<GoUrl, "fragment"> {
  // eslint-disable-next-line no-control-regex -- those are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new UrlError("net/url: invalid control character in URL");
  const none = { scheme: "", hostname: "", port: "", path: "", rawPath: "", rawQuery: "" };
  if (text === "*") return { ...none, path: "*", rawPath: "*" };
  if (text.startsWith(":")) throw new UrlError("missing protocol scheme");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? "";
  const [hierarchy, rawQuery] = cut(scheme === "" ? text : text.slice(scheme.length + 1), "?");
  const parts = { ...none, scheme: scheme.toLowerCase(), rawQuery };
  if (!hierarchy.startsWith("/")) {
    if (scheme !== "") return parts;
    if (cut(hierarchy, "/")[0].includes(":")) throw new UrlError("first path segment in URL cannot contain colon");
  }
  const hasAuthority = hierarchy.startsWith("//") && (scheme !== "" || !hierarchy.startsWith("///"));
  const [, authority = "", written = ""] = hasAuthority
    ? (/^\/\/([^/]*)(.*)$/su.exec(hierarchy) ?? [])
    : ["", "", hierarchy];
  const host = hasAuthority ? hostOf(parts.scheme, authority) : { hostname: "", port: "" };
  const path = unescaped(written);
  return { ...parts, ...host, path, rawPath: escapedPath(path) === written ? path : written };
}

function hostOf(scheme: string, authority: string): { readonly hostname: string; readonly port: string } {
  const at = authority.lastIndexOf("@");
  const host = checkedHost(scheme, authority.slice(at + 1));
  if (at >= 0) {
    const user = authority.slice(0, at);
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new UrlError("net/url: invalid userinfo");
    unescaped(user);
  }
  const [, name = host, port = ""] = /^(.*):([0-9]*)$/su.exec(host) ?? [];
  return { hostname: name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name, port };
}

/** A host with its port, decoded. */
function checkedHost(scheme: string, host: string): string {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new UrlError("invalid IP-literal");
  if (open === 0) return literalHost(host);
  // Elsewhere than in the web, hosts may be lists with ports.
  const colon = scheme === "http" || scheme === "https" ? host.indexOf(":") : host.lastIndexOf(":");
  if (colon >= 0) checkPort(host.slice(colon));
  return unescaped(host, "host");
}

/** An address between brackets and its port. */
function literalHost(host: string): string {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new UrlError("missing ']' in host");
  const port = host.slice(close + 1);
  if (port !== "") checkPort(port);
  const written = host.slice(1, close);
  const zoneAt = written.indexOf("%25");
  const name =
    zoneAt < 0
      ? unescaped(written, "host")
      : unescaped(written.slice(0, zoneAt), "host") + unescaped(written.slice(zoneAt), "zone");
  const [address, zone] = cut(name, "%");
  if (parseAddress(address) === undefined || (name !== address && zone === ""))
    throw new UrlError(`invalid host: ParseAddr(${goQuoted(name)}): unable to parse IP`);
  if (!address.includes(":")) throw new UrlError("invalid IP-literal");
  return `[${name}]${port}`;
}

function checkPort(text: string): void {
  if (!/^:[0-9]*$/.test(text)) throw new UrlError(`invalid port ${goQuoted(text)} after host`);
}

const hostCharacter = /[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/;

/** Percent-encoded text decoded; in hosts only bytes beyond ASCII may be encoded, and only some characters stand for themselves. */
function unescaped(text: string, place?: "host" | "zone"): string {
  const bytes: number[] = [];
  for (const [part] of text.matchAll(/%[0-9a-fA-F]{2}|%.{0,2}|[^%]/gsu)) {
    if (part.startsWith("%")) {
      const code = /^%[0-9a-fA-F]{2}$/.test(part) ? parseInt(part.slice(1), 16) : undefined;
      const refused =
        part !== "%25" &&
        ((place === "host" && code !== undefined && code < 128) ||
          (place === "zone" && code !== undefined && code !== 32 && !hostCharacter.test(String.fromCharCode(code))));
      if (code === undefined || refused) throw new UrlError(`invalid URL escape ${goQuoted(part)}`);
      bytes.push(code);
    } else {
      if (place !== undefined && part < "\u0080" && !hostCharacter.test(part))
        throw new UrlError(`invalid character ${goQuoted(part)} in host name`);
      bytes.push(...utf8(part));
    }
  }
  return textOfBytes(Uint8Array.from(bytes));
}

/** A path as Go encodes it where nothing else is asked for. */
function escapedPath(path: string): string {
  return Array.from(utf8(path), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-._~$&+,/:;=@]/.test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
