import { executableMagics, findInRanges, FormatError, readExecutables } from "@plimsoll/formats";
import type { ByteRanges, Executable } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { buildInfoMark, readBuildInfo } from "./build-info.ts";
import type { BuildInfo, BuildModule } from "./build-info.ts";
import { linkageOf } from "./linkage.ts";
import { readLinkedPackages } from "./linked-packages.ts";
import { mainVersion } from "./main-version.ts";

/**
 * The modules that a Go program was built from, with which of their packages are linked into it (see `linkage.ts`): the list of modules
 * has everything that was available, the linker keeps what is used.
 */
export const goBinary: FileAnalyzer = {
  kind: "file",
  id: "golang/binary",
  revision: 3,
  matches: executableMagics.map((magic) => ({ magic, executable: true, marks: [buildInfoMark] })),
  async *analyze(file) {
    yield* observePrograms(file, await file.ranges());
  },
};

function* observePrograms(file: AnalyzedFile, content: ByteRanges): Generator<Observation> {
  let programs: readonly Executable[];
  try {
    programs = readExecutables(content);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // What is no program runs nowhere; one with the mark of Go may run although its tables of sections are damaged.
    if (findInRanges(content, buildInfoMark) >= 0) yield malformedFile(file, error.message);
    return;
  }
  for (const program of programs) {
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

/** The packages behind build information; `linked` holds the import paths with code in the program, where that is known. */
export function packagesOf(info: BuildInfo, linked?: ReadonlySet<string>, path = ""): readonly FoundPackage[] {
  const standard = standardLibrary(info.goVersion);
  const linkage = linkageOf(info, linked, path);
  const dependencies = info.dependencies.map((module) => dependencyOf(module, linkage(module.path)));
  const keys = [...(standard === undefined ? [] : ["stdlib"]), ...info.dependencies.map(({ path }) => path)];
  const main = info.main === undefined ? [] : [mainModule(info, info.main, keys)];
  return [
    ...main,
    ...(standard === undefined ? [] : [{ ...standard, ...factsOf({ ...standard.facts, ...linkage("") }) }]),
    ...dependencies,
  ];
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

function dependencyOf(module: BuildModule, linkage: Readonly<Record<string, string>>): FoundPackage {
  const { path, version } = module.replacement ?? module;
  return {
    name: path,
    // A replacement by a directory has no version: what was built is not what the requirement names.
    version: version === "(devel)" ? "" : version,
    ...(module.replacement !== undefined && /^\.{0,2}\//.test(path) ? { origin: "path" } : {}),
    key: module.path,
    ...factsOf({ ...linkage, ...(module.replacement === undefined ? {} : { replaces: module.path }) }),
  };
}

function factsOf(facts: Readonly<Record<string, string>>): Pick<FoundPackage, "facts"> {
  return Object.keys(facts).length === 0 ? {} : { facts };
}

/** `go1.22.1 X:boringcrypto` is version 1.22.1; development builds have none. */
function standardLibrary(goVersion: string): FoundPackage | undefined {
  const [, version] = /^go(\d+(?:\.\d+)*(?:(?:rc|beta)\d+)?)/.exec(goVersion) ?? [];
  if (version === undefined) return undefined;
  return { name: "stdlib", version, ...(goVersion === `go${version}` ? {} : { facts: { toolchain: goVersion } }) };
}
