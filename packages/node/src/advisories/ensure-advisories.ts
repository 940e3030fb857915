import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { definedEcosystems } from "@plimsoll/advisories";
import { ScanError } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";
import { openAdvisories } from "./open-advisories.ts";
import type { OpenedAdvisories } from "./open-advisories.ts";
import { defaultStorePath } from "./store-path.ts";
import { updateAdvisories } from "./update/update-advisories.ts";
import type { UpdateAdvisoriesOptions } from "./update/update-advisories.ts";

/** Which database to use, and whether it may be fetched. */
export interface EnsureAdvisoriesOptions extends CallOptions, Pick<UpdateAdvisoriesOptions, "mirrors" | "fetch"> {
  /** Directory of the default database. Absent: the user's cache directory. */
  readonly cacheDir?: string | undefined;
  /** Use what is there, and no network. */
  readonly offline?: boolean | undefined;
  /** OSV ecosystems without release that are needed: `Alpine`, `npm`. */
  readonly ecosystems: readonly string[];
}

/**
 * Opens the default database. What is needed and was never fetched is fetched first, unless that is forbidden: a laptop
 * that scans Alpine images downloads Alpine. Keeping it fresh is the business of `updateAdvisories`.
 * @throws ScanError `store-missing` when there is neither a database nor a way to fetch one.
 */
export async function ensureAdvisories(options: EnsureAdvisoriesOptions): Promise<OpenedAdvisories> {
  const path = defaultStorePath(options.cacheDir);
  if (options.offline === true) return openAdvisories(path);
  const opened = existsSync(path) ? await openAdvisories(path) : undefined;
  const held = new Set(opened?.sources.map(({ id }) => id));
  // Names that other feeds brought in are nothing to ask the mirror for.
  const missing = options.ecosystems.filter((name) => definedEcosystems.has(name) && !held.has(`osv/${name}`));
  // A database that `db build` made is whole as it is: an update would replace it by what was fetched.
  const fetched = opened === undefined || existsSync(join(dirname(path), "feeds"));
  if (opened !== undefined && (missing.length === 0 || !fetched)) return opened;
  const { diagnostics } = await updateAdvisories({
    output: path,
    ecosystems: missing,
    mirrors: options.mirrors,
    fetch: options.fetch,
    signal: options.signal,
    attempts: 2,
    retryDelay: 500,
  }).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    // An older database is better than none: what it lacks is a gap of the result.
    if (opened !== undefined) return { diagnostics: [] };
    throw notFetched(path, error);
  });
  if (!existsSync(path)) throw notFetched(path, new Error(diagnostics[0]?.message ?? "nothing came"));
  await opened?.close?.();
  return openAdvisories(path);
}

function notFetched(path: string, cause: unknown): ScanError {
  const reason = `it could not be fetched: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new ScanError({ kind: "store-missing", label: path, reason }, { cause });
}
