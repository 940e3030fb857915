import { FormatError, rangesOf } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import type { AnalyzedFile, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { PathBudget } from "../shared/reading/path-budget.ts";
import { readPackageFacts, readPackageFiles, readPackageHeader } from "./package-header.ts";
import type { PackageFacts, PackageHeader } from "./package-header.ts";
import { parseSourceRpm } from "./source-rpm.ts";

/** Yields header blobs and calls `onProblem` for damage; throws FormatError when the file is no such database. */
export type ReadBlobs<Content extends Uint8Array | ByteRanges = Uint8Array> = (
  file: Content,
  onProblem: (problem: FormatError) => void,
) => Iterable<Uint8Array>;

/**
 * The packages of a database with the files they own, then what could not be read. The database is read twice: which package provides
 * the files that others require is known when all have been read, and the paths of all files together take several times its memory.
 */
export function* observePackages<Content extends Uint8Array | ByteRanges>(
  file: AnalyzedFile,
  content: Content,
  readBlobs: ReadBlobs<Content>,
): Generator<Observation> {
  const problems: FormatError[] = [];
  const budget = new PathBudget(rangesOf(content).size);
  const known = new Map(eachPackage(content, readBlobs, problems, readPackageFacts));
  const providers = new Providers([...known.values()]);
  let at = 0;
  for (const blob of withoutProblems(content, readBlobs)) {
    const facts = known.get(at++);
    if (facts === undefined) continue;
    const files = readPackageFiles(blob, budget);
    providers.add(facts, files);
    yield* ownershipOf(facts, files);
  }
  for (const facts of known.values()) yield { kind: "package", package: toPackage(facts, providers.keys) };
  yield* budget.report(file);
  for (const problem of problems) yield malformedFile(file, problem.message);
}

/** The headers of all packages that can be read, without entries for signing keys. */
export function readHeaders<Content extends Uint8Array | ByteRanges>(
  file: Content,
  readBlobs: ReadBlobs<Content>,
  problems: FormatError[],
): readonly PackageHeader[] {
  const budget = new PathBudget(rangesOf(file).size);
  const read = (blob: Uint8Array): PackageHeader => readPackageHeader(blob, budget);
  return [...eachPackage(file, readBlobs, problems, read)].map(([, header]) => header);
}

/** What is read of each package, with its number among the blobs. */
function* eachPackage<Content extends Uint8Array | ByteRanges, Facts extends PackageFacts>(
  file: Content,
  readBlobs: ReadBlobs<Content>,
  problems: FormatError[],
  read: (blob: Uint8Array) => Facts,
): Generator<readonly [number, Facts]> {
  let at = 0;
  try {
    for (const blob of readBlobs(file, (problem) => problems.push(problem))) {
      const facts = packageIn(blob, read, problems);
      if (facts !== undefined) yield [at, facts];
      at++;
    }
  } catch (error) {
    take(error, problems);
  }
}

function packageIn<Facts extends PackageFacts>(
  blob: Uint8Array,
  read: (blob: Uint8Array) => Facts,
  problems: FormatError[],
): Facts | undefined {
  try {
    const facts = read(blob);
    // Imported keys are kept in the database like packages.
    if (facts.name === "gpg-pubkey") return undefined;
    if (facts.name === "" || facts.version === "")
      throw new FormatError("rpm-header", "malformed", `a package has no ${facts.name === "" ? "name" : "version"}`);
    return facts;
  } catch (error) {
    take(error, problems);
    return undefined;
  }
}

/** The blobs once more, when what is wrong with them has been told. */
function* withoutProblems<Content extends Uint8Array | ByteRanges>(
  file: Content,
  readBlobs: ReadBlobs<Content>,
): Generator<Uint8Array> {
  try {
    yield* readBlobs(file, () => {});
  } catch (error) {
    take(error, []);
  }
}

function take(error: unknown, problems: FormatError[]): void {
  if (!(error instanceof FormatError)) throw error;
  problems.push(error);
}

/** The packages with the files they own. `at`: where, when it is not the analyzed file. */
export function* describe(headers: readonly PackageHeader[], at: string): Generator<Observation> {
  const providers = new Providers(headers);
  for (const header of headers) providers.add(header, header.files);
  for (const header of headers) {
    yield { kind: "package", package: toPackage(header, providers.keys), at };
    yield* ownershipOf(header, header.files);
  }
}

function* ownershipOf(facts: PackageFacts, files: readonly string[]): Generator<Observation> {
  if (files.length > 0) yield { kind: "ownership", owner: keyOf(facts), paths: files.map((path) => path.slice(1)) };
}

/** A package with its dependencies as keys of the packages that provide them. */
export function toPackage(header: PackageFacts, providers: ReadonlyMap<string, string> = new Map()): FoundPackage {
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

function evr({ epoch, version, release }: PackageFacts): string {
  return withEpoch(epoch, release === "" ? version : `${version}-${release}`);
}

/** An epoch of 0 is the same as none, and is not written. */
function withEpoch(epoch: number | undefined, version: string): string {
  return epoch === undefined || epoch === 0 ? version : `${epoch}:${version}`;
}

/** Several versions and architectures of a package may be installed at once. */
function keyOf(header: PackageFacts): string {
  return `${header.name}-${evr(header)}.${header.architecture ?? "noarch"}`;
}

/** Keys of the packages that provide a name, or a file that another package requires by its path: of several the first. */
class Providers {
  readonly keys = new Map<string, string>();
  readonly #wantedFiles: ReadonlySet<string>;

  constructor(packages: readonly PackageFacts[]) {
    this.#wantedFiles = new Set(packages.flatMap(({ requires }) => requires.filter((name) => name.startsWith("/"))));
  }

  /** Takes packages in their order. */
  add(facts: PackageFacts, files: readonly string[]): void {
    const key = keyOf(facts);
    for (const name of [facts.name, ...facts.provides]) if (!this.keys.has(name)) this.keys.set(name, key);
    for (const path of files) if (this.#wantedFiles.has(path) && !this.keys.has(path)) this.keys.set(path, key);
  }
}
