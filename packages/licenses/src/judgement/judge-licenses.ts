import { compareText, fingerprintOf, located } from "@plimsoll/model";
import type { Inventory, LicenseFinding, LicenseText, Package, PackageRef } from "@plimsoll/model";
import { categorizer, categorySeverities } from "../categories/category-of.ts";
import type { Categorizer, CategoryLists } from "../categories/category-of.ts";
import { combine, formatLicenseExpression, licenseTerms, parseLicenseExpression } from "../spdx/expression.ts";
import type { LicenseExpression } from "../spdx/expression.ts";
import { joinStatements } from "../statements/join-statements.ts";
import { moduleFinder } from "./module-directories.ts";

/** Options of {@link judgeLicenses}. */
export interface LicenseRules {
  /** Licences that are not reported: SPDX ids or expressions, in any case. Absent: none. */
  readonly ignored?: readonly string[] | undefined;
  /** Licence texts recognised with less confidence are not reported. From 0.8 to 1; absent: 0.9. */
  readonly confidence?: number | undefined;
  /** Lists that replace the default lists of their categories. Absent: the default lists. */
  readonly categories?: CategoryLists | undefined;
}

/** The licences of an inventory. */
export interface LicenseJudgement {
  /** Those of packages, then those of files; each part sorted by text. */
  readonly findings: readonly LicenseFinding[];
  /** Packages that state no licence, and in whose directory none was found. */
  readonly silent: readonly PackageRef[];
}

/**
 * Reports the licences that packages state and that files contain, with their categories. A package with several licences that apply together has
 * a finding for each; alternatives (`OR`) are one finding. Licence texts in a package's directory are compared with the licences that it states,
 * and findings say where they differ.
 * @throws {TypeError} for unknown or invalid options.
 */
export function judgeLicenses(
  { packages, licenseTexts = [] }: Pick<Inventory, "packages" | "licenseTexts">,
  rules: LicenseRules = {},
): LicenseJudgement {
  const { ignored, confidence, categoryOf } = checked(rules);
  const directories = packageDirectories(packages);
  const stated = new Map<string, LicenseExpression>();
  const findings: LicenseFinding[] = [];
  for (const pkg of packages)
    for (const { expression, statement } of statementsOf(pkg)) {
      const before = stated.get(pkg.id);
      stated.set(pkg.id, before === undefined ? expression : combine("AND", [before, expression]));
      findings.push(...partsOf(expression).map((part) => ofPackage(pkg, part, statement, categoryOf)));
    }
  const withText = new Set<string>();
  const modulesOf = moduleFinder(packages);
  const marked = new Set<readonly Package[]>();
  for (const file of licenseTexts) {
    const modules = modulesOf(file.path);
    for (const { id } of marked.has(modules) ? [] : modules) withText.add(id);
    marked.add(modules);
    // Of the same module in many binaries one stands for all: a file has one finding for each of its licences.
    const owner = modules[0] ?? ownerOf(file.path, directories);
    if (owner !== undefined) withText.add(owner.id);
    for (const license of file.licenses)
      if (license.confidence >= confidence)
        findings.push(ofFile(file, license, owner, owner === undefined ? undefined : stated.get(owner.id), categoryOf));
  }
  return {
    findings: distinct(findings).filter(({ id }) => !ignored.has(id.toLowerCase())),
    silent: packages.filter(({ id }) => !stated.has(id) && !withText.has(id)).map(refOf),
  };
}

function checked(rules: LicenseRules): {
  readonly ignored: ReadonlySet<string>;
  readonly confidence: number;
  readonly categoryOf: Categorizer;
} {
  for (const name of Object.keys(rules))
    if (!["ignored", "confidence", "categories"].includes(name)) throw new TypeError(`unknown licence rule "${name}"`);
  const { ignored = [], confidence = 0.9, categories = {} } = rules;
  if (typeof confidence !== "number" || !(confidence >= 0.8 && confidence <= 1))
    throw new TypeError(`confidence must be a number from 0.8 to 1, not ${String(confidence)}`);
  if (!Array.isArray(ignored) || ignored.some((id) => typeof id !== "string"))
    throw new TypeError("ignored must be a list of licences");
  const spelled = ignored.flatMap((id: string) => {
    const expression = parseLicenseExpression(id);
    return expression === undefined ? [id] : [id, formatLicenseExpression(expression)];
  });
  return {
    ignored: new Set(spelled.map((id) => id.toLowerCase())),
    confidence,
    categoryOf: categorizer(categories),
  };
}

function statementsOf(pkg: Package): { readonly expression: LicenseExpression; readonly statement: string }[] {
  return (pkg.licenses ?? []).flatMap((statement) => {
    const { expression } = joinStatements([statement]);
    const tree = expression === undefined ? undefined : parseLicenseExpression(expression);
    return tree === undefined ? [] : [{ expression: tree, statement }];
  });
}

