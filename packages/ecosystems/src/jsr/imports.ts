import type { FileAnalyzer } from "@plimsoll/model";
import { denoFiles, importedRanges, importedVersions } from "../shared/reading/deno-imports.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isRecord } from "../shared/reading/untrusted.ts";

/** Packages of JSR that `deno.json` imports in one version only. What is wrong with the file is told by the analyzer of npm packages. */
export const jsrImports: FileAnalyzer = parsedFile({
  ...denoFiles,
  revision: 1,
  id: "jsr/deno-imports",
  evidence: "declared",
  read: (document) => (isRecord(document) ? importedVersions(document, "jsr") : []),
});

/** Packages of JSR that `deno.json` imports, each with the lowest version of its range. */
export const jsrRequested: FileAnalyzer = parsedFile({
  ...denoFiles,
  revision: 1,
  id: "jsr/deno-requested",
  evidence: "requested",
  read: (document) => importedRanges(document, "jsr"),
});
