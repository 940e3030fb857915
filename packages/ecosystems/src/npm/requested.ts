import { parseJson, parseJsonDocument, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { minVersion, parse } from "semver";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { isBelowNodeModules } from "./package-path.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const imports = shape.entries(shape.text);
const importsShape = shape.fields({ imports, scopes: shape.entries(imports) });

/** What the `package.json` of a project asks for, each with the lowest version of its range. */
export const npmRequested: FileAnalyzer = parsedFile({
  id: "npm/requested",
  revision: 2,
  evidence: "requested",
  maxBytes: 16 * 1024 * 1024,
  matches: [{ basename: "package.json", outside: "node_modules" }],
  language: "json",
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    // The file itself is the business of the analyzer of installed packages.
    if (!isRecord(document) || isBelowNodeModules(file.path)) return;
    const seen = new Set<string>();
    for (const [field, scope] of [
      ["dependencies", undefined],
      ["optionalDependencies", "optional"],
      ["devDependencies", "dev"],
    ] as const)
      for (const [key, value] of entriesOf(ownValue(document, field))) {
        const text = textOf(value) ?? "";
        const [, name = key, range = text] = /^npm:(@?[^@]+)@(.+)$/.exec(text) ?? [];
        const found = requested(name, range);
        if (found === undefined || seen.has(name)) continue;
        seen.add(name);
        yield { kind: "package", package: { ...found, ...(scope === undefined ? {} : { scope }) } };
      }
  },
});

const denoFiles = {
  revision: 4,
  maxBytes: 16 * 1024 * 1024,
  matches: [{ basename: "deno.json" }, { basename: "deno.jsonc" }],
  // Both may have comments, whatever they are called.
  language: "json" as const,
  parse: (text: string): unknown => parseJsonDocument(text, { lenient: true }).value,
} as const;

/** npm packages that `deno.json` imports in one version only. Those of JSR have no advisories. */
export const denoImports: FileAnalyzer = parsedFile({
  ...denoFiles,
  id: "npm/deno-imports",
  evidence: "declared",
  *read(document, file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document, importsShape);
    for (const { name, range } of importsOf(document))
      if (parse(range)?.raw === range && /^\d/.test(range))
        yield { kind: "package", package: { name, version: range, relationship: "direct" } };
  },
});

/** npm packages that `deno.json` imports, each with the lowest version of its range. */
export const denoRequested: FileAnalyzer = parsedFile({
  ...denoFiles,
  id: "npm/deno-requested",
  evidence: "requested",
  *read(document): Generator<Observation> {
    for (const { name, range } of importsOf(document)) {
      const found = requested(name, range);
      if (found !== undefined) yield { kind: "package", package: found };
    }
  },
});

/** `npm:@scope/name@range/file`, each package and range once. */
function importsOf(document: unknown): readonly { readonly name: string; readonly range: string }[] {
  const imports = [
    ...entriesOf(ownValue(document, "imports")),
    ...entriesOf(ownValue(document, "scopes")).flatMap(([, scope]) => entriesOf(scope)),
  ];
  const found = new Map<string, { readonly name: string; readonly range: string }>();
  for (const [, value] of imports) {
    const [, name, range] = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)@([^/]+)(?:\/.*)?$/.exec(textOf(value) ?? "") ?? [];
    if (name !== undefined && range !== undefined) found.set(`${name}@${range}`, { name, range });
  }
  return [...found.values()];
}

/** Undefined for addresses, tags and ranges that allow anything. */
function requested(name: string, range: string): FoundPackage | undefined {
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
