import { parseSpdxExpression, type SpdxExpression } from "@plimsoll/formats";
import { compareText } from "@plimsoll/model";
import { currentId } from "./current-ids.ts";
import { exceptionId, licenseId } from "./license-list.ts";

/** One licence of an expression: an id of the SPDX list or a `LicenseRef-`, perhaps with an exception. */
export interface LicenseTerm {
  readonly license: string;
  /** `+`: this version or any later one. Ids that end in `-or-later` say so themselves. */
  readonly plus?: true;
  readonly exception?: string;
}

/** An SPDX licence expression (SPDX 2.3 annex D) as a tree; no operand of an operator has the same operator. */
export type LicenseExpression =
  | LicenseTerm
  | { readonly operator: "AND" | "OR"; readonly operands: readonly LicenseExpression[] };

/** Expressions of real packages have fewer than a hundred terms; longer ones are not read. */
const maxLength = 16_384;
const maxTokens = 1_000;
const maxDepth = 40;

/**
 * Reads an SPDX expression, ids and operators in any case, withdrawn ids replaced by what the list says instead.
 * Undefined for anything else, for more than 1,000 words and for more than 40 nested parentheses.
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
  const tree = parseSpdxExpression(spelled.join(" ").replaceAll(" +", "+"));
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

/** A term by an id of the list, perhaps a withdrawn one. */
export function termOf(id: string, orLater = false, exception?: string): LicenseTerm {
  const term = id.includes("LicenseRef-") ? { license: id } : currentId(id, orLater);
  return exception === undefined ? term : { ...term, exception };
}

/** Joins operands, flattened and each only once, in the order given. Needs at least one. */
export function combine(operator: "AND" | "OR", operands: readonly LicenseExpression[]): LicenseExpression {
  const flat = operands.flatMap((operand) =>
    "operator" in operand && operand.operator === operator ? operand.operands : [operand],
  );
  const unique = new Map(flat.map((operand) => [formatLicenseExpression(operand), operand]));
  const [first, ...others] = unique.values();
  if (first === undefined) throw new TypeError("an expression needs at least one licence");
  return others.length === 0 ? first : { operator, operands: [first, ...others] };
}

/** The expression as text: parentheses wherever one operator stands within the other, so that nobody has to know which binds closer. */
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

/** Every licence of an expression, each once, in text order. */
export function licenseTerms(expression: LicenseExpression): readonly LicenseTerm[] {
  const terms = new Map<string, LicenseTerm>();
  const open: LicenseExpression[] = [expression];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ("license" in next) terms.set(formatLicenseExpression(next), next);
    else open.push(...next.operands);
  }
  return [...terms.entries()].sort(([a], [b]) => compareText(a, b)).map(([, term]) => term);
}
