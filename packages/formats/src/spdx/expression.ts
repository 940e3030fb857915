import parse from "spdx-expression-parse";

/** A licence expression as it is written: ids and exceptions of the SPDX list, or `LicenseRef-…`. */
export type SpdxExpression =
  | {
      readonly license: string;
      /** A `+` stands behind the id: this version or any later one. */
      readonly plus?: true;
      readonly exception?: string;
    }
  | {
      readonly left: SpdxExpression;
      readonly conjunction: "and" | "or";
      /** In `A OR B OR C` this is `B OR C`. */
      readonly right: SpdxExpression;
    };

/** The most characters of a text that is read as an expression. */
const maxExpression = 32_768;

/**
 * Reads an SPDX licence expression (SPDX 2.3 annex D), strictly: operators and ids as the list spells them. Undefined for anything else.
 * Nested parentheses cost stack: callers who read what strangers wrote count them first.
 */
export function parseSpdxExpression(text: string): SpdxExpression | undefined {
  if (text.length > maxExpression) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
