import { connectionChecks } from "../registry/connection-checks.ts";
import { existsSync, readFileSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isSqlite, openIncrement, openStore, storeChecks } from "@plimsoll/advisories";
import type { OpenStoreOptions, SourceCounts, StoreFile } from "@plimsoll/advisories";
import { FormatError, sniffCompression } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { AdvisoryStore, Diagnostic, SourceInfo, OptionChecks } from "@plimsoll/model";
import type { PublicKey } from "@plimsoll/attestations";
import { errorCode, errorMessage } from "../system-errors.ts";
import type { KeepArtifactOptions } from "./artifact/open-artifact.ts";
import { artifactScheme } from "./artifact/registry-artifact.ts";
import { databaseFiles, metadataFile, readUpdatedAt, unpackDatabases } from "./database-archive.ts";
import { databaseKeyChecks, expectNoted, refuseUnsigned, signaturePath } from "./database-keys.ts";
import { openFileBytes } from "./file-bytes.ts";
import type { FileBytes } from "./file-bytes.ts";
import { staleRecords, freshnessChecks } from "./freshness.ts";
import type { FreshnessOptions } from "./freshness.ts";
import { keepDatabase } from "./kept-databases.ts";
import type { KeptDatabase } from "./kept-databases.ts";
import { platformEngine } from "./platform-engine.ts";
import { replaceFile } from "./replace-file.ts";
import { openScratchFile } from "./scratch-file.ts";
import { changesPath, defaultStorePath } from "./store-path.ts";

/** An open database; members that only Plimsoll's own stores have are absent for others. */
export interface OpenedAdvisories
  extends AdvisoryStore, Partial<Pick<StoreFile, "namespaces" | "counts" | "size" | "verify">> {
  readonly sources: readonly (SourceInfo & Partial<SourceCounts>)[];
}

/** Options of {@link openAdvisories}. */
export interface OpenAdvisoriesOptions extends OpenStoreOptions, KeepArtifactOptions, FreshnessOptions {}

const openChecks: OptionChecks<OpenAdvisoriesOptions> = {
  ...storeChecks,
  ...freshnessChecks,
  ...databaseKeyChecks,
  cacheDir: optionIs.text,
  offline: optionIs.flag,
  registry: optionIs.shape(connectionChecks),
  onBytes: optionIs.call,
};

/**
 * Opens a database for look-ups. `location` is one of
 * - a file, whatever its name: a store; Trivy's database as `trivy.db` or `db.tar.gz`; Grype's as `vulnerability.db` or in
 *   its archive, which is converted once. The file may be replaced while it is open; the open database keeps using the old one.
 * - `oci://…`: any of these as an artifact in a registry, fetched when it changed;
 * - `https://…`: a service with the API of osv.dev, queried for each look-up. It learns every package name and version.
 * @throws ScanError `store-missing` when there is no such file, `store-unreadable` when it is none of these, `unverified` when none of the
 * keys that are given signed it, and errors of the registry.
 */
