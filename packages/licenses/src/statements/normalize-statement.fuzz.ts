import { parseLicenseExpression } from "../spdx/expression.ts";
import { joinStatements } from "./join-statements.ts";
import { normalizeStatement } from "./normalize-statement.ts";

export function seeds(): readonly Uint8Array[] {
  return [
    "(MIT OR Apache-2.0) AND GPL-2.0+ WITH x",
    "GNU General Public License v2 or later (GPLv2+), BSD 3-clause / MIT",
  ].map((text) => new TextEncoder().encode(text));
}

/** What is said of a statement is an SPDX expression. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const { expression: joined } = joinStatements([text]);
  for (const expression of [normalizeStatement(text), joined])
    if (expression !== undefined && parseLicenseExpression(expression) === undefined)
      throw new Error(`no SPDX expression: ${expression}`);
}
