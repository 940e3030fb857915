import type { Package } from "@plimsoll/model";
import { severityCounts } from "../shared/severity-counts.ts";
import type { Target } from "../shared/targets.ts";
import { visibleStart } from "../shared/visible-text.ts";
import type { Palette } from "./paint.ts";

/** Deep enough to reach what somebody can change; a graph with cycles or millions of paths ends here too. */
const maxDepth = 8;
const maxParents = 5;
/** How many lines are shown for a vulnerable package. */
const maxLines = 60;

/** For each vulnerable package the packages that depend on it, and those that depend on them, up to packages without dependents. */
export function* dependencyTrees(target: Target, packages: readonly Package[], paint: Palette): Iterable<string> {
  const byId = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const parents = parentsOf(packages);
  const vulnerable = [...new Set(target.findings.map((finding) => finding.package.id))].filter((id) => byId.has(id));
  if (!vulnerable.some((id) => parents.has(id))) return;
  yield `\n${paint.bold("Dependency origin (what needs the vulnerable package)")}\n`;
  for (const id of vulnerable) {
    const counts = severityCounts(target.findings.filter((finding) => finding.package.id === id));
    const summary = [...counts].filter(([, count]) => count > 0).map(([severity, count]) => `${severity}: ${count}`);
    yield `${label(byId.get(id))} (${summary.join(", ")})\n`;
    yield* branches(id, "", new Set([id]), { left: maxLines });
  }

  function* branches(id: string, indent: string, path: Set<string>, lines: { left: number }): Iterable<string> {
    const above = (parents.get(id) ?? []).filter((parent) => !path.has(parent));
    const shown = above.slice(0, maxParents);
    for (const [index, parent] of shown.entries()) {
      if (lines.left-- <= 0) return;
      const last = index === above.length - 1;
      yield `${indent}${last ? "└── " : "├── "}${label(byId.get(parent))}\n`;
      const deeper = `${indent}${last ? "    " : "│   "}`;
      if (path.size < maxDepth) yield* branches(parent, deeper, new Set([...path, parent]), lines);
      else if (parents.has(parent)) yield `${deeper}└── …\n`;
    }
    if (above.length > shown.length) yield `${indent}└── and ${above.length - shown.length} more\n`;
  }
}

function parentsOf(packages: readonly Package[]): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const pkg of packages)
    for (const id of pkg.dependencies ?? []) {
      const list = parents.get(id);
      if (list === undefined) parents.set(id, [pkg.id]);
      else list.push(pkg.id);
    }
  return parents;
}

function label(pkg: Package | undefined): string {
  if (pkg === undefined) return "?";
  const direct = pkg.relationship === "direct" || pkg.relationship === "root" ? `, ${pkg.relationship}` : "";
  return `${visibleStart(pkg.name, 80)}@${visibleStart(pkg.version, 60)}${direct}`;
}
