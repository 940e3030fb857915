import { executableMagics, FormatError, readExecutables } from "@plimsoll/formats";
import type { Executable } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/malformed-file.ts";
import { readBuildInfo } from "./build-info.ts";
import type { BuildInfo, BuildModule } from "./build-info.ts";
import { readLinkedPackages } from "./linked-packages.ts";
import { mainVersion } from "./main-version.ts";

/**
 * Modules that Go programs say they were built from; those without any code
 * in a program carry the fact `unlinked:<path of the program>`, by file because another program may well use them.
 */
export const goBinary: FileAnalyzer = {
  kind: "file",
  id: "golang/binary",
  revision: 1,
  matches: executableMagics.map((magic) => ({ magic, executable: true })),
  async *analyze(file) {
    yield* observePrograms(file, await file.bytes());
  },
};

function* observePrograms(file: AnalyzedFile, bytes: Uint8Array): Generator<Observation> {
  for (const program of programsIn(bytes)) {
    try {
      const info = readBuildInfo(program);
      if (info === undefined) continue;
      const linked = readLinkedPackages(program);
      for (const found of packagesOf(info, linked, file.path)) yield { kind: "package", package: found };
      // All architectures of a file are built from the same modules.
      return;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, error.message);
    }
  }
}

/** A damaged program is nothing to report: only that it is written in Go would make it ours. */
function programsIn(bytes: Uint8Array): readonly Executable[] {
  try {
    return readExecutables(bytes);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

/** The packages behind build information; `linked` holds the import paths with code in the program, where that is known. */
export function packagesOf(info: BuildInfo, linked?: ReadonlySet<string>, path = ""): readonly FoundPackage[] {
  const standard = standardLibrary(info.goVersion);
  const isLinked = linked === undefined ? undefined : linkedModules(info, linked);
  const dependencies = info.dependencies.map((module) =>
    dependencyOf(module, isLinked?.has(module.path) === false ? path : undefined),
  );
  const keys = [...(standard === undefined ? [] : ["stdlib"]), ...info.dependencies.map(({ path }) => path)];
  const main = info.main === undefined ? [] : [mainModule(info, info.main, keys)];
  return [...main, ...(standard === undefined ? [] : [standard]), ...dependencies];
}

function mainModule(info: BuildInfo, main: BuildModule, dependsOn: readonly string[]): FoundPackage {
  const version = mainVersion(info);
  const revision = info.settings.get("vcs.revision");
  return {
    name: main.path,
    version: version ?? "",
    relationship: "root",
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(revision === undefined ? {} : { facts: { revision } }),
  };
}

function dependencyOf(module: BuildModule, unlinkedIn: string | undefined): FoundPackage {
  const { path, version } = module.replacement ?? module;
  // A replacement by a directory has no version: what was built is not what the requirement names.
  const facts = {
    ...(unlinkedIn === undefined ? {} : { [`unlinked:${unlinkedIn}`]: "true" }),
    ...(module.replacement === undefined ? {} : { replaces: module.path }),
  };
  return {
    name: path,
    version: version === "(devel)" ? "" : version,
    key: module.path,
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** Packages belong to the module with the longest path that begins theirs. */
function linkedModules(info: BuildInfo, linked: ReadonlySet<string>): ReadonlySet<string> {
  const modules = new Set(info.dependencies.map(({ path }) => path));
  const found = new Set<string>();
  for (const path of linked) {
    const unvendored = path.slice(path.lastIndexOf("/vendor/") + 1).replace(/^vendor\//, "");
    for (let prefix = unvendored; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/"))))
      if (modules.has(prefix)) {
        found.add(prefix);
        break;
      }
  }
  return found;
}

/** `go1.22.1 X:boringcrypto` is version 1.22.1; development builds have none. */
function standardLibrary(goVersion: string): FoundPackage | undefined {
  const [, version] = /^go(\d+(?:\.\d+)*(?:(?:rc|beta)\d+)?)/.exec(goVersion) ?? [];
  if (version === undefined) return undefined;
  return { name: "stdlib", version, ...(goVersion === `go${version}` ? {} : { facts: { toolchain: goVersion } }) };
}
