import type { Diagnostic, TreeAnalyzer, Observation } from "@plimsoll/model";
import { isToken, mavenName, mavenPackage } from "./coordinates.ts";
import { joinPath } from "../shared/reading/relative-path.ts";
import { EffectivePoms } from "./effective-pom.ts";
import type { EffectivePom } from "./effective-pom.ts";
import { PomRepository } from "./pom-repository.ts";
import { resolveDependencies } from "./resolve-dependencies.ts";
import type { ResolvedArtifact } from "./resolve-dependencies.ts";
import { WorkBudget } from "./work-budget.ts";

/**
 * `pom.xml`, with what the scanned tree knows about it: parents, imported POMs, modules, and the POMs of a repository inside of it
 * (`.m2/repository`), through which dependencies are followed. Nothing is fetched; POMs that were not found are reported.
 */
export const pomFile: TreeAnalyzer = {
  kind: "tree",
  id: "maven/pom",
  revision: 5,
  evidence: "declared",
  matches: [{ basename: "pom.xml" }, { suffix: ".pom" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(files, _, { signal }): AsyncGenerator<Observation> {
    const work = new WorkBudget();
    const repository = new PomRepository(files, work);
    const poms = new EffectivePoms(repository, work);
    let unfollowed = 0;
    const modules = new Set<string>();
    for (const { path } of repository.projects) {
      const located = await repository.at(path);
      for (const module of located?.pom.modules ?? []) modules.add(modulePath(path, module));
    }
    yield* repository.takeProblems();
    async function modulesOf({ path, modules: names }: EffectivePom): Promise<readonly EffectivePom[]> {
      const found: EffectivePom[] = [];
      for (const name of names) {
        const located = await repository.at(modulePath(path, name));
        if (located !== undefined && located.path !== path) found.push(await poms.of(located));
      }
      return found;
    }
    for (const { path } of repository.projects) {
      signal?.throwIfAborted();
      const located = await repository.at(path);
      if (located === undefined) continue;
      const project = await poms.of(located);
      const { artifacts, missing, cut } = await resolveDependencies(project, repository, poms, work);
      yield* repository.takeProblems();
      const needs = [...artifacts.filter(({ direct }) => direct), ...(await modulesOf(project))];
      yield* projectOf(project, needs, modules.has(path));
      for (const artifact of artifacts) yield* artifactOf(artifact, path);
      yield* profiledOf(project, artifacts);
      if (work.isSpent) {
        unfollowed++;
        continue;
      }
      const lacking = [...new Set([...project.missing, ...missing])];
      if (lacking.length > 0) yield lackingPoms(path, lacking);
      if (cut) yield tooMany(path, "has more dependencies than are followed");
    }
    const first = repository.projects[0]?.path ?? "";
    if (unfollowed > 0)
      yield tooMany(
        first,
        `the POMs of this tree lead further than is followed; ${unfollowed} of them are not followed to the end`,
      );
  },
};

function modulePath(path: string, module: string): string {
  return joinPath(path, module.endsWith(".xml") ? module : `${module}/pom.xml`);
}

/** Integration tests of Maven plugins are whole projects of their own, kept in this directory by convention. */
function isForTests(path: string): boolean {
  return /(?:^|\/)src\/it\//.test(path);
}

function* projectOf(
  { path, group, artifact, version, licenses }: EffectivePom,
  needs: readonly { readonly group: string; readonly artifact: string }[],
  isModule: boolean,
): Generator<Observation> {
  if (!isToken(group) || !isToken(artifact) || !isVersion(version)) return;
  const dependsOn = [...new Set(needs.map((each) => mavenName(each.group, each.artifact)))];
  yield {
    kind: "package",
    at: path,
    package: mavenPackage(
      { group, artifact, version },
      {
        relationship: isModule ? "workspace" : "root",
        ...(licenses.length === 0 ? {} : { licenses }),
        ...(isForTests(path) ? { scope: "dev" } : {}),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
      },
    ),
  };
}

function* artifactOf(found: ResolvedArtifact, path: string): Generator<Observation> {
  const { group, artifact, version, scope, optional, direct, licenses, dependsOn, line } = found;
  if (!isToken(group) || !isToken(artifact)) return;
  const provided = scope === "provided" || scope === "system";
  yield {
    kind: "package",
    at: path,
    package: mavenPackage(
      { group, artifact, version: isVersion(version) ? version : "" },
      {
        relationship: direct ? "direct" : "indirect",
        ...(licenses.length === 0 ? {} : { licenses }),
        ...(scope === "test" || isForTests(path)
          ? { scope: "dev" as const }
          : optional || provided
            ? { scope: "optional" as const }
            : {}),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(provided ? { facts: { scope } } : {}),
      },
    ),
    ...(line === undefined ? {} : { line }),
  };
}

/** What builds with other profiles take in place of it or besides. Only what they ask for themselves: what follows from it is theirs. */
function* profiledOf({ path, profiled }: EffectivePom, artifacts: readonly ResolvedArtifact[]): Generator<Observation> {
  const key = (each: { readonly group: string; readonly artifact: string; readonly version: string }): string =>
    `${each.group}:${each.artifact}:${each.version}`;
  const said = new Set(artifacts.map(key));
  for (const each of profiled) {
    const { group, artifact, version, scope, profile, line } = each;
    if (!isToken(group) || !isToken(artifact) || said.has(key(each))) continue;
    said.add(key(each));
    yield {
      kind: "package",
      at: path,
      package: mavenPackage(
        { group, artifact, version: isVersion(version) ? version : "" },
        {
          relationship: "direct",
          scope: scope === "test" || isForTests(path) ? "dev" : "optional",
          facts: { profile: profile.slice(0, 200) },
        },
      ),
      ...(line === undefined ? {} : { line }),
    };
  }
}

/** Anything Maven would take for one version: no placeholder that nobody fills, no list, no white space, no word for the newest. */
function isVersion(text: string): boolean {
  return !/^(?:LATEST|RELEASE)$/.test(text) && text.length <= 256 && /^[^\s${}[\](),:/\\<>"]+$/.test(text);
}

function lackingPoms(path: string, lacking: readonly string[]): Diagnostic {
  const [first = ""] = lacking;
  const others = lacking.length > 1 ? ` and ${lacking.length - 1} more` : "";
  return {
    kind: "diagnostic",
    code: "unresolved-dependencies",
    effect: "incomplete",
    message: `${path}: the POM of ${first.slice(0, 200)}${others} is not in the scanned tree, so what it asks for is not known`,
    location: { path },
  };
}

function tooMany(path: string, what: string): Diagnostic {
  return {
    kind: "diagnostic",
    code: "limit-exceeded",
    effect: "incomplete",
    message: `${path}: ${what}`,
    location: { path },
  };
}
