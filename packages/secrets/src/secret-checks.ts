/** Checks of a secret's form that its provider documents. Each says undefined where the secret is not of the kind it knows. */

import { crc32, isRecord, jsonIn } from "@plimsoll/formats";
import type { SecretCheckName } from "./secret-rule.ts";

const checks: Readonly<Record<SecretCheckName, (secret: string) => boolean | undefined>> = {
  "base62-crc32": endsWithChecksum,
  "base36-crc32": endsWithBase36Checksum,
  "json-web-token": isJsonWebToken,
  "base64-length": hasBase64Length,
  luhn: passesLuhn,
};

/** Whether the secret passes the check; undefined where the check does not apply to it. */
export function passesCheck(name: SecretCheckName, secret: string): boolean | undefined {
  return checks[name](secret);
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Tokens of GitHub and npm: a prefix, 30 characters, and the CRC-32 of these as six digits to base 62.
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
function endsWithChecksum(secret: string): boolean | undefined {
  const found = /^[a-z]{3,4}_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(secret);
  if (found === null) return undefined;
  let sum = crc32(new TextEncoder().encode(found[1]));
  let digits = "";
  for (let i = 0; i < 6; i++) {
    digits = (base62[sum % 62] ?? "") + digits;
    sum = Math.floor(sum / 62);
  }
  return digits === found[2];
}

/** Routable tokens of GitLab end in the CRC-32 of all that stands before, as seven digits to base 36. */
function endsWithBase36Checksum(secret: string): boolean | undefined {
  const found = /^(.+\.[0-9a-z]{2})([0-9a-z]{7})$/.exec(secret);
  if (found?.[1] === undefined) return undefined;
  return crc32(new TextEncoder().encode(found[1])).toString(36).padStart(7, "0") === found[2];
}

/** Numbers with a check digit (ISO/IEC 7812-1, annex B), blanks and hyphens between their digits. */
function passesLuhn(secret: string): boolean | undefined {
  const digits = secret.replace(/[ -]/g, "");
  if (!/^\d{2,40}$/.test(digits)) return undefined;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** Header and payload are JSON objects in base64url (RFC 7519). */
function isJsonWebToken(secret: string): boolean | undefined {
  const [header, payload, signature] = secret.split(".");
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  return [header, payload].every((part) => {
    const value = jsonIn(decodedBase64Url(part));
    return isRecord(value);
  });
}

/** Empty for what is no base64url. */
function decodedBase64Url(text: string): string {
  try {
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}

function hasBase64Length(secret: string): boolean | undefined {
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(secret)) return undefined;
  return secret.length % 4 === 0 || !secret.endsWith("=");
}
