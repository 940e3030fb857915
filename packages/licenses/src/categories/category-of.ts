import { licenseCategories } from "@plimsoll/model";
import type { LicenseCategory, Severity } from "@plimsoll/model";
import { formatLicenseExpression, parseLicenseExpression } from "../spdx/expression.ts";
import type { LicenseExpression, LicenseTerm } from "../spdx/expression.ts";
import { defaultCategories } from "./default-categories.ts";

/** Lists of SPDX ids by category. A list replaces the default list of its category. */
export type CategoryLists = Readonly<Partial<Record<LicenseCategory, readonly string[]>>>;

/** The severity of each category, as in Trivy. */
export const categorySeverities: Readonly<Record<LicenseCategory, Severity>> = {
  forbidden: "CRITICAL",
  restricted: "HIGH",
  reciprocal: "MEDIUM",
  notice: "LOW",
  permissive: "LOW",
  unencumbered: "LOW",
  unknown: "UNKNOWN",
};

/** Returns the category of a licence expression. */
export type Categorizer = (expression: string | LicenseExpression) => LicenseCategory;

/**
 * Returns the category of an SPDX expression by Trivy's lists: for `A OR B` the less restrictive of both, for `A AND B` the more restrictive, and
 * `unknown` if one of its licences is in no list. Text that is not an expression is `unknown`.
 */
export const categoryOf: Categorizer = categorizer();

/**
 * Makes a {@link Categorizer} with lists of your own, which replace the default lists of their categories.
 * @throws {TypeError} for an unknown category, and for one that is not a list of strings.
 */
export function categorizer(lists: CategoryLists = {}): Categorizer {
  const byId = new Map<string, LicenseCategory>();
  const add = (all: CategoryLists): void => {
    for (const category of licenseCategories)
      for (const id of all[category] ?? []) {
        byId.set(id.toLowerCase(), category);
        // Lists name ids with an exception in their withdrawn form; expressions have the current one.
        const current = parseLicenseExpression(id);
        if (current !== undefined && "license" in current && current.exception !== undefined)
          byId.set(formatLicenseExpression(current).toLowerCase(), category);
      }
  };
  add({ ...defaultCategories, ...checked(lists) });
  // What the caller lists counts, though a default list of another name has it too.
  add(lists);
  return (expression) => {
    const listed = typeof expression === "string" ? byId.get(expression.trim().toLowerCase()) : undefined;
    if (listed !== undefined) return listed;
    const tree = typeof expression === "string" ? parseLicenseExpression(expression) : expression;
    return tree === undefined ? "unknown" : ofTree(tree, byId);
  };
}

function checked(lists: CategoryLists): CategoryLists {
  for (const [category, ids] of Object.entries(lists)) {
    if (!licenseCategories.some((known) => known === category))
      throw new TypeError(`unknown licence category "${category}"; known: ${licenseCategories.join(", ")}`);
    if (!Array.isArray(ids) || ids.some((id) => typeof id !== "string"))
      throw new TypeError(`licence category "${category}" must be a list of SPDX ids`);
  }
  return lists;
}

function ofTree(tree: LicenseExpression, byId: ReadonlyMap<string, LicenseCategory>): LicenseCategory {
  if ("license" in tree) return ofTerm(tree, byId);
  const ranks = tree.operands.map((operand) => licenseCategories.indexOf(ofTree(operand, byId)));
  if (ranks.includes(licenseCategories.indexOf("unknown"))) return "unknown";
  // The list runs from the most restrictive category to the least.
  return licenseCategories[tree.operator === "AND" ? Math.min(...ranks) : Math.max(...ranks)] ?? "unknown";
}

/** A licence with an exception is what lists say of the two together, else what they say of the licence. */
function ofTerm(term: LicenseTerm, byId: ReadonlyMap<string, LicenseCategory>): LicenseCategory {
  const version = term.license.replace(/-(?:only|or-later)$/, "");
  const names = [term.license, `${version}-only`, version];
  for (const name of [...names.map((license) => formatLicenseExpression({ ...term, license })), ...names]) {
    const category = byId.get(name.toLowerCase());
    if (category !== undefined) return category;
  }
  return "unknown";
}
