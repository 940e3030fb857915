/** Extensions of certificates (RFC 5280, section 4.2), those that decide what a certificate may be used for. */

import { toBase64 } from "../builtins/bytes.ts";
import { bitsIn, CertificateError, elementsOf, expected, identifierIn, integerIn, latinText, membersOf, tags, type Element } from "./der.ts"; // prettier-ignore
import { addressOf, alternativeNames, type AlternativeNames } from "./names.ts";

/** Ranges of names that a certificate of an authority permits or excludes. */
export interface NameRanges {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uris: readonly string[];
  readonly addresses: readonly { readonly address: string; readonly mask: Uint8Array }[];
  /** Kinds that are not understood. */
  readonly others: number;
}

const noRanges: NameRanges = { dns: [], email: [], uris: [], addresses: [], others: 0 };

/** An extension as Go prints it; the value is base64 of DER. */
type ListedExtension = { readonly Id: readonly number[]; readonly Critical: boolean; readonly Value: string };

/** The values of certificate extensions; absent extensions have their defaults. */
export class Extensions {
  readonly list: ListedExtension[] = [];
  readonly unhandled: number[][] = [];
  basicConstraints: { readonly isCa: boolean; readonly pathLength: number } | undefined;
  keyUsage = 0;
  usages: number[] = [];
  unknownUsages: number[][] = [];
  subjectKey = "";
  authorityKey = "";
  names: AlternativeNames = { dns: [], email: [], addresses: [], uris: [] };
  revocationLists: string[] = [];
  responders: string[] = [];
  issuers: string[] = [];
  policies: number[][] = [];
  permitted: NameRanges = noRanges;
  excluded: NameRanges = noRanges;
  constraintsAreCritical = false;
}

type Read = (value: Element, extensions: Extensions, critical: boolean) => void;

/** Purposes in the order of Go's numbers. */
const purposes = ["2.5.29.37.0", ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((last) => `1.3.6.1.5.5.7.3.${last}`), "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.2.1.22", "1.3.6.1.4.1.311.61.1.1"]; // prettier-ignore

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["2.5.29.14", (value, read) => { read.subjectKey = toBase64(expected(value, tags.octets).content); }], // prettier-ignore
  ["2.5.29.15", readKeyUsage],
  ["2.5.29.17", (value, read) => { read.names = alternativeNames(membersOf(expected(value, tags.sequence))); }], // prettier-ignore
  ["2.5.29.19", readBasicConstraints],
  ["2.5.29.30", readNameConstraints],
  ["2.5.29.31", readRevocationLists],
  ["2.5.29.32", readPolicies],
  ["2.5.29.35", readAuthorityKey],
  ["2.5.29.37", readPurposes],
  ["1.3.6.1.5.5.7.1.1", readAuthorityAccess],
]);

/** Reads a sequence of extensions. */
export function readExtensions(sequence: Element): Extensions {
  const read = new Extensions();
  for (const extension of membersOf(sequence)) {
    const parts = membersOf(expected(extension, tags.sequence));
    const critical = parts[1]?.tag === tags.boolean && parts[1].content[0] === 0xff;
    const identifier = identifierIn(expected(parts[0], tags.oid).content);
    const { content } = expected(parts.at(-1), tags.octets);
    read.list.push({ Id: identifier, Critical: critical, Value: toBase64(content) });
    const reader = readers.get(identifier.join("."));
    if (reader === undefined) {
      if (critical) read.unhandled.push(identifier);
      continue;
    }
    const [value] = elementsOf(content);
    if (value === undefined) throw new CertificateError("x509: malformed extension");
    reader(value, read, critical);
  }
  return read;
}

function readKeyUsage(value: Element, read: Extensions): void {
  const bytes = bitsIn(expected(value, tags.bits), true);
  for (let bit = 0; bit < 9; bit++) {
    if (((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) read.keyUsage |= 1 << bit;
  }
}

function readBasicConstraints(value: Element, read: Extensions): void {
  const parts = membersOf(expected(value, tags.sequence));
  const length = parts.find(({ tag }) => tag === tags.integer);
  read.basicConstraints = {
    isCa: parts[0]?.tag === tags.boolean && parts[0].content[0] === 0xff,
    pathLength: length === undefined ? -1 : Number(integerIn(length)),
  };
}

function readPurposes(value: Element, read: Extensions): void {
  for (const each of membersOf(expected(value, tags.sequence))) {
    const identifier = identifierIn(expected(each, tags.oid).content);
    const known = purposes.indexOf(identifier.join("."));
    if (known >= 0) read.usages.push(known);
    else read.unknownUsages.push(identifier);
  }
}

function readAuthorityKey(value: Element, read: Extensions): void {
  const key = membersOf(expected(value, tags.sequence)).find(({ tag }) => tag === 0x80);
  if (key !== undefined) read.authorityKey = toBase64(key.content);
}

function readRevocationLists(value: Element, read: Extensions): void {
  for (const point of membersOf(expected(value, tags.sequence))) {
    const name = membersOf(point).find(({ tag }) => tag === 0xa0);
    for (const full of name === undefined ? [] : membersOf(name)) {
      if (full.tag === 0xa0) read.revocationLists.push(...alternativeNames(membersOf(full)).uris);
    }
  }
}

function readPolicies(value: Element, read: Extensions): void {
  for (const policy of membersOf(expected(value, tags.sequence))) {
    const [identifier] = membersOf(expected(policy, tags.sequence));
    read.policies.push(identifierIn(expected(identifier, tags.oid).content));
  }
}

function readAuthorityAccess(value: Element, read: Extensions): void {
  for (const access of membersOf(expected(value, tags.sequence))) {
    const [method, place] = membersOf(expected(access, tags.sequence));
    if (place?.tag !== 0x86) continue;
    const name = identifierIn(expected(method, tags.oid).content).join(".");
    if (name === "1.3.6.1.5.5.7.48.1") read.responders.push(latinText(place.content));
    if (name === "1.3.6.1.5.5.7.48.2") read.issuers.push(latinText(place.content));
  }
}

function readNameConstraints(value: Element, read: Extensions, critical: boolean): void {
  read.constraintsAreCritical = critical;
  for (const subtrees of membersOf(expected(value, tags.sequence))) {
    const ranges = rangesOf(subtrees);
    if (subtrees.tag === 0xa0) read.permitted = ranges;
    else if (subtrees.tag === 0xa1) read.excluded = ranges;
  }
}

function rangesOf(subtrees: Element): NameRanges {
  const bases = membersOf(subtrees).map((subtree) => expected(membersOf(subtree)[0], 0x81, 0x82, 0x84, 0x86, 0x87, 0xa0, 0xa4)); // prettier-ignore
  const texts = (tag: number): string[] => bases.filter((base) => base.tag === tag).map(({ content }) => latinText(content)); // prettier-ignore
  const addresses = bases
    .filter(({ tag }) => tag === 0x87)
    .map(({ content }) => {
      const half = content.length / 2;
      return { address: addressOf(content.subarray(0, half)), mask: content.subarray(half) };
    });
  const [dns, email, uris] = [texts(0x82), texts(0x81), texts(0x86)];
  return { dns, email, uris, addresses, others: bases.length - dns.length - email.length - uris.length - addresses.length }; // prettier-ignore
}
