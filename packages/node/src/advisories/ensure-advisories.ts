import { existsSync } from "node:fs";
import { definedEcosystems } from "@plimsoll/advisories";
import { ScanError } from "@plimsoll/model";
import type { CallOptions, Diagnostic } from "@plimsoll/model";
import { readChecked, staleSources } from "./freshness.ts";
import type { FreshnessOptions } from "./freshness.ts";
import { openAdvisories } from "./open-advisories.ts";
import type { OpenedAdvisories } from "./open-advisories.ts";
import { defaultStorePath } from "./store-path.ts";
import { isBuiltFromFeeds } from "./update/built-from.ts";
import type { UpdateAdvisoriesOptions } from "./update/update-advisories.ts";

/** Which database to use, and whether it may be fetched. */
export interface EnsureAdvisoriesOptions
  extends CallOptions, FreshnessOptions, Pick<UpdateAdvisoriesOptions, "mirrors" | "fetch"> {
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
  if (options.offline === true) return openDefault(path, options, []);
  const opened = existsSync(path) ? await openAdvisories(path) : undefined;
  const held = new Set(opened?.sources.map(({ id }) => id));
  await opened?.close?.();
  // Names that other feeds brought in are nothing to ask the mirror for.
  const missing = options.ecosystems.filter((name) => definedEcosystems.has(name) && !held.has(`osv/${name}`));
  // A database that was built or imported is whole as it is: an update would replace it by what was fetched.
  if (opened !== undefined && (missing.length === 0 || !(await isBuiltFromFeeds(path))))
    return openDefault(path, options, []);
  // Reading feeds is loaded where a database has to be made; most scans find one.
  const { updateAdvisories } = await import("./update/update-advisories.ts");
  const { diagnostics } = await updateAdvisories({
    output: path,
    ecosystems: missing,
    mirrors: options.mirrors,
    // Some hundred megabytes, which nobody wants to wait for in a first scan: `db update` fetches them.
    nvd: [],
    fetch: options.fetch,
    signal: options.signal,
    attempts: 2,
    retryDelay: 500,
    now: options.now,
  }).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (opened === undefined) throw notFetched(path, error);
    // An older database is better than none.
    return { diagnostics: [notCompleted(missing, error)] };
  });
  if (!existsSync(path)) throw notFetched(path, new Error(diagnostics[0]?.message ?? "nothing came"));
  return openDefault(path, options, diagnostics);
}

async function openDefault(
  path: string,
  options: FreshnessOptions,
  diagnostics: readonly Diagnostic[],
): Promise<OpenedAdvisories> {
  const old = existsSync(path) ? await staleSources(path, options) : [];
  // Who put another database in its place has not fetched it with these sources.
  const checked = (await isBuiltFromFeeds(path)) ? await readChecked(path) : undefined;
  return openAdvisories(path, { diagnostics: [...diagnostics, ...old], checked });
}

function notCompleted(missing: readonly string[], error: unknown): Diagnostic {
  return {
    kind: "diagnostic",
    code: "stale-advisories",
    effect: "incomplete",
    message: `advisories for ${missing.join(", ")} could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function notFetched(path: string, cause: unknown): ScanError {
  const reason = `it could not be fetched: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new ScanError({ kind: "store-missing", label: path, reason }, { cause });
}
