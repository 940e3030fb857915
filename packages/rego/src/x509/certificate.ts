/** Certificates and requests for them (RFC 5280, RFC 2986), as values in the shape of Go's `crypto/x509`. */

import { toBase64 } from "../builtins/bytes.ts";
import { numberFromInteger } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { bitsIn, CertificateError, elementsOf, expected, identifierIn, integerIn, membersOf, tags, timeIn, type Element } from "./der.ts"; // prettier-ignore
import { Extensions, readExtensions, type NameRanges } from "./extensions.ts";
import { publicKeyOf, signatureAlgorithmOf, type SignatureAlgorithm } from "./keys.ts";
import { nameOf, uriParts } from "./names.ts";

/** A certificate that was read. */
export interface Certificate {
  readonly bytes: Uint8Array;
  /** The signed part (TBSCertificate) in DER. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly version: number;
  /** The encoded subject, by which certificates find their issuer. */
  readonly subject: string;
  readonly issuer: string;
  /** The public key in DER (`SubjectPublicKeyInfo`), and the length of its coordinates on a curve. */
  readonly keyInfo: Uint8Array;
  readonly curve: number | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: Extensions;
  /** The certificate as Go prints it. */
  readonly value: Readonly<Record<string, Value>>;
}

/** Certificates one after the other in DER; throws a CertificateError. */
export function readCertificates(bytes: Uint8Array): Certificate[] {
  return elementsOf(bytes).map(readCertificate);
}

function readCertificate(element: Element): Certificate {
  const [signedPart, algorithm, signature] = membersOf(expected(element, tags.sequence));
  const tbs = expected(signedPart, tags.sequence);
  const parts = membersOf(tbs);
  const [first] = parts;
  const numbered = first?.tag === 0xa0 ? expected(membersOf(first)[0], tags.integer) : undefined;
  const version = numbered === undefined ? 1 : Number(integerIn(numbered)) + 1;
  const [serial, , issuerName, validity, subjectName, keyElement, ...rest] = numbered === undefined ? parts : parts.slice(1); // prettier-ignore
  const issuer = expected(issuerName, tags.sequence);
  const subject = expected(subjectName, tags.sequence);
  const keyInfo = expected(keyElement, tags.sequence);
  const [from, to] = membersOf(expected(validity, tags.sequence));
  const [notBefore, notAfter] = [timeIn(expected(from, 23, 24)), timeIn(expected(to, 23, 24))];
  const wrapped = rest.find(({ tag }) => tag === 0xa3);
  const extensions = wrapped === undefined ? new Extensions() : readExtensions(expected(membersOf(wrapped)[0], tags.sequence)); // prettier-ignore
  const used = signatureAlgorithmOf(expected(algorithm, tags.sequence));
  const key = publicKeyOf(keyInfo);
  const signatureBytes = bitsIn(expected(signature, tags.bits));
  const value = {
    Raw: toBase64(element.bytes),
    RawTBSCertificate: toBase64(tbs.bytes),
    RawSubjectPublicKeyInfo: toBase64(keyInfo.bytes),
    RawSubject: toBase64(subject.bytes),
    RawIssuer: toBase64(issuer.bytes),
    Signature: toBase64(signatureBytes),
    SignatureAlgorithm: used.number,
    PublicKeyAlgorithm: key.algorithm,
    PublicKey: key.key,
    Version: version,
    SerialNumber: numberFromInteger(integerIn(expected(serial, tags.integer))),
    Issuer: nameOf(issuer),
    Subject: nameOf(subject),
    NotBefore: momentText(notBefore),
    NotAfter: momentText(notAfter),
    ...extensionValues(extensions),
  };
  return {
    bytes: element.bytes,
    signed: tbs.bytes,
    signature: signatureBytes,
    signatureAlgorithm: used,
    version,
    subject: value.RawSubject,
    issuer: value.RawIssuer,
    keyInfo: keyInfo.bytes,
    curve: key.curve,
    notBefore,
    notAfter,
    extensions,
    value,
  };
}

function momentText(time: number): string {
  return new Date(time).toISOString().replace(".000", "");
}

function filled(list: readonly Value[]): Value {
  return list.length === 0 ? null : list;
}

