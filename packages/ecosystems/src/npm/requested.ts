import { parseJson, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { denoFiles, importedRanges, importedVersions, requested } from "../shared/reading/deno-imports.ts";
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

/** npm packages that `deno.json` imports in one version only. Those of JSR are in an ecosystem of their own. */
export const denoImports: FileAnalyzer = parsedFile({
  ...denoFiles,
  revision: 4,
  id: "npm/deno-imports",
  evidence: "declared",
  *read(document, file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document, importsShape);
    yield* importedVersions(document, "npm");
  },
});

/** npm packages that `deno.json` imports, each with the lowest version of its range. */
export const denoRequested: FileAnalyzer = parsedFile({
  ...denoFiles,
  revision: 4,
  id: "npm/deno-requested",
  evidence: "requested",
  read: (document) => importedRanges(document, "npm"),
});
