import { textLines } from "./text-lines.ts";

/** One paragraph of a deb822 document: the fields up to a blank line. */
export interface Stanza {
  /** First line, 1-based. */
  readonly line: number;
  /** Value by lower-case field name; the lines of a folded value are joined with `\n`, their first blank dropped. */
  readonly fields: ReadonlyMap<string, string>;
  /** What could not be read in it, one sentence each, at most ten. */
  readonly problems: readonly string[];
}

const maxProblems = 10;

/**
 * The paragraphs of a deb822 document (`deb822(5)`, Debian Policy §5.1): dpkg and opkg databases, machine-readable
 * copyright files, wheel metadata. Reads on over lines that are no fields; the first of two equal fields counts.
 */
export function* stanzas(text: string): Generator<Stanza> {
  let open: OpenStanza | undefined;
  let number = 0;
  for (const line of textLines(text)) {
    number++;
    if (isBlank(line)) {
      if (open !== undefined) yield close(open);
      open = undefined;
    } else {
      open ??= { line: number, fields: new Map(), problems: [], name: undefined, value: [] };
      readLine(open, line, number);
    }
  }
  if (open !== undefined) yield close(open);
}

interface OpenStanza {
  readonly line: number;
  readonly fields: Map<string, string>;
  readonly problems: string[];
  /** Name of the field that is being read. Undefined before the first field, and in a field that repeats another. */
  name: string | undefined;
  value: string[];
}

function readLine(stanza: OpenStanza, line: string, number: number): void {
  const first = line.charCodeAt(0);
  if (first === 0x20 || first === 0x09) {
    // A lone full stop stands for a blank line within the value.
    if (stanza.name !== undefined) stanza.value.push(line.trim() === "." ? "" : line.slice(1).trimEnd());
    return;
  }
  if (first === 0x23) return;
  finishField(stanza);
  const colon = line.indexOf(":");
  const name = colon <= 0 ? "" : line.slice(0, colon).trimEnd().toLowerCase();
  if (name === "" || name.includes(" ")) report(stanza, `line ${number} is no field`);
  else if (stanza.fields.has(name)) report(stanza, `line ${number} repeats the field ${JSON.stringify(name)}`);
  else {
    stanza.name = name;
    stanza.value = [line.slice(colon + 1).trim()];
    // Keeps the order of first appearance.
    stanza.fields.set(name, "");
  }
}

function report(stanza: OpenStanza, problem: string): void {
  if (stanza.problems.length < maxProblems) stanza.problems.push(problem);
}

function finishField(stanza: OpenStanza): void {
  if (stanza.name !== undefined) stanza.fields.set(stanza.name, stanza.value.join("\n"));
  stanza.name = undefined;
}

function close(stanza: OpenStanza): Stanza {
  finishField(stanza);
  return { line: stanza.line, fields: stanza.fields, problems: stanza.problems };
}

function isBlank(line: string): boolean {
  return line.trim() === "";
}
