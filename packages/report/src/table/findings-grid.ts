import { compareBy, compareFindings, compareSeverity, compareText, type Vulnerability } from "@plimsoll/model";
import { groupBy } from "../shared/group-by.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import type { Target } from "../shared/targets.ts";
import { visibleStart } from "../shared/visible-text.ts";
import { wrapText } from "./display-width.ts";
import { drawGrid, type CellLine, type Column, type Row } from "./grid.ts";
import type { Palette } from "./paint.ts";

const columns: readonly Column[] = [
  { heading: "Library", minimum: 10, maximum: 40 },
  { heading: "Vulnerability", minimum: 16, maximum: 30 },
  { heading: "Severity", minimum: 8, maximum: 12 },
  { heading: "Status", minimum: 8, maximum: 20 },
  { heading: "Installed", minimum: 9, maximum: 28 },
  { heading: "Fixed", minimum: 8, maximum: 28 },
  { heading: "Title", minimum: 16, maximum: 60 },
];

/** Narrower than this, seven columns hold nothing readable. */
const narrowest = 100;

/** The findings of one target, package by package, the worst package first: as a grid, or as a list where the terminal is narrow. */
export function* vulnerabilityGrid(target: Target, width: number, paint: Palette): Iterable<string> {
  const packages = packagesOf(target);
  const paths = new Map(target.packages.map((pkg) => [pkg.id, pkg.locations[0]?.path]));
  const pathOf = (id: string): string | undefined =>
    target.class === "os" || target.path !== undefined ? undefined : paths.get(id);
  yield* width < narrowest ? list(packages, pathOf, width, paint) : grid(packages, pathOf, width, paint);
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
): Iterable<string> {
  const rows = packages.flatMap((findings) =>
    findings.map((finding, index): Row => ({
      continued: index === 0 ? 0 : 1,
      cells: cells(finding, index === 0, pathOf(finding.package.id), paint),
    })),
  );
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
  paint: Palette,
): (readonly CellLine[])[] {
  const { package: pkg, severity, status } = finding;
  const name: CellLine[] = first ? [line(pkg.name, 80)] : [];
  if (first && path !== undefined) name.push({ ...line(path, 120), paint: paint.dim });
  return [
    name,
    [line(finding.id, 60), ...badges(finding).map((badge) => ({ text: badge, paint: paint.bad }))],
    [{ text: severity, paint: paint.severity(severity) }],
    [line(status.replaceAll("_", " "), 30)],
    [line(pkg.version, 80)],
    [{ ...line(finding.fixedVersion ?? "", 80), paint: paint.good }],
    [
      ...(finding.title === undefined || finding.title === "" ? [] : [line(finding.title, 160)]),
      { ...line(primaryUrl(finding), 200), paint: paint.dim },
    ],
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
