import { sha1 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { FormatError, openZipBytes, parseXml, rangesOf, windowsOf } from "@plimsoll/formats";
import type { ByteRanges, ZipBytes, ZipEntry } from "@plimsoll/formats";
import { ScanError, workDone } from "@plimsoll/model";
import type {
  AnalyzedFile,
  Diagnostic,
  FileEngine,
  FileAnalyzer,
  FoundPackage,
  KeptRanges,
  Observation,
  PackageObservation,
} from "@plimsoll/model";
import { archiveExtensions, isArchivePath, parseArchiveName } from "./archive-name.ts";
import type { ArchiveName } from "./archive-name.ts";
import type { Coordinates } from "./coordinates.ts";
import { isToken, mavenPackage } from "./coordinates.ts";
import { identify } from "./identify.ts";
import { bundleLicenses, parseManifest } from "./manifest.ts";
import { interpolate, readPom } from "./pom-document.ts";
import type { Pom } from "./pom-document.ts";
import { parseProperties } from "./properties.ts";

/**
 * Java archives and what is inside them: Maven's own metadata first, then the manifest and the file name; archives inside
 * archives to a bounded depth. The SHA-1 of each archive is kept, for it is the key of databases of published artifacts.
 */
export const jar: FileAnalyzer = {
  kind: "file",
  id: "maven/jar",
  revision: 8,
  matches: archiveExtensions.flatMap((extension) =>
    [extension, extension.toUpperCase(), extension[0]?.toUpperCase() + extension.slice(1)].map((form) => ({
      suffix: `.${form}`,
    })),
  ),
  async *analyze(file, { signal }) {
    const content = await file.ranges();
    const [first, second] = content.read(0, 2);
    // Spelled ".rar" or ".par", many files are no Java archives at all.
    if (!/\.(?:jar|war|ear|hpi|jpi|jmod)$/i.test(file.path) && !(first === 0x50 && second === 0x4b)) return;
    const budget = { bytes: Math.max(minBudget, content.size * file.limits.maxExpansionRatio) };
    yield* readArchive({ file, content, at: "", path: file.path, depth: 0, budget, signal });
  },
};

/** Uncompressed bytes that all archives of one file may yield together, at least. */
const minBudget = 256 * 1024 * 1024;

/** Manifests and POMs are small; a larger one is not read. */
const maxMetadataBytes = 4 * 1024 * 1024;

/** Read at once. */
const smallBytes = 1024 * 1024;

interface Archive {
  readonly file: AnalyzedFile;
  readonly content: ByteRanges;
  /** Path inside the file, with `!/` before each step; empty for the file itself. */
  readonly at: string;
  readonly path: string;
  readonly depth: number;
  /** Shared by all archives of the file. */
  readonly budget: { bytes: number };
  readonly signal: AbortSignal | undefined;
}

async function* readArchive(archive: Archive): AsyncGenerator<Observation> {
  archive.signal?.throwIfAborted();
  const name = parseArchiveName(archive.path);
  // They hold no classes that could be run.
  if (name.classifier !== undefined && /^(?:sources|javadocs?|test-sources)$/.test(name.classifier)) return;
  const problems: Diagnostic[] = [];
  const opened = open(archive, problems);
  if (opened === undefined) return yield* problems;
  const { zip, hasClasses } = opened;
  const entries = classify(zip.entries, hasClasses);
  const text = async (entry: ZipEntry): Promise<string | undefined> => {
    if (entry.size > Math.min(maxMetadataBytes, archive.file.limits.maxEntryBytes))
      return void problems.push(tooLarge(archive, entry.path));
    const content = await spend(archive, entry, problems, () => zip.read(entry));
    return content === undefined ? undefined : new TextDecoder().decode(content);
  };

  const stated = await statedCoordinates(entries, text);
  const manifest = parseManifest((entries.manifest === undefined ? undefined : await text(entries.manifest)) ?? "");
  const own =
    stated.find((each) => isNamedAs(each, name)) ??
    (stated.length === 1 && !contradicts(stated[0], name, manifest) ? stated[0] : undefined);
  const guess = own === undefined ? identify(name, manifest) : undefined;
  const self = own ?? guess;
  const isRepeated =
    guess !== undefined && stated.some((each) => each.artifact === guess.artifact && each.version === guess.version);
  // Once: thousands of POMs may lie in one archive, and each stands for the whole of it.
  let hashed: Promise<string> | undefined;
  const hash = (): Promise<string> => (hashed ??= sha1Of(archive.content, archive.file.engine));
  if (self !== undefined && !isRepeated) {
    yield observe(archive, "", {
      ...mavenPackage(self, licensesOf(own?.licenses, manifest)),
      hashes: { sha1: await hash() },
      ...factsOf(archive.path, guess?.groupKnown === false),
    });
  }
  for (const each of stated) {
    if (each === own) continue;
    const shaded = mavenPackage(each, licensesOf(each.licenses, undefined));
    yield observe(
      archive,
      `!/${each.directory}`,
      own === undefined && guess === undefined ? { ...shaded, hashes: { sha1: await hash() } } : shaded,
    );
  }
  if (
    self === undefined &&
    stated.length === 0 &&
    entries.hasClasses &&
    !isOfJdk(manifest) &&
    !isMadeByQuarkus(archive.path)
  )
    problems.push(unidentified(archive));
  yield* readNested(archive, zip, entries.archives, problems);
  yield* problems;
}

async function* readNested(
  archive: Archive,
  zip: ZipBytes,
  nested: readonly ZipEntry[],
  problems: Diagnostic[],
): AsyncGenerator<Observation> {
  if (nested.length > 0 && archive.depth >= archive.file.limits.maxNesting) {
    problems.push(limited(archive, `archives inside it are nested more than ${archive.file.limits.maxNesting} deep`));
    return;
  }
  for (const entry of nested) {
    const content = await spend(archive, entry, problems, () => unpack(archive, zip, entry));
    if (content === undefined) continue;
    try {
      yield* readArchive({
        ...archive,
        content,
        at: `${archive.at}!/${entry.path}`,
        path: entry.path,
        depth: archive.depth + 1,
      });
    } finally {
      content.close?.();
    }
  }
}

/** An archive, of which those entries are listed that are looked at, and whether it has classes. */
interface OpenArchive {
  readonly zip: ZipBytes;
  readonly hasClasses: boolean;
}

function open(archive: Archive, problems: Diagnostic[]): OpenArchive | undefined {
  try {
    const { engine, nested } = archive.file;
    let hasClasses = false;
    const zip = openZipBytes(archive.content, {
      maxEntryBytes: Infinity,
      inflatePieces: engine?.inflateRaw,
      crc32: engine?.crc32,
      // Hundreds of thousands of classes may lie in one archive.
      wanted: (path) => {
        const role = roleOf(path);
        hasClasses ||= role === "class";
        return role !== undefined && role !== "class";
      },
    });
    if (nested !== undefined && zip.count > nested.entries) {
      nested.isSpent = true;
      problems.push(limited(archive, "the archives of this image have more entries than are read"));
      return undefined;
    }
    if (nested !== undefined) nested.entries -= zip.count;
    if (zip.damage !== undefined) problems.push(malformed(archive, zip.damage));
    return { zip, hasClasses };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push(malformed(archive, error.message));
    return undefined;
  }
}

/** Reads an entry, as far as what the archives may yield allows. */
async function spend<T>(
  archive: Archive,
  entry: ZipEntry,
  problems: Diagnostic[],
  read: () => T | Promise<T>,
): Promise<T | undefined> {
  const { budget, file } = archive;
  const { nested } = file;
  if (entry.size > budget.bytes) return void problems.push(tooLarge(archive, entry.path));
  // What is stored costs nothing to read.
  const inflated = entry.method === 0 ? 0 : entry.size;
  if (nested !== undefined && inflated > nested.bytes) {
    nested.isSpent = true;
    const detail = `${entry.path} was not read: the archives of this image expand to more than the limit`;
    return void problems.push(limited(archive, detail));
  }
  budget.bytes -= inflated;
  if (nested !== undefined) nested.bytes -= inflated;
  try {
    return await read();
  } catch (error) {
    if (error instanceof FormatError) return void problems.push(malformed(archive, error.message));
    if (!(error instanceof ScanError) || error.failure.kind !== "limit-exceeded") throw error;
    budget.bytes += inflated;
    if (nested !== undefined) nested.bytes += inflated;
    return void problems.push(tooLarge(archive, entry.path));
  }
}

/** The bytes of an archive inside of an archive, which are verified; only few of them are in memory where there is space elsewhere. */
async function unpack(archive: Archive, zip: ZipBytes, entry: ZipEntry): Promise<ByteRanges & Partial<KeptRanges>> {
  const { file, signal } = archive;
  const limit = file.limits.maxEntryBytes;
  if (entry.size <= Math.min(smallBytes, limit)) return rangesOf(zip.read(entry));
  // What is stored lies in the archive, and is read by parts.
  const stored = zip.stored(entry);
  if (stored !== undefined) {
    for (const piece of untilAborted(zip.pieces(entry), signal)) await workDone(piece.length);
    return stored;
  }
  if (file.putAside !== undefined)
    return file.putAside(entry.path, entry.size, untilAborted(zip.pieces(entry), signal));
  if (entry.size > limit) throw new ScanError({ kind: "limit-exceeded", what: entry.path, limit });
  return rangesOf(zip.read(entry));
}

function* untilAborted(pieces: Iterable<Uint8Array>, signal: AbortSignal | undefined): Generator<Uint8Array> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
}

