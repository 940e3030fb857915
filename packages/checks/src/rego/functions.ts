import { builtin, RegoNumber } from "@plimsoll/rego";
import type { Builtin } from "@plimsoll/rego";
import { findSecrets } from "@plimsoll/secrets";
import { writtenCommands } from "../shared/shell-commands.ts";

type Arguments = Parameters<Builtin["evaluate"]>[0];
type Result = ReturnType<Builtin["evaluate"]>;

/** Functions that checks for Trivy call beside those of OPA. */
export const trivyFunctions: readonly Builtin[] = [
  builtin("result.new", "(string, any) => any", ([message, cause]: Arguments) => newResult(message, cause)),
  builtin("sh.parse_commands", "(string) => array[array[string]]", ([script]: Arguments): Result =>
    typeof script === "string" ? writtenCommands(script).map((words) => [...words]) : undefined,
  ),
  builtin("isManaged", "(any) => boolean", ([value]: Arguments): Result => {
    const managed = fieldOf(fieldOf(value, "__defsec_metadata"), "managed") ?? fieldOf(value, "managed");
    return typeof managed === "boolean" ? managed : true;
  }),
  builtin("cidr.count_addresses", "(string) => number", ([range]: Arguments): Result =>
    typeof range === "string" ? addressCount(range) : undefined,
  ),
  builtin("squealer.scan_string", "(string) => any", ([text]: Arguments): Result =>
    typeof text === "string" ? { transgressionFound: holdsSecret(text) } : undefined,
  ),
  builtin("cidr.is_public", "(string) => boolean", ([range]: Arguments): Result =>
    typeof range === "string" ? isPublic(range) : undefined,
  ),
];

/** Something is assigned to a name that holds a password or a key, and it is no reference: `DB_PASSWORD="…"`. */
const assignedSecret =
  /(?:password|passwd|secret|token|api_?key|access_?key|private_?key|credential)[\w.-]{0,40}["']?[ \t]{0,4}[=:][ \t]{0,4}\\?["']?[^\s"'$\\<{][^\s"'\\]{5}/i;

/** Whether a text holds what the rules of secrets find, or a password in clear. */
function holdsSecret(text: string): boolean {
  return assignedSecret.test(text) || findSecrets(new TextEncoder().encode(text), { path: "user-data" }).length > 0;
}

/** What `result.new` gives: the message, and the place of its cause. */
function newResult(message: Arguments[number] | undefined, cause: Arguments[number] | undefined): Result {
  const metadata = fieldOf(cause, "__defsec_metadata") ?? cause;
  const number = (...names: readonly string[]): number => {
    for (const name of names) {
      const value = fieldOf(metadata, name);
      if (typeof value === "number") return value;
    }
    return 0;
  };
  const path = fieldOf(metadata, "filepath") ?? fieldOf(metadata, "Path");
  return {
    msg: typeof message === "string" ? message : "",
    startline: number("startline", "StartLine"),
    endline: number("endline", "EndLine"),
    filepath: typeof path === "string" ? path : "",
  };
}

/** A member of an object, whichever way Rego holds it. */
function fieldOf(value: Arguments[number] | undefined, name: string): Arguments[number] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if ("get" in value && typeof value.get === "function") return value.get(name) as Arguments[number] | undefined; // An object of Rego.
  // as: what is neither a list nor made by Rego is an object of JSON.
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, Arguments[number]>>)[name] : undefined;
}

function prefixLength(range: string): { readonly bits: number; readonly length: number } | undefined {
  const match = /^([0-9a-fA-F:.]{1,45})\/(\d{1,3})$/.exec(range);
  const bits = range.includes(":") ? 128 : 32;
  const length = Number(match?.[2] ?? Number.NaN);
  return match === null || length > bits ? undefined : { bits, length };
}

/** As many as fit into 64 bits: more is told as the most of them, as is the range `*`. */
function addressCount(range: string): number | RegoNumber | undefined {
  const prefix = range === "*" ? { bits: 64, length: 0 } : prefixLength(range);
  if (prefix === undefined) return undefined;
  const free = prefix.bits - prefix.length;
  return free < 64 ? 2 ** free : new RegoNumber("18446744073709551615");
}

/** Ranges of private, loopback and link-local addresses (RFC 1918, 4193, 3927, 4291). */
const privateRanges = /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|fc|fd|fe80|::1)/i;

function isPublic(range: string): boolean {
  if (range === "*" || range.toLowerCase() === "internet" || range.toLowerCase() === "any") return true;
  return !privateRanges.test(range);
}
