/**
 * Reads licences from package metadata and licence files as SPDX expressions, and tells the categories of their obligations.
 * @module
 * @example
 * import { categoryOf, classifyText, normalizeStatement } from "@plimsoll/licenses";
 * normalizeStatement("Apache License, Version 2.0"); // "Apache-2.0"
 * categoryOf("MIT OR GPL-3.0-only"); // "notice"
 * classifyText("Licensed under the MIT license")[0]?.id; // "MIT"
 */

// Statements of package metadata
export { normalizeStatement } from "./statements/normalize-statement.ts";
export { joinStatements, licenseReference } from "./statements/join-statements.ts";
export type { StatedLicense } from "./statements/join-statements.ts";
export { splitStatement } from "./statements/split-statement.ts";
export type { StatementPart } from "./statements/split-statement.ts";
export { licenseOfLink } from "./statements/license-links.ts";

// SPDX expressions
export { formatLicenseExpression, licenseTerms, parseLicenseExpression } from "./spdx/expression.ts";
export type { LicenseExpression, LicenseTerm } from "./spdx/expression.ts";

// Texts
export { classifyText } from "./texts/classify-text.ts";
export type { ClassifyOptions, FoundLicense } from "./texts/classify-text.ts";

export { copyrightLines } from "./texts/copyright-lines.ts";
export { licenseText } from "./texts/license-text.ts";

// Debian copyright files
export { maxCopyright, readDebianCopyright } from "./debian/read-copyright.ts";
export type { DebianCopyright } from "./debian/read-copyright.ts";

// Categories
export { categorizer, categoryOf, categorySeverities } from "./categories/category-of.ts";
export type { Categorizer, CategoryLists } from "./categories/category-of.ts";

// Files and packages
export { licensesOfFile } from "./detection/licenses-of-file.ts";
export { judgeLicenses } from "./judgement/judge-licenses.ts";
export type { LicenseJudgement, LicenseRules } from "./judgement/judge-licenses.ts";
export type { FoundText } from "./texts/find-texts.ts";
