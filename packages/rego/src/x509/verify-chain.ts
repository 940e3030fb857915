/** Whether a certificate leads to a root that is trusted (RFC 5280, section 6), with the checks and bounds of Go. */

import { blockOf, contains, parseAddress } from "../builtins/addresses.ts";
import { toBase64 } from "../builtins/bytes.ts";
import type { RegoCrypto } from "../builtins/builtin.ts";
import type { Certificate } from "./certificate.ts";
import { elementsOf, expected, integerIn, membersOf, tags, unsignedIn } from "./der.ts";
import type { NameRanges } from "./extensions.ts";

/** The requirements on a certificate chain. */
export interface ChainQuestion {
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly leaf: Certificate;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Host name or IP address that the leaf certificate must be valid for. */
  readonly host: string | undefined;
  /** Extended key usages by Go's numbers, one of which must be allowed; 0 is any. */
  readonly usages: readonly number[];
  readonly crypto: RegoCrypto;
  step(count?: number): void;
}

/** Chains are searched with at most so many signatures, as in Go. */
const mostSignatures = 100;

/** The chain from the leaf to the root, or undefined when no valid chain exists. */
export function verifiedChain(question: ChainQuestion): readonly Certificate[] | undefined {
  const { leaf, root, host } = question;
  if (!isCurrent(leaf, question) || (host !== undefined && !isFor(leaf, host))) return undefined;
  if (sameBytes(leaf, root)) return allows([leaf], question.usages) ? [leaf] : undefined;
  return extend([leaf], question, { left: mostSignatures });
}

function extend(
  chain: readonly Certificate[],
  question: ChainQuestion,
  budget: { left: number },
): readonly Certificate[] | undefined {
  // prettier-ignore
  const child = chain.at(-1) ?? question.leaf;
  for (const parent of [question.root, ...question.intermediates]) {
    if (parent.subject !== child.issuer || chain.some((each) => sameBytes(each, parent))) continue;
    if (budget.left-- <= 0) return undefined;
    if (!isAuthority(parent, chain, question) || !isSignedBy(child, parent, question)) continue;
    const longer = [...chain, parent];
    if (parent === question.root) {
      if (allows(longer, question.usages)) return longer;
      continue;
    }
    const whole = extend(longer, question, budget);
    if (whole !== undefined) return whole;
  }
  return undefined;
}

function sameBytes(left: Certificate, right: Certificate): boolean {
  return left.value["Raw"] === right.value["Raw"];
}

function isCurrent({ notBefore, notAfter, extensions }: Certificate, { time }: ChainQuestion): boolean {
  return time >= notBefore && time <= notAfter && extensions.unhandled.length === 0;
}

function isAuthority(parent: Certificate, below: readonly Certificate[], question: ChainQuestion): boolean {
  const { basicConstraints, keyUsage } = parent.extensions;
  if (!isCurrent(parent, question)) return false;
  if (basicConstraints === undefined ? parent.version === 3 : !basicConstraints.isCa) return false;
  const signsCertificates = 1 << 5;
  if (keyUsage !== 0 && (keyUsage & signsCertificates) === 0) return false;
  // The leaf does not count.
  const pathLength = basicConstraints?.pathLength ?? -1;
  if (pathLength >= 0 && below.length - 1 > pathLength) return false;
  return below.every((certificate) => namesAreAllowed(certificate, parent, question));
}

function isSignedBy(child: Certificate, parent: Certificate, { crypto, step }: ChainQuestion): boolean {
  const { jws } = child.signatureAlgorithm;
  step(1_000);
  if (jws === undefined) return false;
  const lines = toBase64(parent.keyInfo).replace(/.{1,64}/g, "$&\n");
  const pem = `-----BEGIN PUBLIC KEY-----\n${lines}-----END PUBLIC KEY-----\n`;
  const signature = jws.startsWith("ES") ? joined(child.signature, parent.curve) : child.signature;
  if (signature === undefined) return false;
  return crypto.verify(jws, { pem, keyId: undefined, algorithm: undefined }, child.signed, signature);
}

