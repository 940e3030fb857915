import { parseYamlDocuments } from "@plimsoll/formats";
import { UsageError } from "./command-line.ts";
import { listItems } from "./list-items.ts";
import { readPolicyFiles } from "./read-policy-files.ts";

/** Policies in a file, or in all files below a folder, parsed; the items of lists. @throws UsageError naming file and line of what cannot be read. */
export function policyDocumentsUnder(path: string): readonly unknown[] {
  return readPolicyFiles(path, { below: true }).flatMap(([file, text]) => {
    const { documents, problems } = parseYamlDocuments(text);
    const [problem] = problems;
    if (problem !== undefined) throw new UsageError(`${file}:${problem.line}: ${problem.message}`);
    return documents.flatMap(({ value }) => (value === null || value === undefined ? [] : listItems(value, file)));
  });
}
