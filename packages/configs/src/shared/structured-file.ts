import { FormatError, locatedJsonSteps, yamlDocumentsSteps } from "@plimsoll/formats";
import type { LocatedDocument, Steps } from "@plimsoll/formats";
import type { Diagnostic } from "@plimsoll/model";
import type { ConfigFile } from "../document.ts";
import { fileProblem } from "./diagnostics.ts";
import { extensionOf } from "./format.ts";

/** The documents of a YAML or JSON file. */
export function* structuredDocuments(file: ConfigFile): Steps<{
  readonly documents: readonly LocatedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}> {
  if (extensionOf(file.path) === ".json") {
    try {
      return { documents: [yield* locatedJsonSteps(file.text, { lenient: true })], diagnostics: [] };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const code = error.problem === "limit-exceeded" ? "limit-exceeded" : "malformed-file";
      return { documents: [], diagnostics: [fileProblem(code, file.path, error.message)] };
    }
  }
  const { documents, problems } = yield* yamlDocumentsSteps(file.text);
  const template = problems.length > 0 && file.text.includes("{{");
  return {
    documents,
    diagnostics: problems.map(({ problem, message, line }) => {
      const code = problem === "limit-exceeded" ? "limit-exceeded" : "malformed-file";
      const hint = template ? " (it looks like a template, which has to be rendered first)" : "";
      return fileProblem(code, file.path, `no YAML: ${message}${hint}`, line);
    }),
  };
}
