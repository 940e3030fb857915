import { compareBy, compareFindings, compareSeverity, compareText, type Vulnerability } from "@plimsoll/model";
import { groupBy } from "../shared/group-by.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import type { Target } from "../shared/targets.ts";
import { visibleStart } from "../shared/visible-text.ts";
import { displayWidth, wrapText } from "./display-width.ts";
import { drawGrid, rowsOf, type CellLine, type Column } from "./grid.ts";
import type { Palette } from "./paint.ts";

const columns: readonly Column[] = [
  { heading: "Library", minimum: 13, maximum: 40 },
  { heading: "Vulnerability", minimum: 19, maximum: 30 },
  { heading: "Severity", minimum: 10, maximum: 12 },
  { heading: "Status", minimum: 8, maximum: 20 },
  { heading: "Installed", minimum: 9, maximum: 28 },
  { heading: "Fixed", minimum: 8, maximum: 28 },
  { heading: "Title", minimum: 11, maximum: 60 },
];

/** On terminals with fewer columns than this, the table's seven columns would be unreadable. */
const narrowest = 100;

/** The findings of one target, package by package, the worst package first: as a grid, or as a list where the terminal is narrow. */
export function* vulnerabilityGrid(
  target: Target,
  { width, paint, links }: { readonly width: number; readonly paint: Palette; readonly links: boolean },
): Iterable<string> {
  const packages = packagesOf(target);
  const paths = new Map(target.packages.map((pkg) => [pkg.id, pkg.locations[0]?.path]));
  const pathOf = (id: string): string | undefined =>
    target.class === "os" || target.path !== undefined ? undefined : paths.get(id);
  if (width < narrowest) return yield* list(packages, pathOf, width, paint);
  yield* grid(packages, pathOf, width, paint, links);
  // Where an id is no link, its address stands whole in a line of its own: no column is wide enough for all of them.
  if (!links) yield* addresses(packages.flat(), paint);
}

function* addresses(findings: readonly Vulnerability[], paint: Palette): Iterable<string> {
  const known = new Map(
    findings.map((finding) => [visibleStart(finding.id, 60), visibleStart(primaryUrl(finding), 200)]),
  );
  const longest = Math.max(0, ...[...known.keys()].map((id) => displayWidth(id)));
  for (const [id, url] of known) yield `  ${id}${" ".repeat(longest - displayWidth(id))}  ${paint.dim(url)}\n`;
}

function packagesOf(target: Target): readonly (readonly Vulnerability[])[] {
  const packages = [...groupBy(target.findings, (finding) => finding.package.id).values()].map((findings) =>
    findings.toSorted(compareFindings),
  );
  packages.sort(
    compareBy(
      ([a], [b]) => (a === undefined || b === undefined ? 0 : compareSeverity(a.severity, b.severity)),
      ([a], [b]) => compareText(a?.package.name ?? "", b?.package.name ?? ""),
      ([a], [b]) => compareText(a?.package.id ?? "", b?.package.id ?? ""),
    ),
  );
  return packages;
}

type PathOf = (packageId: string) => string | undefined;

function* grid(
  packages: readonly (readonly Vulnerability[])[],
  pathOf: PathOf,
  width: number,
  paint: Palette,
  links: boolean,
): Iterable<string> {
  const all = packages.flatMap((findings) => findings.map((finding, index) => ({ finding, isFirst: index === 0 })));
  const rows = rowsOf(all, ({ finding, isFirst }) => ({
    continued: isFirst ? 0 : 1,
    cells: cells(finding, isFirst, pathOf(finding.package.id), { paint, links }),
  }));
  yield* drawGrid(columns, rows, width);
}

function* list(
  packages: readonly (readonly Vulnerability[])[],
  pathOf: PathOf,
  width: number,
  paint: Palette,
): Iterable<string> {
  const indent = " ".repeat(4);
  const wrapped = (text: string): string =>
    wrapText(text, width - indent.length)
      .map((part) => `${indent}${part}\n`)
      .join("");
  for (const findings of packages) {
    const [first] = findings;
    if (first === undefined) continue;
    yield `${paint.bold(`${visibleStart(first.package.name, 80)} ${visibleStart(first.package.version, 80)}`)}\n`;
    const path = pathOf(first.package.id);
    if (path !== undefined) yield `${paint.dim(visibleStart(path, width))}\n`;
    for (const finding of findings) {
      const { severity, id, fixedVersion, status, title } = finding;
      const fix =
        fixedVersion === undefined ? status.replaceAll("_", " ") : `fixed in ${visibleStart(fixedVersion, 80)}`;
      yield `  ${paint.severity(severity)(severity)} ${visibleStart(id, 60)}, ${fix}${badges(finding)
        .map((badge) => `, ${paint.bad(badge)}`)
        .join("")}\n`;
      if (title !== undefined && title !== "") yield wrapped(visibleStart(title, 160));
      // Addresses are left whole, so that terminals can open them.
      yield `${indent}${paint.dim(visibleStart(primaryUrl(finding), 200))}\n`;
    }
  }
}

function cells(
  finding: Vulnerability,
  first: boolean,
  path: string | undefined,
  { paint, links }: { readonly paint: Palette; readonly links: boolean },
): (readonly CellLine[])[] {
  const { package: pkg, severity, status } = finding;
  const name: CellLine[] = first ? [line(pkg.name, 80)] : [];
  if (first && path !== undefined) name.push({ ...line(path, 120), paint: paint.dim });
  return [
    name,
    [
      { ...line(finding.id, 60), ...(links ? { href: primaryUrl(finding) } : {}) },
      ...badges(finding).map((badge) => ({ text: badge, paint: paint.bad })),
    ],
    [{ text: severity, paint: paint.severity(severity) }],
    [line(status.replaceAll("_", " "), 30)],
    [line(pkg.version, 80)],
    [{ ...line(finding.fixedVersion ?? "", 80), paint: paint.good }],
    finding.title === undefined || finding.title === "" ? [] : [line(finding.title, 160)],
  ];
}

function badges(finding: Vulnerability): string[] {
  const badgeTexts: string[] = [];
  if (finding.knownExploited !== undefined) badgeTexts.push("exploited (KEV)");
  if (finding.epss !== undefined && finding.epss.probability >= 0.1)
    badgeTexts.push(`EPSS ${Math.round(finding.epss.probability * 100)} %`);
  return badgeTexts;
}

function line(text: string, length: number): CellLine {
  return { text: visibleStart(text, length) };
}