interface ArchiveEntries {
  readonly manifest: ZipEntry | undefined;
  /** Directory to `pom.properties` and `pom.xml` in it. */
  readonly metadata: ReadonlyMap<string, { properties?: ZipEntry; pom?: ZipEntry }>;
  readonly archives: readonly ZipEntry[];
  /** Classes that somebody may have published; those of an application lie below directories of their own. */
  readonly hasClasses: boolean;
}

type Role = "archive" | "class" | "manifest" | "pom" | "properties";

/** What an entry is to those who look for packages. */
function roleOf(path: string): Role | undefined {
  if (path.endsWith("/")) return undefined;
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base === "pom.properties") return "properties";
  if (base === "pom.xml" && path.startsWith("META-INF/maven/")) return "pom";
  if (/^META-INF\/MANIFEST\.MF$/i.test(path)) return "manifest";
  if (isArchivePath(base)) return "archive";
  if (base.endsWith(".class") && !/^(?:BOOT-INF|WEB-INF|META-INF|classes)\//.test(path)) return "class";
  return undefined;
}

function classify(entries: readonly ZipEntry[], hasClasses: boolean): ArchiveEntries {
  let manifest: ZipEntry | undefined;
  const metadata = new Map<string, { properties?: ZipEntry; pom?: ZipEntry }>();
  const archives: ZipEntry[] = [];
  for (const entry of entries) {
    const role = roleOf(entry.path);
    if (role === "pom" || role === "properties") {
      const directory = entry.path.slice(0, entry.path.lastIndexOf("/") + 1);
      const beside = metadata.get(directory) ?? {};
      beside[role] ??= entry;
      metadata.set(directory, beside);
    } else if (role === "manifest") manifest ??= entry;
    else if (role === "archive") archives.push(entry);
  }
  // A launcher around the archives of an application is its own.
  return { manifest, metadata, archives, hasClasses: hasClasses && archives.length === 0 };
}

