import { FAILSAFE_SCHEMA, loadAll } from "js-yaml";
import { FormatError } from "../format-error.ts";
import { finish } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

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
 * The same of a part of a document that is to be read alone; undefined where it is not one document, and where it has aliases.
 * @param depth how many mappings the part stands in
 */
export function parseYamlPart(text: string, depth: number): unknown {
  try {
    const [document, ...others] = loadAll(text, { schema: FAILSAFE_SCHEMA, maxDepth: maxDepth - depth, maxAliases: 0 });
    return others.length === 0 ? document : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lines, 1-based, of the keys directly inside a top-level block mapping: `packages:` of a lock file.
 * Keys are returned without quotes.
 */
export function yamlKeyLines(text: string, section: string): ReadonlyMap<string, number> {
  return finish(yamlKeyLinesSteps(text, section));
}

/** To look through lines takes about as long as looking at their characters so many times. */
const timesToLookThrough = 2;
const linesInPortion = 1_024;

/** The same in portions. */
export function* yamlKeyLinesSteps(text: string, section: string): Steps<ReadonlyMap<string, number>> {
  const lines = new Map<string, number>();
  let inside = false;
  let indent = -1;
  let number = 0;
  let done = 0;
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const line = text.slice(at, newline === -1 ? text.length : newline);
    at = newline === -1 ? text.length : newline + 1;
    if (++number % linesInPortion === 0) {
      yield (at - done) * timesToLookThrough;
      done = at;
    }
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
