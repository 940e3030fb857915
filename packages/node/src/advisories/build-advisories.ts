import { fetchChecks } from "./update/fetch-document.ts";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStore, feeds as everyFeed } from "@plimsoll/advisories";
import type { BuildResult } from "@plimsoll/advisories";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { AdvisoryFeed } from "@plimsoll/model";
import { feedDocuments, listFeedFiles } from "./feed-files.ts";
import { platformEngine } from "./platform-engine.ts";
import { replaceFile } from "./replace-file.ts";
import { openScratchFile } from "./scratch-file.ts";
import type { FetchDocumentOptions } from "./update/fetch-document.ts";
import { fetchMirror, isAddress } from "./update/fetch-mirror.ts";

export interface BuildAdvisoriesOptions extends Omit<FetchDocumentOptions, "check"> {
  /**
   * Directories laid out like the OSV bucket, with folders of other feeds beside, and single feed files; or addresses
   * (`https://…`) of either, which are fetched first.
   */
  readonly from: readonly string[];
  /** The store file; replaced in one step when the new one is complete. */
  readonly output: string;
  /** Default: all. */
  readonly feeds?: readonly AdvisoryFeed[] | undefined;
  /** For progress: called after each document. */
  readonly onDocument?: ((name: string, records: number) => void) | undefined;
}

/**
 * Builds a store file from feed files. Readers of an older file at the same place keep it; when anything fails, it stays.
 * @throws ScanError `malformed-document` when there is nothing to build from, `invalid-option` when `output` is there and
 * is no plain file, `network` when something cannot be fetched.
 */
export async function buildAdvisories(options: BuildAdvisoriesOptions): Promise<BuildResult> {
  checkOptions("buildAdvisories", options, {
    ...fetchChecks,
    from: optionIs.listOf(optionIs.text),
    output: optionIs.text,
    feeds: optionIs.listOf(optionIs.object),
    onDocument: optionIs.call,
  });
  const addresses = options.from.filter(isAddress);
  if (addresses.length === 0) return buildFromFiles(options);
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-fetched-"));
  try {
    const from = options.from.filter((source) => !isAddress(source));
    for (const [at, address] of addresses.entries()) {
      const part = join(folder, String(at));
      await mkdir(part);
      await fetchMirror(address, part, options);
      from.push(part);
    }
    return await buildFromFiles({ ...options, from });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildFromFiles(options: BuildAdvisoriesOptions): Promise<BuildResult> {
  const feeds = options.feeds ?? everyFeed(platformEngine);
  const files = await listFiles(options.from, feeds);
  let scratches = 0;
  return replaceFile(options.output, (file, temporary) =>
    buildStore({
      documents: feedDocuments(files),
      feeds,
      output: { write: (bytes) => file.writeFile(bytes) },
      scratch: () => openScratchFile(`${temporary}.${scratches++}`),
      signal: options.signal,
      onDocument: options.onDocument,
    }),
  );
}

async function listFiles(from: readonly string[], feeds: readonly AdvisoryFeed[]): ReturnType<typeof listFeedFiles> {
  const label = from.join(", ");
  let files: Awaited<ReturnType<typeof listFeedFiles>>;
  try {
    files = await listFeedFiles(from, feeds);
  } catch (cause) {
    throw new ScanError({ kind: "malformed-document", label, reason: reasonOf(cause) }, { cause });
  }
  if (files.length > 0) return files;
  const reason =
    "no feed reads what is there; docs/guide/database.md lists those that do, such as <Ecosystem>/all.zip of an OSV mirror";
  throw new ScanError({ kind: "malformed-document", label, reason });
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "there is no such file or directory";
  return cause instanceof Error ? cause.message : String(cause);
}
