// What `deno.json` imports, of npm or of JSR (https://docs.deno.com/runtime/fundamentals/modules/).
import { parseJsonDocument } from "@plimsoll/formats";
import type { FoundPackage, Observation } from "@plimsoll/model";
import { minVersion, parse } from "semver";
import { entriesOf, ownValue, textOf } from "./untrusted.ts";

/** What all analyzers of `deno.json` have in common. */
export const denoFiles: {
  readonly maxBytes: number;
  readonly matches: readonly { readonly basename: string }[];
  readonly language: "json";
  parse(text: string): unknown;
} = {
  maxBytes: 16 * 1024 * 1024,
  matches: [{ basename: "deno.json" }, { basename: "deno.jsonc" }],
  // Both may have comments, whatever they are called.
  language: "json",
  parse: (text) => parseJsonDocument(text, { lenient: true }).value,
};

/** Packages that are imported in one version only. */
export function* importedVersions(document: unknown, registry: "npm" | "jsr"): Generator<Observation> {
  for (const { name, range } of importsOf(document, registry))
    if (parse(range)?.raw === range && /^\d/.test(range))
      yield { kind: "package", package: { name, version: range, relationship: "direct" } };
}

/** Imported packages, each with the lowest version of its range. */
export function* importedRanges(document: unknown, registry: "npm" | "jsr"): Generator<Observation> {
  for (const { name, range } of importsOf(document, registry)) {
    const found = requested(name, range);
    if (found !== undefined) yield { kind: "package", package: found };
  }
}

/** `npm:@scope/name@range/file`, each package and range once. */
function importsOf(
  document: unknown,
  registry: "npm" | "jsr",
): readonly { readonly name: string; readonly range: string }[] {
  const imports = [
    ...entriesOf(ownValue(document, "imports")),
    ...entriesOf(ownValue(document, "scopes")).flatMap(([, scope]) => entriesOf(scope)),
  ];
  const found = new Map<string, { readonly name: string; readonly range: string }>();
  for (const [, value] of imports) {
    const [, source, name, range] =
      /^(npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)@([^/]+)(?:\/.*)?$/.exec(textOf(value) ?? "") ?? [];
    if (source === registry && name !== undefined && range !== undefined)
      found.set(`${name}@${range}`, { name, range });
  }
  return [...found.values()];
}

/** A package in the lowest version of a range. Undefined for addresses, tags and ranges that allow anything. */
export function requested(name: string, range: string): FoundPackage | undefined {
  if (range.length > 256 || !/\d/.test(range)) return undefined;
  let version: string | undefined;
  try {
    version = minVersion(range)?.version;
  } catch {
    return undefined;
  }
  // Whatever is below some version may be any: `0.0.0` is none that anybody means.
  if (version === undefined || /^0\.0\.0(?:-0)?$/.test(version)) return undefined;
  return { name, version, relationship: "direct", facts: { requirement: range } };
}
