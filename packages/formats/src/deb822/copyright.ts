import { stanzas } from "./stanzas.ts";

/** A paragraph of a machine-readable copyright file that speaks of a licence. */
export interface CopyrightParagraph {
  /** `files`: it says what files are under, as the header does for the whole; `license`: it holds the text of a licence that others name. */
  readonly kind: "files" | "license";
  /** First line of the field `License`: a short name, or several that are joined. */
  readonly name: string;
  /** The lines behind it: the text of the licence, "" where it stands elsewhere. */
  readonly text: string;
}

/** The field `Format` must begin within so many characters, or the file counts as free text. */
const headLength = 2_000;

/**
 * The paragraphs of a Debian copyright file in the machine-readable form that speak of licences, in order
 * (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/, first DEP-5); undefined for a file in free text.
 */
export function copyrightParagraphs(text: string): Iterable<CopyrightParagraph> | undefined {
  return /^Format(?:-Specification)?:/im.test(text.slice(0, headLength)) ? paragraphs(text) : undefined;
}

function* paragraphs(text: string): Generator<CopyrightParagraph> {
  for (const { fields } of stanzas(text)) {
    const stated = fields.get("license") ?? "";
    const end = stated.indexOf("\n");
    const name = (end === -1 ? stated : stated.slice(0, end)).trim();
    if (name === "") continue;
    const kind = fields.has("files") || fields.has("format") ? "files" : "license";
    yield { kind, name, text: end === -1 ? "" : stated.slice(end + 1) };
  }
}
