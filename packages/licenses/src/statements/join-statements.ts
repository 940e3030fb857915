import { combine, formatLicenseExpression, parseLicenseExpression } from "../spdx/expression.ts";
import type { LicenseExpression } from "../spdx/expression.ts";
import { readStatement } from "./normalize-statement.ts";
import { splitStatement } from "./split-statement.ts";

/** The licence that a package states. */
export interface StatedLicense {
  /** A valid SPDX expression; what SPDX has no id for is a `LicenseRef-`. Absent when nothing is stated. */
  readonly expression?: string;
  /** Statements, as written, of which at least a part is not known. */
  readonly unknown: readonly string[];
}

/** Statements that mean that no licence is stated. */
const silence = /^(?:|none|noassertion|unknown|non[- ]standard|n\/a|null|undefined)$/i;

/**
 * Makes one expression of all statements of a package: each is read as by `normalizeStatement`, and they are joined by `AND`, since metadata lists
 * licences that all apply. A statement that is not known becomes a `LicenseRef-` and is listed in `unknown`.
 */
export function joinStatements(statements: readonly string[]): StatedLicense {
  const unknown: string[] = [];
  const read = statements.flatMap((statement): LicenseExpression[] => {
    const trimmed = statement.trim();
    if (silence.test(trimmed)) {
      if (trimmed !== "") unknown.push(trimmed);
      return [];
    }
    const expression = readStatement(trimmed);
    if (expression !== undefined) return [expression];
    unknown.push(trimmed);
    return [withReferences(trimmed)];
  });
  return { ...(read.length === 0 ? {} : { expression: formatLicenseExpression(combine("AND", read)) }), unknown };
}

/** The known parts of a statement as they are, the others as references. */
function withReferences(statement: string): LicenseExpression {
  const parts = statement.length > 1_000 ? [] : splitStatement(statement);
  if (parts.length < 2) return { license: licenseReference(statement) };
  const or = parts.some(({ joiner }, at) => at > 0 && (joiner === "or" || joiner === "slash"));
  return combine(
    or ? "OR" : "AND",
    parts.map(({ start, end }) => {
      const name = statement.slice(start, end);
      return readStatement(name) ?? { license: licenseReference(name) };
    }),
  );
}

/** Makes a `LicenseRef-` for a name that has no SPDX id, of its letters, digits and dots, joined by hyphens and cut to 60 characters. */
export function licenseReference(name: string): string {
  const known = parseLicenseExpression(name.trim());
  if (known !== undefined && "license" in known && known.license.startsWith("LicenseRef-")) return known.license;
  const words = name
    .slice(0, 200)
    .replaceAll(/[^A-Za-z0-9.]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return `LicenseRef-${words === "" ? "unnamed" : words}`;
}