export async function openAdvisories(location: string, options: OpenAdvisoriesOptions = {}): Promise<OpenedAdvisories> {
  checkOptions("openAdvisories", options, openChecks);
  if (location.startsWith(artifactScheme)) return openArtifact(location, options);
  const { keys } = options;
  if (keys !== undefined) refuseUnsigned(location, defaultStorePath(options.cacheDir));
  if (/^https?:\/\//.test(location)) return openOnline(location, options);
  return keys === undefined ? openDatabaseFile(location, options) : openSigned(location, keys, options);
}

/** Opens the default database, of which one of the keys signed every byte. */
async function openSigned(
  path: string,
  keys: readonly PublicKey[],
  options: OpenAdvisoriesOptions,
): Promise<OpenedAdvisories> {
  for (let attempt = 1; ; attempt++) {
    const version = versionIfThere(path);
    if (version !== "") await expectSigned(path, version, keys);
    const opened = await openDatabaseFile(path, options);
    if (versionIfThere(path) === version) return opened;
    await opened.close?.();
    if (attempt === maxAttempts) throw changedSince(path);
  }
}

async function expectSigned(path: string, version: string, keys: readonly PublicKey[]): Promise<void> {
  try {
    await expectNoted(signaturePath(path), version, path, keys, path);
  } catch (error) {
    throw error instanceof ScanError ? error : cannotOpen(path, pullHint, error);
  }
}

/** The error for a signed store that was changed after it was built: nobody signed the changes. */
function changedSince(path: string, cause?: unknown): ScanError {
  const reason = "it was changed after it was fetched as signed";
  return new ScanError({ kind: "unverified", label: path, reason }, { cause });
}

async function openArtifact(location: string, options: OpenAdvisoriesOptions): Promise<OpenedAdvisories> {
  // What only other kinds of databases need is loaded when one of them is opened.
  const { keepArtifact } = await import("./artifact/open-artifact.ts");
  const kept = await keepArtifact(location, options, async (downloaded, folder) => {
    const bytes = openFileBytes(downloaded);
    try {
      await prepare(bytes, downloaded, folder, location, options);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ScanError({ kind: "store-unreadable", label: location, reason: error.message }, { cause: error });
    } finally {
      await bytes.close();
    }
  });
  return openKept(kept, location, { ...options, diagnostics: kept.diagnostics });
}

/** Prepares a database for look-ups: puts its files into the folder, unpacked and converted where needed. */
async function prepare(
  bytes: FileBytes,
  path: string,
  folder: string,
  label: string,
  options: OpenAdvisoriesOptions,
): Promise<void> {
  const head = bytes.readSync(0, headBytes);
  if (isBolt(head)) return rename(path, join(folder, databaseFiles.trivy));
  if (isSqlite(head)) return convert(bytes, folder, label, options);
  if (isArchive(head)) return unpackForLookUps(bytes, folder, label, options);
  const store = await openStore(bytes, { ...platformEngine, label, signal: options.signal });
  await store.verify({ signal: options.signal });
  return rename(path, join(folder, databaseFiles.store));
}

async function openOnline(url: string, options: OpenAdvisoriesOptions): Promise<OpenedAdvisories> {
  if (options.offline === true)
    throw new ScanError({ kind: "store-missing", label: url, reason: "asking it is forbidden by --offline" });
  const { ca, insecure } = options.registry ?? {};
  const { osvOnline } = await import("./other-databases.ts");
  const { systemFetch } = await import("../network/system-fetch.ts");
  return osvOnline({ url, fetch: options.registry?.fetch ?? systemFetch({ ca, insecure }) });
}

async function openDatabaseFile(path: string, options: OpenAdvisoriesOptions): Promise<OpenedAdvisories> {
  const label = options.label ?? path;
  for (let attempt = 1; ; attempt++) {
    // Taken before the file is opened: what is kept under it is never older than it says.
    const version = versionIfThere(path);
    const usualHint = options.keys === undefined ? fetchHint : pullHint;
    const bytes = openFile(path, path === defaultStorePath(options.cacheDir) ? usualHint : buildHint);
    try {
      const opened = await openByContent(bytes, path, version, { ...options, label });
      // Store and increment belong together: when an update replaced the one before the other was looked at, once more.
      const now = versionIfThere(path);
      if (attempt === maxAttempts || now === "" || now === version) return opened;
      await opened.close?.();
    } catch (error) {
      await bytes.close();
      if (!(error instanceof FormatError)) throw error;
      throw new ScanError({ kind: "store-unreadable", label, reason: error.message }, { cause: error });
    }
  }
}

/** How many times a database is opened anew that was replaced while it was opened. */
const maxAttempts = 5;

const fetchHint = "; `plimsoll db update` fetches it";
const pullHint = "; `plimsoll db pull` fetches one that is signed";
const buildHint = "; `plimsoll db build --from FEEDS --output FILE` makes one";

/** @throws ScanError `store-missing` when there is no such file or it cannot be read. */
export function openFile(path: string, hint: string = buildHint): FileBytes {
  try {
    return openFileBytes(path);
  } catch (cause) {
    throw cannotOpen(path, hint, cause);
  }
}

function cannotOpen(path: string, hint: string, cause: unknown): ScanError {
  const reason = errorCode(cause) === "ENOENT" ? `there is no such file${hint}` : errorMessage(cause);
  return new ScanError({ kind: "store-missing", label: path, reason }, { cause });
}

async function openByContent(
  bytes: FileBytes,
  path: string,
  version: string,
  options: OpenAdvisoriesOptions & { readonly label: string },
): Promise<OpenedAdvisories> {
  const head = bytes.readSync(0, headBytes);
  if (isBolt(head)) {
    const metadata = join(dirname(path), metadataFile);
    const updatedAt = existsSync(metadata) ? readUpdatedAt(readFileSync(metadata, "utf8")) : undefined;
    const told = staleRecords(
      [{ id: "trivy-db", records: 0, ...(updatedAt === undefined ? {} : { updatedAt }) }],
      freshnessOf(options),
    );
    const diagnostics = [...(options.diagnostics ?? []), ...told];
    const { openTrivyStore } = await import("./other-databases.ts");
    return openTrivyStore(bytes, { label: options.label, updatedAt, diagnostics });
  }
  if (isSqlite(head)) return openConverted(bytes, path, version, options);
  if (!isArchive(head)) return openWithChanges(bytes, path, { ...platformEngine, ...options });
  const kept = await keepDatabase(resolve(path), version, options, async (folder) => {
    await unpackForLookUps(bytes, folder, path, options);
  });
  await bytes.close();
  return openKept(kept, path, options);
}

function freshnessOf({ maxAge, now }: OpenAdvisoriesOptions): FreshnessOptions {
  return { maxAge, now };
}

/** A store, and the increment over it where an update left one. */
async function openWithChanges(bytes: FileBytes, path: string, options: OpenAdvisoriesOptions): Promise<StoreFile> {
  const changes = changesPath(path);
  const { label, cacheBytes, checked, inflateRaw, crc32, signal } = options;
  const own = { label, cacheBytes, checked, inflateRaw, crc32, signal };
  const above = openIfThere(changes);
  const open = async (told: readonly Diagnostic[]): Promise<StoreFile> => {
    const diagnostics = [...(options.diagnostics ?? []), ...told];
    const base = await openStore(bytes, { ...own, diagnostics });
    if (above === undefined) return base;
    // An increment for another store is none of this one's: either was or will be replaced in a moment.
    const increment = openIncrement(base, above, { ...own, label: changes, diagnostics: [] });
    if (options.keys === undefined) return (await increment) ?? base;
    const isOfAnother = await increment.then(
      (opened) => opened === undefined,
      (error: unknown) => {
        throw changedSince(path, error);
      },
    );
    if (!isOfAnother) throw changedSince(path);
    return base;
  };
  try {
    const opened = await open([]);
    const told = staleRecords(opened.sources, freshnessOf(options));
    const store = told.length === 0 ? opened : await open(told);
    // Closing a store closes what it is made of; an increment that is not part of it is closed here.
    if (store.size === bytes.size) await above?.close();
    return store;
  } catch (error) {
    await above?.close();
    throw error;
  }
}

function openIfThere(path: string): FileBytes | undefined {
  try {
    return openFileBytes(path);
  } catch {
    return undefined;
  }
}

/** Opens the database in a folder that {@link unpackForLookUps} filled. */
export async function openKept(
  kept: KeptDatabase,
  label: string,
  options: OpenAdvisoriesOptions,
): Promise<OpenedAdvisories> {
  try {
    const store = join(kept.folder, databaseFiles.store);
    const path = existsSync(store) ? store : join(kept.folder, databaseFiles.trivy);
    return await openDatabaseFile(path, { ...options, label });
  } finally {
    await kept.release();
  }
}

/**
 * Unpacks the database of an archive, and converts it where it cannot be looked up as it is.
 * @throws ScanError `store-unreadable` when there is none in it, FormatError when it is damaged.
 */
export async function unpackForLookUps(
  archive: FileBytes,
  folder: string,
  label: string,
  options: OpenAdvisoriesOptions,
): Promise<void> {
  const found = await unpackDatabases(archive.read(0, archive.size), folder, options);
  if (found.has(databaseFiles.store) || found.has(databaseFiles.trivy)) return;
  if (found.has(databaseFiles.grype)) {
    const bytes = openFileBytes(join(folder, databaseFiles.grype));
    try {
      await convert(bytes, folder, label, options);
    } finally {
      await bytes.close();
    }
    return rm(join(folder, databaseFiles.grype), { force: true });
  }
  const reason = found.has(databaseFiles.java)
    ? "it identifies Java archives and holds no advisories"
    : `there is no ${databaseFiles.trivy}, ${databaseFiles.grype} or ${databaseFiles.store} in this archive`;
  throw new ScanError({ kind: "store-unreadable", label, reason });
}

async function openConverted(
  bytes: FileBytes,
  path: string,
  version: string,
  options: OpenAdvisoriesOptions,
): Promise<OpenedAdvisories> {
  const kept = await keepDatabase(resolve(path), version, options, (folder) => convert(bytes, folder, path, options));
  await bytes.close();
  return openKept(kept, path, options);
}

async function convert(bytes: FileBytes, folder: string, label: string, options: OpenAdvisoriesOptions): Promise<void> {
  const { convertGrypeDatabase } = await import("./other-databases.ts");
  let scratches = 0;
  await replaceFile(join(folder, databaseFiles.store), (file, temporary) =>
    convertGrypeDatabase(bytes, {
      output: { write: (chunk) => file.writeFile(chunk) },
      scratch: () => openScratchFile(`${temporary}.${scratches++}`),
      label,
      signal: options.signal,
    }),
  );
}

/** How many bytes at the beginning of a file are read to recognise its kind. */
const headBytes = 512;

/** Identifies the state of a file without reading it, by size and time. */
export function versionOf(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [conversion, dev, ino, size, mtimeNs, ctimeNs].join();
}

/** As {@link versionOf}; empty when there is no such file. */
function versionIfThere(path: string): string {
  try {
    return versionOf(path);
  } catch {
    return "";
  }
}

/** Raised when the same database gives another store: what was converted before is then converted anew. */
const conversion = 1;

/** The first page of a bbolt file: its number, zero, flags "meta", then the magic number. */
function isBolt(head: Uint8Array): boolean {
  return [0xed, 0xda, 0x0c, 0xed].every((byte, at) => head[16 + at] === byte);
}

/** Whether a file is compressed or a tar archive: the first header of a tar says so since POSIX. */
function isArchive(head: Uint8Array): boolean {
  return sniffCompression(head) !== undefined || Buffer.from(head.subarray(257, 262)).toString("latin1") === "ustar";
}