interface Stated extends Coordinates {
  readonly directory: string;
  readonly licenses: readonly string[];
}

/** What Maven wrote into the archive: one directory with `pom.properties` and `pom.xml` per artifact that went into it. */
async function statedCoordinates(
  entries: ArchiveEntries,
  text: (entry: ZipEntry) => Promise<string | undefined>,
): Promise<readonly Stated[]> {
  const found = new Map<string, Stated>();
  for (const [directory, { properties, pom }] of entries.metadata) {
    const written = properties === undefined ? undefined : parseProperties((await text(properties)) ?? "");
    const project = pom === undefined ? undefined : parsePom((await text(pom)) ?? "");
    const [, group = "", artifact = ""] = /^META-INF\/maven\/([^/]+)\/([^/]+)\/$/.exec(directory) ?? [];
    const coordinates = {
      group: [written?.get("groupId"), project?.group, group].find(isToken),
      artifact: [written?.get("artifactId"), project?.artifact, artifact].find(isToken),
      version: [written?.get("version"), project?.version].find(isToken),
    };
    if (!isToken(coordinates.group) || !isToken(coordinates.artifact) || !isToken(coordinates.version)) continue;
    const key = `${coordinates.group}:${coordinates.artifact}:${coordinates.version}`;
    if (!found.has(key)) {
      found.set(key, {
        group: coordinates.group,
        artifact: coordinates.artifact,
        version: coordinates.version,
        directory,
        licenses: project?.licenses ?? [],
      });
    }
  }
  return [...found.values()];
}

