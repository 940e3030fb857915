import { joinPath } from "../shared/reading/relative-path.ts";
import { interpolate } from "./pom-document.ts";
import type { Pom, PomDependency, PomReference } from "./pom-document.ts";
import type { LocatedPom, PomRepository } from "./pom-repository.ts";
import type { WorkBudget } from "./work-budget.ts";

/** A dependency, completed from the POM, its parents and its imports. */
export interface EffectiveDependency {
  readonly group: string;
  readonly artifact: string;
  readonly type: string;
  readonly classifier: string;
  /** As stated: a version, a range, or empty when none is stated. */
  readonly version: string;
  readonly scope: string;
  readonly optional: boolean;
  /** `group:artifact`, either may be `*`. */
  readonly exclusions: readonly string[];
  /** In the file of the POM itself; absent when it comes from a parent. */
  readonly line?: number;
}

/** A dependency that only a build with a profile has. */
export interface ProfiledDependency extends EffectiveDependency {
  readonly profile: string;
}

/** A POM as Maven works with it (maven.apache.org/ref/current/maven-model-builder): inherited, interpolated, managed. */
export interface EffectivePom {
  readonly path: string;
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly licenses: readonly string[];
  readonly modules: readonly string[];
  readonly dependencies: readonly EffectiveDependency[];
  /** Dependencies of the POM's own profiles that are not active by default. Projects that depend on it do not get them. */
  readonly profiled: readonly ProfiledDependency[];
  /** By {@link managementKey}. */
  readonly managed: ReadonlyMap<string, EffectiveDependency>;
  /** Parents and imports that were not found, as `group:artifact:version`. */
  readonly missing: readonly string[];
}

/** What dependency management goes by. */
export function managementKey({
  group,
  artifact,
  type,
  classifier,
}: Pick<EffectiveDependency, "group" | "artifact" | "type" | "classifier">): string {
  return `${group}:${artifact}:${type}:${classifier}`;
}

/** Whether dependencies of this scope are passed on to projects that depend on the POM. */
export function isPassedOn(scope: string): boolean {
  return scope === "" || scope === "compile" || scope === "runtime";
}

/** Parents above parents, and imports of imports. */
const maxChain = 64;

/** Works out effective POMs, each once. */
export class EffectivePoms {
  readonly #repository: PomRepository;
  readonly #work: WorkBudget;
  readonly #known = new Map<string, EffectivePom>();
  readonly #passedOn = new Map<EffectivePom, readonly (readonly [string, EffectiveDependency])[]>();
  /** Files that are being worked out: one that imports itself, by way of others, is an error to Maven. */
  readonly #open = new Set<string>();

  constructor(repository: PomRepository, work: WorkBudget) {
    this.#repository = repository;
    this.#work = work;
  }

  /** The effective POM of a file of the tree. */
  async of(located: LocatedPom): Promise<EffectivePom> {
    const known = this.#known.get(located.path);
    if (known !== undefined) return known;
    this.#open.add(located.path);
    try {
      const effective = await this.#build(located);
      // Also when a cycle cut it short: nobody can build what imports itself, and each try would take as long.
      this.#known.set(located.path, effective);
      return effective;
    } finally {
      this.#open.delete(located.path);
    }
  }

  /** The dependencies that a POM passes on to projects that depend on it, by {@link managementKey}; computed once. */
  passedOn(pom: EffectivePom): readonly (readonly [string, EffectiveDependency])[] {
    const known = this.#passedOn.get(pom);
    if (known !== undefined) return known;
    const passed = pom.dependencies
      .filter(({ optional, scope }) => !optional && isPassedOn(scope))
      .map((dependency) => [managementKey(dependency), dependency] as const);
    this.#passedOn.set(pom, passed);
    return passed;
  }

