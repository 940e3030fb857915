/** Names of certificates: of subjects and issuers (X.501), and the alternative ones (RFC 5280, 4.2.1.6). */

import { addressText } from "../builtins/addresses.ts";
import { isArray, type Value } from "../values/value.ts";
import { CertificateError, expected, identifierIn, latinText, membersOf, tags, textIn, unsignedIn, type Element } from "./der.ts"; // prettier-ignore

const lists: Readonly<Record<string, string>> = {
  "2.5.4.6": "Country",
  "2.5.4.7": "Locality",
  "2.5.4.8": "Province",
  "2.5.4.9": "StreetAddress",
  "2.5.4.10": "Organization",
  "2.5.4.11": "OrganizationalUnit",
  "2.5.4.17": "PostalCode",
};

const single: Readonly<Record<string, string>> = { "2.5.4.3": "CommonName", "2.5.4.5": "SerialNumber" };

/** A name as Go lists it. */
export function nameOf(element: Element): Value {
  const values: Record<string, Value> = { CommonName: "", SerialNumber: "", ExtraNames: null };
  for (const list of Object.values(lists)) values[list] = null;
  const names: Value[] = [];
  for (const set of membersOf(element)) {
    for (const attribute of membersOf(expected(set, tags.set))) {
      const [type, value] = membersOf(expected(attribute, tags.sequence));
      const identifier = identifierIn(expected(type, tags.oid).content);
      if (value === undefined) throw new CertificateError("x509: malformed certificate");
      const text = textIn(value);
      names.push({ Type: identifier, Value: text });
      const key = identifier.join(".");
      const list = lists[key];
      if (list !== undefined) {
        const before = values[list] ?? null;
        values[list] = isArray(before) ? [...before, text] : [text];
      }
      const one = single[key];
      if (one !== undefined) values[one] = text;
    }
  }
  values["Names"] = names.length === 0 ? null : names;
  return values;
}

/** Alternative names by kind. */
export interface AlternativeNames {
  readonly dns: string[];
  readonly email: string[];
  readonly addresses: string[];
  readonly uris: string[];
}

/** The names of a sequence of `GeneralName`. */
export function alternativeNames(elements: readonly Element[]): AlternativeNames {
  const names: AlternativeNames = { dns: [], email: [], addresses: [], uris: [] };
  for (const { tag, content } of elements) {
    if (tag === 0x81) names.email.push(latinText(content));
    if (tag === 0x82) names.dns.push(latinText(content));
    if (tag === 0x86) names.uris.push(latinText(content));
    if (tag === 0x87) names.addresses.push(addressOf(content));
  }
  return names;
}

export function addressOf(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16)
    throw new CertificateError("x509: cannot parse IP address of length " + String(bytes.length));
  return addressText(bytes.length === 4 ? 32 : 128, unsignedIn(bytes));
}

/** The parts of a URI, as Go parses it. */
export function uriParts(uri: string): Value {
  const [, scheme = "", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):)?(.*)$/is.exec(uri) ?? [];
  const [, main = "", query, fragment = ""] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest) ?? [];
  const opaque = scheme !== "" && !main.startsWith("/");
  const [, authority, path = ""] = /^(?:\/\/([^/]*))?(.*)$/s.exec(main) ?? [];
  return {
    Scheme: scheme.toLowerCase(),
    Opaque: opaque ? main : "",
    User: null,
    Host: (authority ?? "").replace(/^.*@/s, ""),
    Path: opaque ? "" : path,
    RawPath: "",
    OmitHost: false,
    ForceQuery: query === "",
    RawQuery: query ?? "",
    Fragment: fragment,
    RawFragment: "",
  };
}