/** Coordinates of an embedded POM: its parent is not here, but its parent's coordinates are written in it. */
function parsePom(text: string): (Partial<Coordinates> & Pick<Pom, "licenses">) | undefined {
  let pom: Pom;
  try {
    pom = readPom(parseXml(text).root);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  const values = new Map([
    ...pom.properties,
    ["project.parent.version", pom.parent?.version ?? ""],
    ["project.parent.groupId", pom.parent?.group ?? ""],
    ["project.version", pom.version ?? pom.parent?.version ?? ""],
    ["project.groupId", pom.group ?? pom.parent?.group ?? ""],
  ]);
  const resolve = (value: string | undefined): string | undefined =>
    value === undefined
      ? undefined
      : interpolate(value, (name) => values.get(name) || values.get(name.replace(/^pom\./, "project.")) || undefined);
  const coordinates = {
    group: resolve(pom.group ?? pom.parent?.group),
    artifact: resolve(pom.artifact),
    version: resolve(pom.version ?? pom.parent?.version),
  };
  return {
    ...(coordinates.group === undefined ? {} : { group: coordinates.group }),
    ...(coordinates.artifact === undefined ? {} : { artifact: coordinates.artifact }),
    ...(coordinates.version === undefined ? {} : { version: coordinates.version }),
    licenses: pom.licenses,
  };
}

/** Whether these coordinates are those of an archive of this name: `guava` for guava-31.1-jre.jar and `org.x.gizmo-1.1.jar`. */
function isNamedAs(coordinates: Coordinates, name: ArchiveName): boolean {
  const { artifact, version, group } = coordinates;
  if (name.artifact === artifact || name.artifact === `${group}.${artifact}`) {
    return name.version === undefined || name.version === version || name.version.startsWith(version);
  }
  const stem = name.version === undefined ? name.artifact : `${name.artifact}-${name.version}`;
  return stem === artifact || stem === `${artifact}-${version}` || stem.startsWith(`${artifact}-${version}-`);
}

/**
 * A library's only metadata may be that of the one library shaded into it: then name and version of the file differ from it, or
 * those of the manifest where the file's name has no version.
 */
function contradicts(
  stated: Coordinates | undefined,
  name: ArchiveName,
  manifest: ReadonlyMap<string, string>,
): boolean {
  if (stated === undefined || isRelated(name.artifact, stated.artifact)) return false;
  if (name.version !== undefined) return name.version !== stated.version;
  const guess = identify(name, manifest);
  return guess !== undefined && !isRelated(guess.artifact, stated.artifact) && guess.version !== stated.version;
}

function isRelated(one: string, other: string): boolean {
  return one.includes(other) || other.includes(one);
}

function observe(archive: Archive, inside: string, found: FoundPackage): PackageObservation {
  const at = archive.at + inside.replace(/\/$/, "");
  return { kind: "package", package: found, ...(at === "" ? {} : { at }) };
}

function licensesOf(
  licenses: readonly string[] | undefined,
  manifest: ReadonlyMap<string, string> | undefined,
): Pick<FoundPackage, "licenses"> {
  const stated = [
    ...(licenses ?? []),
    ...(licenses !== undefined && licenses.length > 0
      ? []
      : [...(manifest ?? [])].flatMap(([key, value]) =>
          key === "bundle-license" ? bundleLicenses(value) : /^plugin-license-name(?:-\d+)?$/.test(key) ? [value] : [],
        )),
  ].filter((license) => license !== "");
  return stated.length === 0 ? {} : { licenses: stated };
}

function factsOf(path: string, groupIsGuessed: boolean): Pick<FoundPackage, "confidence" | "facts"> {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  // A plugin that Jenkins has installed is called so; what it was packaged as is `hpi`.
  const type = ending === "jpi" ? "hpi" : ending;
  return {
    ...(groupIsGuessed ? { confidence: "approximate" } : {}),
    ...(type === "jar" ? {} : { facts: { type } }),
  };
}

/** In JavaScript, hashing takes about this many times as long as reading. */
const timesToHash = 4;

/** Web Crypto hashes several times as fast, and only what is in memory as a whole, which it copies. */
const mostAtOnce = 32 * 1024 * 1024;

async function sha1Of(content: ByteRanges, engine: FileEngine | undefined): Promise<string> {
  if (engine !== undefined) {
    const hash = engine.sha1();
    for (const bytes of windowsOf(content)) {
      hash.update(bytes);
      await workDone(bytes.length);
    }
    return hash.digest();
  }
  if (content.size <= mostAtOnce) {
    const bytes = content.read(0, content.size);
    return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-1", bytes as Uint8Array<ArrayBuffer>))); // as: files are never in shared memory
  }
  const hash = sha1.create();
  for (const bytes of windowsOf(content)) {
    hash.update(bytes);
    await workDone(bytes.length * timesToHash);
  }
  return bytesToHex(hash.digest());
}

/** What comes with a JDK is the JDK's, which says its version itself. */
function isOfJdk(manifest: ReadonlyMap<string, string>): boolean {
  return /^Java (?:Runtime Environment|Platform)/.test(manifest.get("implementation-title") ?? "");
}

/** What Quarkus makes of the classes of an application and its libraries is in no repository. */
function isMadeByQuarkus(path: string): boolean {
  return /(?:^|\/)quarkus\/(?:generated|transformed)-bytecode\.jar$/.test(path);
}

function unidentified(archive: Archive): Diagnostic {
  return { ...malformed(archive, "has nothing that says which artifact and version it is"), code: "unknown-version" };
}

function malformed(archive: Archive, detail: string): Diagnostic {
  const path = archive.file.path + archive.at;
  return {
    kind: "diagnostic",
    code: "malformed-file",
    effect: "incomplete",
    message: `${path}: ${detail}`,
    location: { path },
  };
}

function limited(archive: Archive, detail: string): Diagnostic {
  return { ...malformed(archive, detail), code: "limit-exceeded" };
}

function tooLarge(archive: Archive, entry: string): Diagnostic {
  return limited(archive, `${entry} is too large to be read`);
}
