import { parseSpdxExpression, type SpdxExpression } from "@plimsoll/formats";
import { compareText } from "@plimsoll/model";
import { currentId } from "./current-ids.ts";
import { exceptionId, licenseId } from "./license-list.ts";

/** One licence of an expression: an id of the SPDX list or a `LicenseRef-`, with or without an exception. */
export interface LicenseTerm {
  readonly license: string;
  /** True for a `+` after the id: this version or any later one. Absent for ids that end in `-or-later`. */
  readonly plus?: true;
  /** The id of an exception on the SPDX list. */
  readonly exception?: string;
}

/** An SPDX licence expression (SPDX 2.3, annex D) as a tree. An operand never has the same operator as its parent. */
export type LicenseExpression =
  | LicenseTerm
  | { readonly operator: "AND" | "OR"; readonly operands: readonly LicenseExpression[] };

/** Expressions of real packages have fewer than a hundred terms; longer ones are not read. */
const maxLength = 16_384;
const maxTokens = 1_000;
const maxDepth = 40;

/**
 * Parses an SPDX expression. Ids and operators may be in any case; deprecated ids are replaced as the SPDX list says. Returns undefined for
 * anything else, for more than 1,000 words or 16,384 characters, and for more than 40 nested parentheses.
 */
export function parseLicenseExpression(text: string): LicenseExpression | undefined {
  if (text.length > maxLength) return undefined;
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length === 0 || tokens.length > maxTokens) return undefined;
  const spelled: string[] = [];
  let depth = 0;
  for (const token of tokens) {
    depth += token === "(" ? 1 : token === ")" ? -1 : 0;
    if (depth > maxDepth) return undefined;
    const known = spell(token, spelled.at(-1) === "WITH");
    if (known === undefined) return undefined;
    spelled.push(known);
  }
  const tree = parseSpdxExpression(spelled.join(" "));
  return tree === undefined ? undefined : fromTree(tree);
}

function spell(token: string, afterWith: boolean): string | undefined {
  if (token === "(" || token === ")") return token;
  if (/^(?:and|or|with)$/i.test(token)) return token.toUpperCase();
  if (/^(?:DocumentRef-[A-Za-z0-9.-]{1,200}:)?LicenseRef-[A-Za-z0-9.-]{1,200}$/.test(token)) return token;
  if (afterWith) return exceptionId(token);
  const id = licenseId(token);
  if (id !== undefined) return id;
  const base = token.endsWith("+") ? licenseId(token.slice(0, -1)) : undefined;
  return base === undefined ? undefined : `${base}+`;
}

function fromTree(tree: SpdxExpression): LicenseExpression {
  if ("license" in tree) return termOf(tree.license, tree.plus === true, tree.exception);
  // Chains of one operator lean to the right: walked, not recursed into, however long.
  const operands: LicenseExpression[] = [];
  let rest: SpdxExpression = tree;
  while (!("license" in rest) && rest.conjunction === tree.conjunction) {
    operands.push(fromTree(rest.left));
    rest = rest.right;
  }
  operands.push(fromTree(rest));
  return combine(tree.conjunction === "and" ? "AND" : "OR", operands);
}

/** Makes a term of an id, which may be a deprecated one. */
export function termOf(id: string, orLater = false, exception?: string): LicenseTerm {
  const term = id.includes("LicenseRef-") ? { license: id } : currentId(id, orLater);
  return exception === undefined ? term : { ...term, exception };
}

/** Joins operands in the order given: flattened, and each only once. @throws {TypeError} without an operand. */
export function combine(operator: "AND" | "OR", operands: readonly LicenseExpression[]): LicenseExpression {
  const flat = operands.flatMap((operand) =>
    "operator" in operand && operand.operator === operator ? operand.operands : [operand],
  );
  const unique = new Map(flat.map((operand) => [formatLicenseExpression(operand), operand]));
  const [first, ...others] = unique.values();
  if (first === undefined) throw new TypeError("an expression needs at least one licence");
  return others.length === 0 ? first : { operator, operands: [first, ...others] };
}

/** Formats an expression. An operator within another is always put in parentheses, so that readers need not know the precedence. */
export function formatLicenseExpression(expression: LicenseExpression): string {
  if ("license" in expression)
    return `${expression.license}${expression.plus === true ? "+" : ""}${
      expression.exception === undefined ? "" : ` WITH ${expression.exception}`
    }`;
  return expression.operands
    .map((operand) =>
      "operator" in operand ? `(${formatLicenseExpression(operand)})` : formatLicenseExpression(operand),
    )
    .join(` ${expression.operator} `);
}

/** Returns every licence of an expression once, sorted by text. */
export function licenseTerms(expression: LicenseExpression): readonly LicenseTerm[] {
  const terms = new Map<string, LicenseTerm>();
  const open: LicenseExpression[] = [expression];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ("license" in next) terms.set(formatLicenseExpression(next), next);
    else for (const operand of next.operands) open.push(operand);
  }
  return [...terms.entries()].sort(([a], [b]) => compareText(a, b)).map(([, term]) => term);
}
