/** `crypto.x509.*`. Reading needs nothing; verifying needs an injected `crypto`. */

import type { Value } from "../values/value.ts";
import { isNumber, isArray, objectEntries, RegoSet, type ObjectValue } from "../values/value.ts";
import { readCertificates, readRequest, type Certificate } from "../x509/certificate.ts";
import { CertificateError } from "../x509/der.ts";
import { pemBlocks } from "../x509/pem.ts";
import { verifiedChain } from "../x509/verify-chain.ts";
import { builtin, BuiltinError, RefusedBuiltin, type Builtin, type BuiltinContext } from "./builtin.ts";
import { fromBase64, textOfBytes } from "./bytes.ts";
import { nowOf } from "./jwt.ts";
import { integerOf } from "../values/number.ts";
import { objectAt, stringAt } from "./operands.ts";

const begin = "-----BEGIN";

/** Certificates in PEM, in base64 of PEM, or in base64 of DER. */
function certificatesOf(text: string, context: BuiltinContext): Certificate[] {
  context.step(1 + (text.length >> 4));
  if (text.startsWith(begin)) return certificatesOfPem(text);
  const bytes = fromBase64(text);
  const inner = textOfBytes(bytes);
  return inner.startsWith(begin) ? certificatesOfPem(inner) : readCertificates(bytes);
}

function certificatesOfPem(text: string): Certificate[] {
  return pemBlocks(text).flatMap(({ type, bytes }) => {
    if (type !== "CERTIFICATE") throw new CertificateError(`PEM block type is '${type}', expected CERTIFICATE`);
    return readCertificates(bytes);
  });
}

function told<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new BuiltinError(error.message);
  }
}

/** Undefined for what is no certificate; then nothing is verified. */
function attempted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CertificateError || (error instanceof BuiltinError && !(error instanceof RefusedBuiltin)))
      return undefined;
    throw error;
  }
}

function withUriStrings({ value, extensions: { names } }: Certificate): Value {
  return { ...value, URIStrings: names.uris.length === 0 ? null : names.uris };
}

function parse(args: readonly Value[], context: BuiltinContext): Value {
  const certificates = told(() => certificatesOf(stringAt(args, 0), context));
  for (const { bytes } of certificates) context.charge(8 * bytes.length);
  return certificates.map(withUriStrings);
}

function parseRequest(args: readonly Value[], context: BuiltinContext): Value {
  const text = stringAt(args, 0);
  context.step(1 + (text.length >> 4));
  const isPem = text.startsWith(`${begin} CERTIFICATE REQUEST-----`);
  const bytes = isPem ? undefined : fromBase64(text);
  const inner = bytes === undefined ? text : textOfBytes(bytes);
  const [block] = pemBlocks(inner);
  if (block !== undefined && block.type !== "CERTIFICATE REQUEST")
    throw new BuiltinError("invalid PEM-encoded certificate signing request");
  return told(() => readRequest(block?.bytes ?? bytes ?? new Uint8Array()));
}

interface ChainOptions {
  readonly host: string | undefined;
  /** Milliseconds since 1970; undefined: now. */
  readonly time: number | undefined;
  readonly usages: readonly number[];
}

const serverAuthentication = 1;
const defaults: ChainOptions = { host: undefined, time: undefined, usages: [serverAuthentication] };

/** Purposes by their names, at the places of their numbers. */
const usageNames = ["Any", "ServerAuth", "ClientAuth", "CodeSigning", "EmailProtection", "IPSECEndSystem", "IPSECTunnel", "IPSECUser", "TimeStamping", "OCSPSigning", "MicrosoftServerGatedCrypto", "NetscapeServerGatedCrypto", "MicrosoftCommercialCodeSigning", "MicrosoftKernelCodeSigning"].map((name) => `KeyUsage${name}`); // prettier-ignore

function optionsOf(object: ObjectValue): ChainOptions {
  let { host, time, usages } = defaults;
  for (const [key, value] of objectEntries(object)) {
    if (typeof key !== "string") continue;
    if (key === "DNSName") {
      if (typeof value !== "string") throw new BuiltinError("'DNSName' should be a string");
      host = value === "" ? undefined : value;
    } else if (key === "CurrentTime") {
      if (!isNumber(value)) throw new BuiltinError("'CurrentTime' should be a number");
      const nanoseconds = integerOf(value);
      if (nanoseconds === undefined || nanoseconds !== BigInt.asIntN(64, nanoseconds))
        throw new BuiltinError("'CurrentTime' should be a valid int64 number");
      time = Number(nanoseconds) / 1_000_000;
    } else if (key === "MaxConstraintComparisons") {
      if (!isNumber(value)) throw new BuiltinError("'MaxConstraintComparisons' should be a number");
    } else if (key === "KeyUsages") usages = usagesOf(value);
    else throw new BuiltinError("invalid key option");
  }
  return { host, time, usages };
}

function usagesOf(value: Value): readonly number[] {
  if (!isArray(value) && !(value instanceof RegoSet)) throw new BuiltinError("'KeyUsages' should be an Array or Set");
  const names = [...(isArray(value) ? value : value.sorted())].filter((each) => typeof each === "string");
  const unknown = names.filter((name) => !usageNames.includes(name));
  if (unknown.length > 0) throw new BuiltinError(`invalid entries for 'KeyUsages' found: [${unknown.join(" ")}]`);
  return names.length === 0 ? defaults.usages : names.map((name) => usageNames.indexOf(name));
}

/** The first certificate is the root, the last one the leaf. */
function verify(text: string, options: ChainOptions, context: BuiltinContext): readonly Certificate[] | undefined {
  const certificates = attempted(() => certificatesOf(text, context));
  const [root, ...others] = certificates ?? [];
  const leaf = others.pop();
  if (root === undefined || leaf === undefined) return undefined;
  const { crypto } = context.environment;
  if (crypto === undefined) throw new RefusedBuiltin("cryptography with keys is not available: none was injected");
  const time = options.time ?? nowOf(context) / 1_000_000;
  const { host, usages } = options;
  const step = (count?: number): void => context.step(count);
  return attempted(() => verifiedChain({ root, intermediates: others, leaf, time, host, usages, crypto, step }));
}

const certificate = "object<>[string: any]";
const certificates = `array[${certificate}]`;

export const certificateBuiltins: readonly Builtin[] = [
  builtin("crypto.x509.parse_certificates", `(string) => ${certificates}`, parse),
  builtin("crypto.x509.parse_certificate_request", `(string) => ${certificate}`, parseRequest),
  builtin(
    "crypto.x509.parse_and_verify_certificates",
    `(string) => array<boolean, ${certificates}>`,
    (args, context) => {
      const chain = verify(stringAt(args, 0), defaults, context);
      return chain === undefined ? [false, []] : [true, chain.map(withUriStrings)];
    },
  ),
  builtin(
    "crypto.x509.parse_and_verify_certificates_with_options",
    `(string, ${certificate}) => array<boolean, ${certificates}>`,
    (args, context) => {
      const chain = verify(stringAt(args, 0), optionsOf(objectAt(args, 1)), context);
      return chain === undefined ? [false, []] : [true, chain.map(({ value }) => value)];
    },
  ),
];
