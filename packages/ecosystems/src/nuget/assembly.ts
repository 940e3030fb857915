import { FormatError, rangesOf, readAssembly, readPe, readVersionResource } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/** Parts of Windows itself, which is not made of packages: its updates replace them. */
const ofWindows = /^(?:Files\/)?Windows\//i;

/** Assemblies that are no .NET programs begin like these, too. */
const suffixes = [".dll", ".exe", ".DLL", ".EXE"];

/**
 * .NET assemblies by their own metadata, for those that no deps.json and no nuspec names. The name is the assembly's, which usually is
 * that of its package; docs/decisions/0185 says which version is taken. Both are guesses, so the confidence is `approximate`.
 */
export const assemblyFile: FileAnalyzer = {
  kind: "file",
  id: "nuget/assembly",
  revision: 2,
  matches: suffixes.map((suffix) => ({ suffix })),
  yieldsTo: { analyzer: "nuget/placed-assemblies" },
  async *analyze(file) {
    if (ofWindows.test(file.path)) return;
    // Programs that are not managed have these names, too, and may be of hundreds of megabytes.
    yield* observeAssembly(await file.ranges(), file);
  },
};

/** The package of a program; none for a program that is not managed. `at` is a place in the file. */
export function* observeAssembly(
  content: Uint8Array | ByteRanges,
  file: AnalyzedFile,
  at?: string,
): Generator<Observation> {
  const [first, second] = rangesOf(content).read(0, 2);
  if (first !== 0x4d || second !== 0x5a) return;
  try {
    const found = packageOf(content);
    if (found === undefined) return;
    if (found.version !== "") yield { kind: "package", package: found, ...(at === undefined ? {} : { at }) };
    else
      yield {
        ...malformedFile(file, `the assembly ${found.name.slice(0, 200)} has no version`),
        code: "unknown-version",
        effect: "none",
      };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // Programs that are not managed may be packed in ways that no reader knows; only managed ones are missed.
    yield { ...malformedFile(file, error.message), effect: error.format === "cli" ? "incomplete" : "none" };
  }
}

function packageOf(content: Uint8Array | ByteRanges): FoundPackage | undefined {
  const program = readPe(content);
  const assembly = readAssembly(program);
  // Satellites hold the translations of another assembly.
  if (assembly === undefined || assembly.culture !== undefined) return undefined;
  const resource = readVersionResource(program);
  const { name, version: assemblyVersion, references } = assembly;
  const stated = resource?.texts.get("ProductVersion");
  const supplier = resource?.texts.get("CompanyName");
  const dependsOn = [...new Set(references.map((reference) => reference.name))].filter((other) => other !== name);
  return {
    name,
    version: versionOf(stated, resource?.fileVersion, assemblyVersion),
    confidence: "approximate",
    ...(supplier === undefined || supplier === "" ? {} : { supplier }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    facts: {
      assemblyVersion,
      ...(resource === undefined ? {} : { fileVersion: resource.fileVersion }),
      ...(stated === undefined || stated === "" ? {} : { productVersion: stated.slice(0, 256) }),
    },
  };
}

/** The first of product, file and assembly version that says something, as decision 0185 orders them; empty when none does. */
function versionOf(product: string | undefined, file: string | undefined, assembly: string): string {
  // Source revisions and remarks follow the version: `13.0.3+0a2e291`, `4.6.26515.06 @BuiltBy: x`.
  const informational = /^v?(\d+\.\d+\.\d+(?:\.\d+)?(?:-[0-9A-Za-z.-]+)?)(?:$|[+\s@])/.exec(product ?? "")?.[1];
  return [informational, file, assembly].find((text) => text !== undefined && /[1-9]/.test(text)) ?? "";
}
