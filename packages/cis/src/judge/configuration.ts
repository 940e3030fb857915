import { parseYamlDocuments } from "@plimsoll/formats";

/** A configuration is neither JSON nor YAML. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/**
 * The value of a configuration that is JSON or YAML 1.1, the first document of several.
 * @throws ConfigurationError when it is neither, and when any of its documents is invalid.
 */
export function parseConfiguration(text: string): unknown {
  const { documents, problems } = parseYamlDocuments(text);
  const problem = problems[0];
  if (problem !== undefined)
    throw new ConfigurationError(`failed to load YAML or JSON: line ${problem.line}: ${problem.message}`);
  return documents[0]?.value ?? null;
}
