import { ScanError } from "@plimsoll/model";
import type { CallOptions, Digest } from "@plimsoll/model";
import type { Blob } from "./blobs.ts";

/** A JSON object of unknown origin: members are read with {@link member} and the typed readers, never trusted. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a whole small blob.
 * @throws ScanError `limit-exceeded` when it is larger than `limit` bytes.
 */
export async function readWhole(blob: Blob, what: string, limit: number, options?: CallOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // The stated size may lie: the count of what arrives decides.
  for await (const chunk of blob.stream(options)) {
    length += chunk.length;
    if (length > limit) throw new ScanError({ kind: "limit-exceeded", what, limit });
    parts.push(chunk.slice());
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Parses JSON.
 * @throws ScanError `malformed-image` when it is none.
 */
export function parseJsonText(bytes: Uint8Array, label: string, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (cause) {
    throw new ScanError({ kind: "malformed-image", label, reason: `${what} is not valid JSON` }, { cause });
  }
}

/** The value as an object, arrays excluded. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined; // checked
}

/** An own member; never one of a prototype. */
export function member(object: JsonObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function textMember(object: JsonObject | undefined, name: string): string | undefined {
  const value = member(object, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** An array member; empty when absent or something else. */
export function arrayMember(object: JsonObject | undefined, name: string): readonly unknown[] {
  const value = member(object, name);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** String to string members of an object member. */
export function textsMember(object: JsonObject | undefined, name: string): ReadonlyMap<string, string> {
  const value = asObject(member(object, name));
  return new Map(
    Object.entries(value ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The value as a digest; undefined when it has another shape. */
export function asDigest(value: unknown): Digest | undefined {
  return typeof value === "string" && /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(value)
    ? (value as Digest) // checked
    : undefined;
}