function extensionValues(read: Extensions): Record<string, Value> {
  const pathLength = read.basicConstraints?.pathLength ?? 0;
  return {
    KeyUsage: read.keyUsage,
    Extensions: filled(read.list),
    ExtraExtensions: null,
    UnhandledCriticalExtensions: filled(read.unhandled),
    ExtKeyUsage: filled(read.usages),
    UnknownExtKeyUsage: filled(read.unknownUsages),
    BasicConstraintsValid: read.basicConstraints !== undefined,
    IsCA: read.basicConstraints?.isCa ?? false,
    MaxPathLen: pathLength,
    MaxPathLenZero: read.basicConstraints !== undefined && pathLength === 0,
    SubjectKeyId: read.subjectKey === "" ? null : read.subjectKey,
    AuthorityKeyId: read.authorityKey === "" ? null : read.authorityKey,
    OCSPServer: filled(read.responders),
    IssuingCertificateURL: filled(read.issuers),
    ...alternativeValues(read),
    PermittedDNSDomainsCritical: read.constraintsAreCritical,
    ...rangeValues("Permitted", read.permitted),
    ...rangeValues("Excluded", read.excluded),
    CRLDistributionPoints: filled(read.revocationLists),
    PolicyIdentifiers: filled(read.policies),
    Policies: filled(read.policies.map((policy) => policy.join("."))),
    InhibitAnyPolicy: 0,
    InhibitAnyPolicyZero: false,
    InhibitPolicyMapping: 0,
    InhibitPolicyMappingZero: false,
    RequireExplicitPolicy: 0,
    RequireExplicitPolicyZero: false,
    PolicyMappings: null,
  };
}

function alternativeValues({ names }: Extensions): Record<string, Value> {
  return {
    DNSNames: filled(names.dns),
    EmailAddresses: filled(names.email),
    IPAddresses: filled(names.addresses),
    URIs: filled(names.uris.map(uriParts)),
  };
}

function rangeValues(kind: "Permitted" | "Excluded", ranges: NameRanges): Record<string, Value> {
  return {
    [`${kind}DNSDomains`]: filled(ranges.dns),
    [`${kind}EmailAddresses`]: filled(ranges.email),
    [`${kind}URIDomains`]: filled(ranges.uris),
    [`${kind}IPRanges`]: filled(ranges.addresses.map(({ address, mask }) => ({ IP: address, Mask: toBase64(mask) }))),
  };
}

/** A request for a certificate (PKCS #10) as Go prints it. */
export function readRequest(bytes: Uint8Array): Value {
  try {
    const [element, extra] = elementsOf(bytes);
    if (extra !== undefined) throw new CertificateError("asn1: syntax error: trailing data");
    return requestValue(expected(element, tags.sequence));
  } catch (error) {
    if (!(error instanceof CertificateError) || error.message.startsWith("asn1")) throw error;
    throw new CertificateError("asn1: structure error: tags don't match");
  }
}

function requestValue(element: Element): Value {
  const [signedPart, algorithm, signature] = membersOf(element);
  const info = expected(signedPart, tags.sequence);
  const [version, subjectName, keyElement, attributes] = membersOf(info);
  const subject = expected(subjectName, tags.sequence);
  const keyInfo = expected(keyElement, tags.sequence);
  const key = publicKeyOf(keyInfo);
  let extensions = new Extensions();
  const listed: Value[] = [];
  for (const attribute of attributes === undefined ? [] : membersOf(attributes)) {
    const [type, values] = membersOf(expected(attribute, tags.sequence));
    const identifier = identifierIn(expected(type, tags.oid).content);
    const [sequence] = membersOf(expected(values, tags.set));
    if (identifier.join(".") !== "1.2.840.113549.1.9.14" || sequence?.tag !== tags.sequence) continue;
    extensions = readExtensions(sequence);
    const items = extensions.list.map(({ Id, Value: bytes }) => ({ Type: Id, Value: bytes }));
    listed.push({ Type: identifier, Value: [items] });
  }
  return {
    Raw: toBase64(element.bytes),
    RawTBSCertificateRequest: toBase64(info.bytes),
    RawSubjectPublicKeyInfo: toBase64(keyInfo.bytes),
    RawSubject: toBase64(subject.bytes),
    Version: numberFromInteger(integerIn(expected(version, tags.integer))),
    Signature: toBase64(bitsIn(expected(signature, tags.bits))),
    SignatureAlgorithm: signatureAlgorithmOf(expected(algorithm, tags.sequence)).number,
    PublicKeyAlgorithm: key.algorithm,
    PublicKey: key.key,
    Subject: nameOf(subject),
    Attributes: filled(listed),
    Extensions: filled(extensions.list),
    ExtraExtensions: null,
    ...alternativeValues(extensions),
  };
}