  async #build(located: LocatedPom): Promise<EffectivePom> {
    const missing: string[] = [];
    const pom = await this.#inherit(located, [], missing);
    const own = new Map([
      ["groupId", pom.group],
      ["artifactId", pom.artifact],
      ["version", pom.version],
      ["packaging", pom.packaging ?? "jar"],
      ["parent.groupId", pom.parent?.group],
      ["parent.artifactId", pom.parent?.artifact],
      ["parent.version", pom.parent?.version],
    ]);
    // What the POM says of itself is its own; only bare names may be redefined by properties.
    const valueOf = (name: string): string | undefined => {
      const inner = /^(?:project|pom)\.(.+)$/.exec(name)?.[1];
      return inner === undefined
        ? (pom.properties.get(name) ?? own.get(name))
        : (own.get(inner) ?? pom.properties.get(name));
    };
    const resolve = (text: string | undefined): string => interpolate(text ?? "", valueOf).trim();
    const stated = pom.managed.map((each) => fillIn(each, resolve));
    const managed = new Map<string, EffectiveDependency>();
    for (const each of stated)
      if (!isImport(each) && !managed.has(managementKey(each))) managed.set(managementKey(each), each);
    for (const each of stated.filter(isImport)) {
      if (this.#work.isSpent) break;
      const source = await this.#repository.find(each.group, each.artifact, each.version);
      if (source === undefined) missing.push(`${each.group}:${each.artifact}:${each.version}`);
      if (source === undefined || this.#open.has(source.path) || this.#open.size > maxChain) continue;
      const imported = await this.of(source);
      if (!this.#work.spend(1 + imported.managed.size)) break;
      for (const each of imported.missing) missing.push(each);
      for (const [key, ruling] of imported.managed) if (!managed.has(key)) managed.set(key, ruling);
    }
    const dependencies = new Map<string, EffectiveDependency>();
    for (const each of pom.dependencies) {
      const filled = fillIn(each, resolve);
      const key = managementKey(filled);
      // The nearest POM wins over its parents; within one POM the last of two, as Maven warns and does.
      const inherited = filled.line === undefined;
      if (!inherited || !dependencies.has(key)) dependencies.set(key, manage(filled, managed.get(key)));
    }
    const profiled = pom.profiles.flatMap((profile) => {
      const inProfile = (text: string | undefined): string =>
        interpolate(text ?? "", (name) => profile.properties.get(name) ?? valueOf(name)).trim();
      const ruled = new Map(
        profile.managed.map((each) => fillIn(each, inProfile)).map((each) => [managementKey(each), each] as const),
      );
      return profile.dependencies.map((each) => {
        const filled = fillIn(each, inProfile);
        const key = managementKey(filled);
        return { ...manage(filled, ruled.get(key) ?? managed.get(key)), profile: profile.id };
      });
    });
    return {
      path: located.path,
      profiled,
      group: resolve(pom.group),
      artifact: resolve(pom.artifact),
      version: resolve(pom.version),
      licenses: pom.licenses,
      modules: pom.modules,
      dependencies: [...dependencies.values()],
      managed,
      missing,
    };
  }

  /** The POM with what it inherits, the nearest parent first; lines only for what is in the file itself. */
  async #inherit({ path, pom }: LocatedPom, children: readonly string[], missing: string[]): Promise<Pom> {
    if (pom.parent === undefined || children.length > maxChain) return pom;
    const group = pom.group ?? pom.parent.group;
    const version = pom.version ?? pom.parent.version;
    const named: Pom = {
      ...pom,
      ...(group === undefined ? {} : { group }),
      ...(version === undefined ? {} : { version }),
    };
    const located = await this.#parentOf({ path, pom });
    if (located === undefined || located.path === path || children.includes(located.path)) {
      if (located === undefined)
        missing.push([pom.parent.group, pom.parent.artifact, pom.parent.version].map((part) => part ?? "").join(":"));
      return named;
    }
    const parent = await this.#inherit(located, [...children, path], missing);
    const { dependencies, managed, properties } = parent;
    if (!this.#work.spend(1 + dependencies.length + managed.length + properties.size)) return named;
    return {
      ...named,
      properties: new Map([...parent.properties, ...pom.properties]),
      licenses: pom.licenses.length > 0 ? pom.licenses : parent.licenses,
      managed: [...pom.managed, ...parent.managed],
      dependencies: [...pom.dependencies, ...parent.dependencies.map((each) => ({ ...each, line: 0 }))],
    };
  }

  async #parentOf({ path, pom }: LocatedPom): Promise<LocatedPom | undefined> {
    const { parent } = pom;
    if (parent === undefined) return undefined;
    if (parent.relativePath !== "") {
      const beside = joinPath(path, parent.relativePath ?? "../pom.xml");
      const candidates =
        beside.endsWith(".xml") || beside.endsWith(".pom")
          ? [beside]
          : [`${beside}/pom.xml`.replace(/^\//, ""), beside];
      for (const candidate of candidates) {
        const located = await this.#repository.at(candidate);
        if (located !== undefined && isSame(located.pom, parent)) return located;
      }
    }
    const resolve = (text: string | undefined): string =>
      interpolate(text ?? "", (name) => pom.properties.get(name)).trim();
    return this.#repository.find(resolve(parent.group), resolve(parent.artifact), resolve(parent.version));
  }
}

/** Whether a POM is the one a child names; placeholders, which only the parent can fill, fit. */
function isSame(pom: Pom, { group, artifact, version }: PomReference): boolean {
  const matches = (a: string | undefined, b: string | undefined): boolean =>
    a === b || a?.includes("${") === true || b?.includes("${") === true;
  return (
    matches(pom.group ?? pom.parent?.group, group) &&
    matches(pom.artifact, artifact) &&
    matches(pom.version ?? pom.parent?.version, version)
  );
}

function fillIn(
  { group, artifact, version, type, classifier, scope, optional, exclusions, line }: PomDependency,
  resolve: (text: string | undefined) => string,
): EffectiveDependency {
  return {
    group: resolve(group),
    artifact: resolve(artifact),
    type: resolve(type) || "jar",
    classifier: resolve(classifier),
    version: resolve(version),
    scope: resolve(scope),
    optional,
    exclusions: exclusions.map((each) => `${resolve(each.group)}:${resolve(each.artifact) || "*"}`),
    ...(line > 0 ? { line } : {}),
  };
}

function isImport({ scope, type }: EffectiveDependency): boolean {
  return scope === "import" && type === "pom";
}

/** What management adds to a dependency that leaves it open. */
function manage(dependency: EffectiveDependency, ruling: EffectiveDependency | undefined): EffectiveDependency {
  if (ruling === undefined) return dependency;
  return {
    ...dependency,
    version: dependency.version || ruling.version,
    scope: dependency.scope || ruling.scope,
    optional: dependency.optional || ruling.optional,
    exclusions: dependency.exclusions.length > 0 ? dependency.exclusions : ruling.exclusions,
  };
}
