import { FAILSAFE_SCHEMA, loadAll } from "js-yaml";
import { FormatError } from "../format-error.ts";

/** The deepest nesting that is read. */
const maxDepth = 200;

/**
 * Reads the documents of a YAML 1.2 stream with the failsafe schema: every scalar is text, so that the version `1.10` stays `1.10`.
 * Merge keys are not followed and aliases are shared, so a document cannot grow beyond its text.
 * @throws FormatError for anything else, or nested more than 200 deep.
 */
export function parseYaml(text: string): readonly unknown[] {
  try {
    return loadAll(text, { schema: FAILSAFE_SCHEMA, maxDepth, maxAliases: 10_000 });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "not YAML";
    throw new FormatError("yaml", "malformed", reason.slice(0, 160), { cause: error });
  }
}

/**
 * Lines, 1-based, of the keys directly inside a top-level block mapping: `packages:` of a lock file.
 * Keys are returned without quotes.
 */
export function yamlKeyLines(text: string, section: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let inside = false;
  let indent = -1;
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    const content = line.trimStart();
    if (content === "" || content.startsWith("#")) continue;
    const depth = line.length - content.length;
    if (depth === 0) {
      inside = content.startsWith(`${section}:`);
      indent = -1;
      continue;
    }
    if (!inside) continue;
    if (indent === -1) indent = depth;
    if (depth !== indent) continue;
    const key = keyOf(content);
    if (key !== undefined && !lines.has(key)) lines.set(key, number);
  }
  return lines;
}

function keyOf(content: string): string | undefined {
  const quote = content[0];
  if (quote === '"' || quote === "'") {
    const end = content.indexOf(quote, 1);
    return end === -1 ? undefined : content.slice(1, end);
  }
  const end = content.search(/:(\s|$)/);
  return end === -1 ? undefined : content.slice(0, end);
}
