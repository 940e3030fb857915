import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { ScanError, optionIs } from "@plimsoll/model";
import type { Diagnostic, OptionChecks } from "@plimsoll/model";
import { findKeptDatabase, keepDatabase } from "../kept-databases.ts";
import type { KeepOptions, KeptDatabase } from "../kept-databases.ts";
import { expectNoted, noteSigners } from "../database-keys.ts";
import { artifactScheme, findArtifact, findArtifactChecks } from "./registry-artifact.ts";
import type { FindArtifactOptions } from "./registry-artifact.ts";

/** Options of {@link keepArtifact}. */
export interface KeepArtifactOptions extends KeepOptions, FindArtifactOptions {
  /** Use only a database that was fetched before, without network access. */
  readonly offline?: boolean | undefined;
}

/** The checks of {@link KeepArtifactOptions}. */
export const keepArtifactChecks: OptionChecks<KeepArtifactOptions> = {
  ...findArtifactChecks,
  cacheDir: optionIs.text,
  offline: optionIs.flag,
};

/** A database from a registry, stored on this machine. */
export interface KeptArtifact extends KeptDatabase {
  /** Set when the registry could not be reached and an older database is used. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Fetches the database that a location (`oci://…`) refers to now, unless the same one was fetched before. When the registry cannot be reached, the
 * last fetched one is used, with a diagnostic. Where keys are given, one of them must have signed the database, even if it was fetched before.
 * @param prepare converts the downloaded file, within its folder, to the form that is opened.
 * @throws ScanError `store-missing` when it was never fetched and `offline` is set; errors of the registry when it was never fetched.
 */
export async function keepArtifact(
  location: string,
  options: KeepArtifactOptions,
  prepare: (downloaded: string, folder: string) => Promise<void>,
): Promise<KeptArtifact> {
  const reference = location.slice(artifactScheme.length);
  if (options.offline === true) return { ...(await lastKept(location, options)), diagnostics: [] };
  try {
    const artifact = await findArtifact(reference, options);
    const kept = await keepDatabase(location, artifact.digest, options, async (folder) => {
      const downloaded = await artifact.fetch(folder);
      await prepare(downloaded, folder);
      await rm(downloaded, { force: true });
    });
    const { signers } = artifact;
    if (signers.length > 0) await noteSigners(noteIn(kept.folder), { version: basename(kept.folder), signers });
    return { ...kept, diagnostics: [] };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof ScanError) || !passing.has(error.failure.kind)) throw error;
    const kept = await lastKept(location, options).catch((other: unknown) => {
      throw other instanceof ScanError && other.failure.kind === "unverified" ? other : error;
    });
    return { ...kept, diagnostics: [stale(location, error)] };
  }
}

/** Another day they may be gone. Damage is not, and another content than its digest says is no trifle. */
const passing: ReadonlySet<string> = new Set(["network", "truncated"]);

async function lastKept(location: string, options: KeepArtifactOptions): Promise<KeptDatabase> {
  const folder = await findKeptDatabase(location, options);
  if (folder !== undefined) {
    if (options.keys !== undefined) await expectNoted(noteIn(folder), basename(folder), location, options.keys);
    return { folder, release: async () => undefined };
  }
  const reason = "it was never fetched, and --offline forbids fetching it";
  throw new ScanError({ kind: "store-missing", label: location, reason });
}

/** Where the note about who signed a kept database lies. */
function noteIn(folder: string): string {
  return join(folder, "signed");
}

function stale(location: string, error: Error): Diagnostic {
  return {
    kind: "diagnostic",
    code: "stale-advisories",
    effect: "incomplete",
    message: `${location} could not be brought up to date, what was fetched last is used: ${error.message}`,
  };
}