function partsOf(expression: LicenseExpression): readonly LicenseExpression[] {
  return "operator" in expression && expression.operator === "AND" ? expression.operands : [expression];
}

function ofPackage(pkg: Package, part: LicenseExpression, statement: string, categoryOf: Categorizer): LicenseFinding {
  const id = formatLicenseExpression(part);
  const category = categoryOf(part);
  return {
    kind: "license",
    id,
    severity: categorySeverities[category],
    title: `${id} (${category}) by ${pkg.name}`,
    category,
    confidence: 1,
    package: refOf(pkg),
    ...located(
      pkg.locations.map(({ path, line, layer }) => ({
        path,
        ...(line === undefined ? {} : { line }),
        ...(layer === undefined ? {} : { layer }),
      })),
    ),
    fingerprint: fingerprintOf("license", id, pkg.name, pkg.locations[0]?.path),
    explanation: { source: "statement", ...(statement === id ? {} : { statement: statement.slice(0, 500) }) },
  };
}

function ofFile(
  { path, layer, copyrights }: LicenseText,
  { id, confidence, line }: LicenseText["licenses"][number],
  owner: Package | undefined,
  stated: LicenseExpression | undefined,
  categoryOf: Categorizer,
): LicenseFinding {
  const category = categoryOf(id);
  const contradicts = stated !== undefined && !agrees(stated, id);
  return {
    kind: "license",
    id,
    severity: categorySeverities[category],
    title: `${id} (${category}) in ${path}`,
    category,
    confidence,
    ...(owner === undefined ? {} : { package: refOf(owner) }),
    ...(copyrights === undefined ? {} : { copyrights }),
    ...located([{ path, ...(line === undefined ? {} : { line }), ...(layer === undefined ? {} : { layer }) }]),
    fingerprint: fingerprintOf("license", id, path),
    explanation: {
      source: "text",
      ...(contradicts
        ? {
            notes: [
              `${owner?.name ?? "the package"} states ${formatLicenseExpression(stated)}, which does not name ${id}`,
            ],
          }
        : {}),
    },
  };
}

/** Whether a statement names a licence; the full text of a GNU licence is that of every "or later" too. */
function agrees(stated: LicenseExpression, id: string): boolean {
  const plain = (license: string): string => license.replace(/-(?:only|or-later)$/, "");
  const text = parseLicenseExpression(id);
  const names = text === undefined ? [id] : licenseTerms(text).map(({ license }) => license);
  return licenseTerms(stated).some(
    ({ license }) => license.startsWith("LicenseRef-") || names.some((name) => plain(name) === plain(license)),
  );
}

/** Directories in which a package alone lies: of its manifest, of an egg or a gem, of its documentation. */
function packageDirectories(packages: readonly Package[]): ReadonlyMap<string, Package> {
  const found = new Map<string, Package | undefined>();
  for (const pkg of packages) {
    const own = pkg.locations.map(({ path }) => path.replace(/!.*$/, "").replace(/\/?[^/]*$/, ""));
    const documentation = pkg.class === "os" ? [`usr/share/doc/${pkg.name}`, `usr/share/licenses/${pkg.name}`] : [];
    for (const directory of new Set([...own, ...documentation]))
      if (directory !== "") {
        const before = found.get(directory);
        // Where several lie, none is meant.
        found.set(directory, found.has(directory) && before?.id !== pkg.id ? undefined : pkg);
      }
  }
  return new Map([...found].flatMap(([directory, pkg]) => (pkg === undefined ? [] : [[directory, pkg] as const])));
}

/** How far below a package's directory its licence may lie: `LICENSES/MIT.txt`. */
const depth = 2;

function ownerOf(path: string, directories: ReadonlyMap<string, Package>): Package | undefined {
  let directory = path;
  for (let level = 0; level < depth; level++) {
    const end = directory.lastIndexOf("/");
    if (end === -1) return undefined;
    directory = directory.slice(0, end);
    const owner = directories.get(directory);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function refOf({ id, name, version, purl, ecosystem, locations }: Package): PackageRef {
  const path = locations[0]?.path;
  return { id, name, version, purl, ecosystem, ...(path === undefined ? {} : { path }) };
}

function distinct(findings: readonly LicenseFinding[]): readonly LicenseFinding[] {
  const byKey = new Map<string, LicenseFinding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.package?.id, finding.id, finding.explanation.source, finding.location?.path]);
    if (!byKey.has(key)) byKey.set(key, finding);
  }
  return [...byKey.values()].sort(
    (a, b) =>
      compareText(a.package?.name ?? "\uffff", b.package?.name ?? "\uffff") ||
      compareText(a.location?.path ?? "", b.location?.path ?? "") ||
      compareText(a.id, b.id),
  );
}
