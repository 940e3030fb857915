import { parseYamlDocuments } from "@plimsoll/formats";
import { asObject, type JsonObject } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";

/**
 * Reads the objects of a file of YAML or JSON documents; empty documents are skipped.
 * @throws {PolicyError} `ErrInvalidYAML` where a document cannot be parsed or is not an object.
 */
export function readObjects(text: string, path: string): readonly JsonObject[] {
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined)
    throw new PolicyError(
      "review",
      `reading yaml source: ${path}:${problem.line}: ${problem.message}`,
      "ErrInvalidYAML",
    );
  return documents.flatMap(({ value }) => {
    if (value === null || value === undefined) return [];
    const object = asObject(value);
    if (object === undefined)
      throw new PolicyError("review", `reading yaml source: ${path}: a document is not an object`, "ErrInvalidYAML");
    return Object.keys(object).length === 0 ? [] : [object];
  });
}
