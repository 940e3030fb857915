import { isPassedOn, managementKey } from "./effective-pom.ts";
import type { EffectiveDependency, EffectivePom, EffectivePoms } from "./effective-pom.ts";
import type { PomRepository } from "./pom-repository.ts";
import type { WorkBudget } from "./work-budget.ts";

/** One artifact that a project resolves to. */
export interface ResolvedArtifact {
  readonly group: string;
  readonly artifact: string;
  /** Empty when none is stated, or only a range. */
  readonly version: string;
  /** `compile`, `runtime`, `provided`, `system`, `test`. */
  readonly scope: string;
  readonly optional: boolean;
  readonly direct: boolean;
  readonly line?: number;
  readonly licenses: readonly string[];
  /** Names `group:artifact` of what it leads to. */
  readonly dependsOn: readonly string[];
}

/** What a project resolves to, and what could not be looked up for it. */
export interface Resolution {
  readonly artifacts: readonly ResolvedArtifact[];
  /** `group:artifact:version` of POMs that were not found. */
  readonly missing: readonly string[];
  /** There were more artifacts than are followed. */
  readonly cut: boolean;
}

/** Artifacts of one project; the largest builds known have some thousands. */
const maxArtifacts = 20_000;

/** Walks of one project. Each adds the demands that the one before came upon; real builds take two or three. */
const maxRounds = 32;

interface Node {
  readonly dependency: EffectiveDependency;
  version: string;
  scope: string;
  readonly depth: number;
  /** `group:artifact` patterns of everything on the way here. */
  readonly excluded: ReadonlySet<string>;
  readonly children: string[];
  pom?: EffectivePom | undefined;
}

/**
 * Follows dependencies as Maven does (maven.apache.org/guides, "Introduction to the Dependency Mechanism"): the nearest declaration of
 * an artifact wins, the first one at equal distance; the project's own management rules everything below its direct dependencies; a
 * version in brackets is a hard requirement that a nearer declaration cannot override.
 */
export async function resolveDependencies(
  project: EffectivePom,
  repository: PomRepository,
  poms: EffectivePoms,
  work: WorkBudget,
): Promise<Resolution> {
  const demands = new Map<string, string>();
  for (let round = 1; ; round++) {
    const walk = await walkOnce(project, repository, poms, demands, work);
    let added = false;
    for (const [key, version] of walk.demands)
      if (!demands.has(key) && walk.nodes.get(key)?.version !== version && demands.size < maxArtifacts) {
        demands.set(key, version);
        added = true;
      }
    const cut = walk.cut || (added && (round === maxRounds || work.isSpent));
    if (!added || cut) return { artifacts: collect(project, walk.nodes), missing: walk.missing, cut };
  }
}

interface Walk {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly demands: ReadonlyMap<string, string>;
  readonly missing: readonly string[];
  readonly cut: boolean;
}

async function walkOnce(
  project: EffectivePom,
  repository: PomRepository,
  poms: EffectivePoms,
  demanded: ReadonlyMap<string, string>,
  work: WorkBudget,
): Promise<Walk> {
  const nodes = new Map<string, Node>();
  const demands = new Map<string, string>();
  const missing: string[] = [];
  const queue: Node[] = [];
  let cut = false;

  function reach(key: string, dependency: EffectiveDependency, depth: number, excluded: ReadonlySet<string>): void {
    const exact = exactVersion(dependency.version);
    if (exact !== undefined && !demands.has(key)) demands.set(key, exact);
    if (nodes.has(key)) return;
    if (nodes.size >= maxArtifacts) {
      cut = true;
      return;
    }
    const version = demanded.get(key) ?? exact ?? (isOpen(dependency.version) ? "" : dependency.version);
    const exclusions = dependency.exclusions.length === 0 ? excluded : new Set([...excluded, ...dependency.exclusions]);
    const node: Node = { dependency, version, scope: "", depth, excluded: exclusions, children: [] };
    nodes.set(key, node);
    queue.push(node);
  }

  // Those are as many as the file itself has.
  for (const dependency of project.dependencies) {
    const key = managementKey(dependency);
    // Building takes managed exclusions where there are none, resolving adds them to those that there are.
    reach(key, dependency, 1, new Set(project.managed.get(key)?.exclusions));
  }
  // The list grows while it is walked: breadth first.
  for (const node of queue) {
    const { group, artifact } = node.dependency;
    if (node.version === "" || node.dependency.scope === "system") continue;
    if (work.isSpent) {
      cut = true;
      break;
    }
    const located = await repository.find(group, artifact, node.version);
    if (located === undefined) {
      missing.push(`${group}:${artifact}:${node.version}`);
      continue;
    }
    node.pom = await poms.of(located);
    for (const each of node.pom.missing) missing.push(each);
    for (const [key, stated] of poms.passedOn(node.pom)) {
      if (!work.spend(1)) {
        cut = true;
        break;
      }
      if (isExcluded(stated, node.excluded)) continue;
      const dependency = ruledBy(stated, project.managed.get(key));
      if (dependency.optional || !isPassedOn(dependency.scope)) continue;
      node.children.push(key);
      reach(key, dependency, node.depth + 1, node.excluded);
    }
  }
  return { nodes, demands, missing: [...new Set(missing)], cut };
}

