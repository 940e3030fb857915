import { CelEvaluationError } from "../../cel-error.ts";
import { isObject, ValueList, ValueMap, type CelObject, type CelValue } from "../../values.ts";
import { method, overload, type CelFunction } from "../define.ts";

const urlType = "kubernetes.URL";

/** The parts of an absolute URI or an absolute path: what Go's `url.ParseRequestURI` takes, cut as `url.Parse` does. */
class UrlValue implements CelObject {
  readonly celType = urlType;
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  constructor(
    text: string,
    parts: { readonly scheme: string; readonly host: string; readonly path: string; readonly query: string },
  ) {
    this.text = text;
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }
  equals(other: CelObject): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
  toNative(): string {
    return this.text;
  }
}

const maxLength = 8192;

function parse(text: string): UrlValue | undefined {
  if (text === "" || text.length > maxLength || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  if (text === "*") return new UrlValue(text, { scheme: "", host: "", path: text, query: "" });
  const [, scheme = ""] = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text) ?? [];
  const rest = scheme === "" ? text : text.slice(scheme.length + 1);
  if (!rest.startsWith("/") && scheme === "") return undefined;
  const lower = scheme.toLowerCase();
  const { path: whole } = partsOf(rest, scheme !== "");
  const { host, path, query } = partsOf(rest.replace(/#.*$/s, ""), scheme !== "" || !rest.startsWith("///"));
  if (!rest.startsWith("/")) return new UrlValue(text, { scheme: lower, host: "", path: "", query });
  // A fragment is cut off only from what is taken with it: in front of a path it would be a part of the host.
  const isHost = scheme !== "" && /^\/\/[^/?]*#/.test(rest);
  if (isHost || !validHost(host) || /%(?![0-9a-fA-F]{2})/.test(whole)) return undefined;
  return new UrlValue(text, { scheme: lower, host, path, query });
}

function partsOf(
  rest: string,
  hasHost: boolean,
): { readonly host: string; readonly path: string; readonly query: string } {
  const [beforeQuery = "", ...queries] = rest.split("?");
  const form = hasHost ? /^(?:\/\/([^/]*))?(.*)$/s : /^()(.*)$/s;
  const [, authority = "", path = ""] = form.exec(beforeQuery) ?? [];
  return { host: authority.slice(authority.lastIndexOf("@") + 1), path, query: queries.join("?") };
}

function validHost(host: string): boolean {
  const [, port] = /^(?:\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(host) ?? [undefined, "none"];
  return (port === undefined || /^\d*$/.test(port)) && !/[ <>"{}|\\^`]/.test(host);
}

function toUrl(text: string): UrlValue {
  const url = parse(text);
  if (url === undefined)
    throw new CelEvaluationError(`URL parse error during conversion from string: "${text.slice(0, 64)}"`);
  return url;
}

function urlOf(value: CelValue): UrlValue {
  if (isObject(value) && value instanceof UrlValue) return value;
  throw new CelEvaluationError("no such overload: the value is not a URL");
}

function hostname(host: string): string {
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** The path with every character escaped that a path may not hold. */
function escapedPath(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g, (part) =>
    encodeURIComponent(part.replaceAll(/[\ud800-\udfff]/g, "")),
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** Names to lists of values; a pair that cannot be decoded is left out, as in Go. */
function query(text: string): ValueMap {
  const found = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const cut = pair.indexOf("=");
    const name = decode(cut === -1 ? pair : pair.slice(0, cut));
    const value = cut === -1 ? "" : decode(pair.slice(cut + 1));
    if (name === undefined || value === undefined) continue;
    const others = found.get(name);
    if (others === undefined) found.set(name, [value]);
    else others.push(value);
  }
  return new ValueMap([...found].map(([name, values]) => [name, new ValueList(values)]));
}

/** URLs (Kubernetes' CEL library `url`). */
export const urlFunctions: readonly CelFunction[] = [
  overload("url", ["string"], urlType, (_, text) => toUrl(text)),
  overload("isURL", ["string"], "bool", (_, text) => parse(text) !== undefined),
  method("getScheme", [urlType], "string", (_, value) => urlOf(value).scheme),
  method("getHost", [urlType], "string", (_, value) => urlOf(value).host),
  method("getHostname", [urlType], "string", (_, value) => hostname(urlOf(value).host)),
  method("getPort", [urlType], "string", (_, value) => /:(\d*)$/.exec(urlOf(value).host)?.[1] ?? ""),
  method("getEscapedPath", [urlType], "string", (_, value) => escapedPath(urlOf(value).path)),
  method("getQuery", [urlType], "map(string, list(string))", (call, value) => {
    call.spend(urlOf(value).query.length / 10);
    return query(urlOf(value).query);
  }),
];
