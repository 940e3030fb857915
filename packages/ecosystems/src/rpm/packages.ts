import { FormatError, rangesOf } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import type { AnalyzedFile, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { PathBudget } from "../shared/reading/path-budget.ts";
import { readPackageHeader } from "./package-header.ts";
import type { PackageHeader } from "./package-header.ts";
import { parseSourceRpm } from "./source-rpm.ts";

/** Yields header blobs and calls `onProblem` for damage; throws FormatError when the file is no such database. */
export type ReadBlobs<Content extends Uint8Array | ByteRanges = Uint8Array> = (
  file: Content,
  onProblem: (problem: FormatError) => void,
) => Iterable<Uint8Array>;

/** The packages of a database with the files they own, then what could not be read. */
export function* observePackages<Content extends Uint8Array | ByteRanges>(
  file: AnalyzedFile,
  content: Content,
  readBlobs: ReadBlobs<Content>,
): Generator<Observation> {
  const problems: FormatError[] = [];
  const budget = new PathBudget(rangesOf(content).size);
  yield* describe(readHeaders(content, readBlobs, problems, budget));
  yield* budget.report(file);
  for (const problem of problems) yield malformedFile(file, problem.message);
}

/** The headers of all packages that can be read, without entries for signing keys. */
export function readHeaders<Content extends Uint8Array | ByteRanges>(
  file: Content,
  readBlobs: ReadBlobs<Content>,
  problems: FormatError[],
  budget: PathBudget = new PathBudget(rangesOf(file).size),
): readonly PackageHeader[] {
  const headers: PackageHeader[] = [];
  guard(problems, () => {
    for (const blob of readBlobs(file, (problem) => problems.push(problem)))
      guard(problems, () => {
        const header = readPackageHeader(blob, budget);
        // Imported keys are kept in the database like packages.
        if (header.name === "gpg-pubkey") return;
        if (header.name === "" || header.version === "")
          throw new FormatError(
            "rpm-header",
            "malformed",
            `a package has no ${header.name === "" ? "name" : "version"}`,
          );
        headers.push(header);
      });
  });
  return headers;
}

function guard(problems: FormatError[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push(error);
  }
}

/** The packages with the files they own. `at`: where, when it is not the analyzed file. */
export function* describe(headers: readonly PackageHeader[], at?: string): Generator<Observation> {
  const providers = findProviders(headers);
  for (const header of headers) {
    yield { kind: "package", package: toPackage(header, providers), ...(at === undefined ? {} : { at }) };
    if (header.files.length > 0)
      yield { kind: "ownership", owner: keyOf(header), paths: header.files.map((path) => path.slice(1)) };
  }
}

/** A package with its dependencies as keys of the packages that provide them. */
export function toPackage(header: PackageHeader, providers: ReadonlyMap<string, string> = new Map()): FoundPackage {
  const { name, architecture, license, vendor, modularityLabel, sourceRpm, md5, epoch } = header;
  const key = keyOf(header);
  const source = sourceRpm === undefined ? undefined : parseSourceRpm(sourceRpm);
  const dependsOn = [...new Set(header.requires.flatMap((name) => providers.get(name) ?? []))].filter(
    (other) => other !== key,
  );
  return {
    name,
    version: evr(header),
    key,
    // Source packages do not say their epoch; it is the binary's unless the packager went out of the way.
    ...(source === undefined ? {} : { source: { name: source.name, version: withEpoch(epoch, source.version) } }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(license === undefined ? {} : { licenses: [license] }),
    ...(vendor === undefined ? {} : { supplier: vendor }),
    ...(md5 === undefined ? {} : { hashes: { md5 } }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(modularityLabel === undefined ? {} : { module: modularityLabel }),
    ...(sourceRpm === undefined ? {} : { facts: { sourcerpm: sourceRpm } }),
  };
}

function evr({ epoch, version, release }: PackageHeader): string {
  return withEpoch(epoch, release === "" ? version : `${version}-${release}`);
}

/** An epoch of 0 is the same as none, and is not written. */
function withEpoch(epoch: number | undefined, version: string): string {
  return epoch === undefined || epoch === 0 ? version : `${epoch}:${version}`;
}

/** Several versions and architectures of a package may be installed at once. */
function keyOf(header: PackageHeader): string {
  return `${header.name}-${evr(header)}.${header.architecture ?? "noarch"}`;
}

/** Key of the package that provides a name, or a file that another package requires by its path. */
function findProviders(headers: readonly PackageHeader[]): ReadonlyMap<string, string> {
  const providers = new Map<string, string>();
  const wantedFiles = new Set(headers.flatMap(({ requires }) => requires.filter((name) => name.startsWith("/"))));
  for (const header of headers) {
    const key = keyOf(header);
    for (const name of [header.name, ...header.provides]) if (!providers.has(name)) providers.set(name, key);
    for (const path of header.files) if (wantedFiles.has(path) && !providers.has(path)) providers.set(path, key);
  }
  return providers;
}