/** The project's management, unlike that of others, wins over what its dependencies say. */
function ruledBy(stated: EffectiveDependency, ruling: EffectiveDependency | undefined): EffectiveDependency {
  if (ruling === undefined) return stated;
  return {
    ...stated,
    version: ruling.version || stated.version,
    scope: ruling.scope || stated.scope,
    exclusions: [...stated.exclusions, ...ruling.exclusions],
  };
}

function isExcluded({ group, artifact }: EffectiveDependency, excluded: ReadonlySet<string>): boolean {
  if (excluded.size === 0) return false;
  return [`${group}:${artifact}`, `${group}:*`, `*:${artifact}`, "*:*"].some((pattern) => excluded.has(pattern));
}

const breadth = ["compile", "runtime", "provided", "system", "test"];

/** The widest scope of all ways to an artifact counts, except that a direct dependency has the one it states. */
function spreadScopes(nodes: ReadonlyMap<string, Node>): void {
  const queue: Node[] = [];
  for (const node of nodes.values()) {
    if (node.depth > 1) continue;
    node.scope = breadth.includes(node.dependency.scope) ? node.dependency.scope : "compile";
    queue.push(node);
  }
  for (const node of queue)
    for (const key of node.children) {
      const child = nodes.get(key);
      if (child === undefined || child.depth === 1) continue;
      const scope = node.scope === "compile" ? child.dependency.scope || "compile" : node.scope;
      if (child.scope !== "" && breadth.indexOf(scope) >= breadth.indexOf(child.scope)) continue;
      child.scope = scope;
      queue.push(child);
    }
}

/** One artifact per name and version: classifiers are other files of the same release. */
function collect(project: EffectivePom, nodes: ReadonlyMap<string, Node>): readonly ResolvedArtifact[] {
  spreadScopes(nodes);
  const artifacts = new Map<string, ResolvedArtifact>();
  for (const { dependency, version, scope, depth, children, pom } of nodes.values()) {
    const { group, artifact, optional } = dependency;
    const id = `${group}:${artifact}:${version}`;
    const before = artifacts.get(id);
    // The line of the artifact itself rather than of another file of it.
    const own = depth > 1 ? undefined : dependency.line;
    const isPlain = dependency.classifier === "" && dependency.type === "jar";
    const line = isPlain ? (own ?? before?.line) : (before?.line ?? own);
    const dependsOn = children.flatMap((key) => {
      const child = nodes.get(key)?.dependency;
      const leadsOn = child !== undefined && (child.group !== group || child.artifact !== artifact);
      return leadsOn ? [`${child.group}:${child.artifact}`] : [];
    });
    artifacts.set(id, {
      group,
      artifact,
      version,
      scope: before !== undefined && breadth.indexOf(before.scope) < breadth.indexOf(scope) ? before.scope : scope,
      optional: optional && before?.optional !== false,
      direct: depth === 1 || before?.direct === true,
      ...(line === undefined ? {} : { line }),
      licenses: before?.licenses ?? pom?.licenses ?? [],
      dependsOn: [...new Set([...(before?.dependsOn ?? []), ...dependsOn])],
    });
  }
  artifacts.delete(`${project.group}:${project.artifact}:${project.version}`);
  return [...artifacts.values()];
}

/** `[1.2]`. */
function exactVersion(text: string): string | undefined {
  return /^\[\s*([^\s,[\]()]+)\s*\]$/.exec(text)?.[1];
}

/** A range, or one of the two words for whatever is newest when Maven runs. */
function isOpen(text: string): boolean {
  return /^(?:[[(]|(?:LATEST|RELEASE)$)/.test(text);
}
