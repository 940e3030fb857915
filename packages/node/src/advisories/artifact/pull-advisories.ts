import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PublicKey } from "@plimsoll/attestations";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import { importAdvisories } from "../import-advisories.ts";
import { openAdvisories, versionOf } from "../open-advisories.ts";
import { changesPath, defaultStorePath } from "../store-path.ts";
import { digestOfFile, expectNoted, notedSigners, noteSigners, signaturePath } from "../database-keys.ts";
import type { SignatureNote } from "../database-keys.ts";
import { artifactScheme, findArtifact, storeMediaType, findArtifactChecks } from "./registry-artifact.ts";
import type { FindArtifactOptions } from "./registry-artifact.ts";

export interface PullAdvisoriesOptions extends FindArtifactOptions {
  /** Default: the default store. */
  readonly output?: string | undefined;
}

/**
 * Downloads a store from a registry and puts it in place, if it differs from the present one. Where keys are given, the signer is recorded, so that
 * scans which require a signature can use the store.
 * @param reference without `oci://`.
 * @returns whether the store was replaced.
 * @throws ScanError `image-not-found`, `unauthorized`, `network`, `digest-mismatch`, `unverified`, or `store-unreadable` when it is no Plimsoll
 * store or damaged; the present store then stays.
 */
export async function pullAdvisories(reference: string, options: PullAdvisoriesOptions = {}): Promise<boolean> {
  checkOptions("pullAdvisories", options, { ...findArtifactChecks, output: optionIs.text });
  const output = options.output ?? defaultStorePath();
  const artifact = await findArtifact(reference, options);
  if (artifact.mediaType !== storeMediaType) {
    const reason = `it is a database of another kind (${artifact.mediaType ?? "without media type"}); scan with --db ${artifactScheme}${reference}`;
    throw new ScanError({ kind: "store-unreadable", label: artifact.label, reason });
  }
  const { signers } = artifact;
  if (artifact.revision !== undefined && artifact.revision === (await revisionOf(output))) {
    if (options.keys === undefined || (await isNoted(output, options.keys))) {
      // An increment over this store would have given it another revision: what lies there is one of another store.
      await rm(changesPath(output), { force: true });
      return false;
    }
  }
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-pull-"));
  try {
    const downloaded = await artifact.fetch(folder);
    const digest = signers.length > 0 ? await digestOfFile(downloaded) : undefined;
    // Before the store is replaced: whoever opens it meanwhile finds a note of the one and the other.
    if (digest !== undefined) await noteBefore(output, { version: "", digest, signers });
    await importAdvisories(downloaded, { output, signal: options.signal });
    if (digest === undefined) return true;
    const version = versionOf(output);
    // Another process may have put another one there meanwhile.
    if ((await digestOfFile(output)) === digest) await noteSigners(signaturePath(output), { version, digest, signers });
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Notes the signers of a store that will be in place soon, beside those of the present one. */
async function noteBefore(output: string, coming: SignatureNote): Promise<void> {
  const note = signaturePath(output);
  const former = existsSync(output) ? await notedSigners(note, output, versionOf(output)) : undefined;
  await noteSigners(note, coming, former);
}

async function isNoted(store: string, keys: readonly PublicKey[]): Promise<boolean> {
  return expectNoted(signaturePath(store), versionOf(store), store, keys, store).then(
    () => true,
    () => false,
  );
}

async function revisionOf(path: string): Promise<string | undefined> {
  try {
    const store = await openAdvisories(path);
    await store.close?.();
    return store.revision;
  } catch {
    return undefined;
  }
}