/** The two numbers of a signature on a curve, which certificates hold in DER, one after the other. */
function joined(signature: Uint8Array, size: number | undefined): Uint8Array | undefined {
  if (size === undefined) return undefined;
  const [sequence] = elementsOf(signature);
  const numbers = membersOf(expected(sequence, tags.sequence)).map((each) => integerIn(expected(each, tags.integer)));
  const bytes = new Uint8Array(2 * size);
  for (const [index, number] of numbers.entries()) {
    const digits = number.toString(16).padStart(2 * size, "0");
    if (number < 0n || digits.length > 2 * size || index > 1) return undefined;
    for (let at = 0; at < size; at++) bytes[index * size + at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** Each certificate that names purposes must allow one that is asked for, the same one along the chain. */
function allows(chain: readonly Certificate[], wanted: readonly number[]): boolean {
  const any = 0;
  if (wanted.includes(any)) return true;
  return wanted.some((usage) =>
    chain.every(({ extensions: { usages, unknownUsages } }) => {
      const isFree = usages.length === 0 && unknownUsages.length === 0;
      return isFree || usages.includes(any) || usages.includes(usage);
    }),
  );
}

function isFor({ extensions: { names } }: Certificate, host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/s, "$1");
  const address = parseAddress(plain);
  if (address !== undefined) {
    return names.addresses.some((each) => {
      const own = parseAddress(each);
      return own !== undefined && own.bits === address.bits && own.value === address.value;
    });
  }
  const labels = host.toLowerCase().replace(/\.$/, "").split(".");
  return names.dns.some((name) => {
    const own = name.toLowerCase().split(".");
    return own.length === labels.length && own.every((label, at) => label === labels[at] || (at === 0 && label === "*" && own.length > 1)); // prettier-ignore
  });
}

function namesAreAllowed(
  { extensions: { names } }: Certificate,
  authority: Certificate,
  { step }: ChainQuestion,
): boolean {
  // prettier-ignore
  const { permitted, excluded } = authority.extensions;
  // Ranges of kinds that are not understood cannot be said to hold.
  if (permitted.others + excluded.others > 0) return false;
  step(sizeOf(permitted) + sizeOf(excluded));
  const hold = <T>(
    own: readonly T[],
    within: (name: T, ranges: NameRanges) => boolean,
    count: keyof NameRanges,
  ): boolean =>
    // prettier-ignore
    own.every((name) => {
      if (within(name, excluded)) return false;
      const limits = permitted[count];
      return (Array.isArray(limits) && limits.length === 0) || within(name, permitted);
    });
  return (
    hold(names.dns, (name, { dns }) => dns.some((range) => isWithinDomain(name, range)), "dns") &&
    hold(names.email, (name, { email }) => email.some((range) => isMailWithin(name, range)), "email") &&
    hold(names.uris, (name, { uris }) => uris.some((range) => isHostWithin(name, range)), "uris") &&
    hold(names.addresses, (name, { addresses }) => addresses.some((range) => isAddressWithin(name, range)), "addresses")
  );
}

function sizeOf({ dns, email, uris, addresses }: NameRanges): number {
  return dns.length + email.length + uris.length + addresses.length;
}

function isWithinDomain(name: string, range: string): boolean {
  const [host, domain] = [name.toLowerCase(), range.toLowerCase()];
  if (domain === "") return true;
  if (domain.startsWith(".")) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

/** A range for mail is a mailbox, a host, or with a leading point all hosts of a domain. */
function isMailWithin(mail: string, range: string): boolean {
  if (range.includes("@")) return mail === range;
  const host = mail.slice(mail.lastIndexOf("@") + 1).toLowerCase();
  return range.startsWith(".") ? host.endsWith(range.toLowerCase()) : host === range.toLowerCase();
}

function isHostWithin(uri: string, range: string): boolean {
  const host = /^[^:]+:\/\/(?:[^/@]*@)?([^/:?#]*)/.exec(uri)?.[1] ?? "";
  return range.startsWith(".") ? isWithinDomain(host, range) : host.toLowerCase() === range.toLowerCase();
}

function isAddressWithin(name: string, { address, mask }: NameRanges["addresses"][number]): boolean {
  const [own, base] = [parseAddress(name), parseAddress(address)];
  if (own === undefined || base === undefined || own.bits !== base.bits) return false;
  const prefix = unsignedIn(mask).toString(2).replace(/0*$/, "").length;
  return contains(blockOf(base.bits, base.value, prefix), own);
}
