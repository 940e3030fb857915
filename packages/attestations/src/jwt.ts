import { field, jsonIn, textField } from "@plimsoll/formats";
import { checkOptions } from "@plimsoll/model";
import { algorithmOf } from "./algorithm.ts";
import { decodeBase64, decodeUtf8 } from "./base64.ts";
import type { PkixKey } from "./public-key.ts";
import { bytesOf, refused, verifyChecks } from "./verification.ts";
import type { VerifyOptions } from "./verification.ts";
import { verifyBytes } from "./verify-detached.ts";

/** The result of {@link verifyJwt}; `claims` is set only when the token is verified. */
export interface JwtVerification {
  readonly verified: boolean;
  /** The claims, as JSON text. */
  readonly claims?: string;
  readonly reason?: string;
}

/** A key, with the algorithm and id that the header of a token must have. */
export type JwtKey = PkixKey & { readonly algorithm: string; readonly id: string };

/** Longer tokens are refused unread. */
const maxToken = 1_000_000;

/**
 * Verifies a JSON Web Token in compact form (RFC 7515) as Binary Authorization attestors make them: `typ` is JWT, `alg` and `kid` are those of the
 * key, and there is no `crit` header. The header is checked before the signature; `none` is never accepted. With `now`, a token that has expired (`exp`)
 * or is not valid yet (`nbf`) is refused.
 */
export async function verifyJwt(token: string, key: JwtKey, options: VerifyOptions = {}): Promise<JwtVerification> {
  checkOptions("verifyJwt", options, verifyChecks);
  const parts = token.length > maxToken ? [] : token.split(".");
  const [head = "", body = "", mark = ""] = parts;
  if (parts.length !== 3) return refused("the token does not have three parts");
  const header = jsonPart(head);
  const claims = decoded(body);
  const signature = decodeBase64Url(mark);
  if (header === undefined) return refused("the header of the token is not JSON in base64url");
  const algorithm = algorithmOf(key.algorithm);
  if (algorithm === undefined) return refused(`the signature algorithm ${JSON.stringify(key.algorithm)} is not known`);
  if (textField(header, "alg") !== algorithm.jws) return refused(`alg of the token is not ${algorithm.jws}, the key's`);
  if (textField(header, "typ") !== "JWT") return refused("typ of the token is not JWT");
  if (textField(header, "kid") !== key.id) return refused("kid of the token is not the key's id");
  if (field(header, "crit") !== undefined)
    return refused("crit of the token names fields that are not understood here");
  if (claims === undefined) return refused("the claims of the token are not text in base64url");
  if (signature === undefined) return refused("the signature of the token is not base64url");
  const verification = await verifyBytes(bytesOf(`${head}.${body}`), signature, key, "raw");
  if (!verification.verified) return verification;
  const untimely = options.now === undefined ? undefined : untimeliness(claims, Date.parse(options.now) / 1000);
  return untimely === undefined ? { verified: true, claims } : refused(untimely);
}

/** Why claims do not hold at a time, in seconds since 1970: `exp` and `nbf` (RFC 7519, 4.1.4 and 4.1.5). */
function untimeliness(claims: string, now: number): string | undefined {
  const value = jsonIn(claims);
  const [end, start] = [field(value, "exp"), field(value, "nbf")];
  if (end !== undefined && !(typeof end === "number" && now < end)) return "the token has expired (exp)";
  if (start !== undefined && !(typeof start === "number" && now >= start)) return "the token is not valid yet (nbf)";
  return undefined;
}

function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  return /^[A-Za-z0-9_-]*$/.test(text) ? decodeBase64(text) : undefined;
}

function decoded(part: string): string | undefined {
  const bytes = decodeBase64Url(part);
  return bytes === undefined ? undefined : decodeUtf8(bytes);
}

function jsonPart(part: string): unknown {
  const text = decoded(part);
  return text === undefined ? undefined : jsonIn(text);
}
