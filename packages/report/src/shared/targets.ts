import { compareText, type Vulnerability, type Package, type Report } from "@plimsoll/model";
import { groupBy } from "./group-by.ts";
import { packageClass } from "./package-class.ts";

/** One group of packages in a report: those of the operating system, of one ecosystem, or of one lock file. */
export interface Target {
  /** `OS packages (alpine 3.10.9)`, `npm packages`, `app/package-lock.json`. */
  readonly title: string;
  readonly class: "os" | "library";
  readonly ecosystem: string;
  /** Path of the lock file or manifest, whose packages are requested and not necessarily installed. Absent for installed packages. */
  readonly path?: string;
  readonly packages: readonly Package[];
  readonly findings: readonly Vulnerability[];
}

/** Operating system first, then installed libraries by ecosystem, then lock files by path. Expects an ordered report. */
export function targetsOf(report: Report): readonly Target[] {
  const byKey = new Map<string, { target: Omit<Target, "packages" | "findings">; packages: Package[] }>();
  const keyOf = new Map<string, string>();
  for (const pkg of report.packages) {
    const target = targetOf(pkg, report);
    const key = `${target.class === "os" ? 0 : target.path === undefined ? 1 : 2} ${target.title}`;
    const entry = byKey.get(key);
    if (entry === undefined) byKey.set(key, { target, packages: [pkg] });
    else entry.packages.push(pkg);
    keyOf.set(pkg.id, key);
  }
  const findings = groupBy(report.vulnerabilities ?? [], (finding) => keyOf.get(finding.package.id) ?? otherKey);
  const targets = [...byKey]
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, { target, packages }]) => ({ ...target, packages, findings: findings.get(key) ?? [] }));
  const strays = findings.get(otherKey);
  if (strays === undefined) return targets;
  return [...targets, { title: "Other packages", class: "library", ecosystem: "", packages: [], findings: strays }];
}

const otherKey = "3";

function targetOf(pkg: Package, report: Report): Omit<Target, "packages" | "findings"> {
  const { ecosystem } = pkg;
  if (packageClass(pkg) === "os") {
    const { distro } = report.artifact;
    const release =
      distro === undefined ? "unknown distribution" : [distro.id, distro.versionId].filter(Boolean).join(" ");
    return { title: `OS packages (${release})`, class: "os", ecosystem };
  }
  const declared = pkg.locations.every((location) => location.evidence !== "installed");
  const path = pkg.locations[0]?.path;
  if (declared && path !== undefined) return { title: path, class: "library", ecosystem, path };
  return { title: `${ecosystem} packages`, class: "library", ecosystem };
}
