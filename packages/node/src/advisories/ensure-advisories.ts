import { existsSync, lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { definedEcosystems } from "@plimsoll/advisories";
import { ScanError, checkOptions, callChecks, optionIs, request } from "@plimsoll/model";
import type { CallOptions, Diagnostic } from "@plimsoll/model";
import { readChecked, staleSources, freshnessChecks } from "./freshness.ts";
import type { FreshnessOptions } from "./freshness.ts";
import { databaseKeyChecks } from "./database-keys.ts";
import type { DatabaseKeyOptions } from "./database-keys.ts";
import { openAdvisories } from "./open-advisories.ts";
import type { OpenedAdvisories } from "./open-advisories.ts";
import { distrustOf } from "../cache/trusted-owner.ts";
import { changesPath, defaultStorePath } from "./store-path.ts";
import { systemFetch } from "../network/system-fetch.ts";
import { isBuiltFromFeeds } from "./update/built-from.ts";
import type { UpdateAdvisoriesOptions } from "./update/update-advisories.ts";

/** Options of {@link ensureAdvisories}. */
export interface EnsureAdvisoriesOptions
  extends CallOptions, FreshnessOptions, DatabaseKeyOptions, Pick<UpdateAdvisoriesOptions, "mirrors" | "fetch"> {
  /** Directory of the default database. Absent: the user's cache directory. */
  readonly cacheDir?: string | undefined;
  /** Use only the database that exists, without network access. */
  readonly offline?: boolean | undefined;
  /** OSV ecosystems that are needed, without release: `Alpine`, `npm`. */
  readonly ecosystems: readonly string[];
  /** Called for progress while something is fetched, first with 0 bytes. */
  readonly onFetch?: ((fetched: AdvisoriesFetched) => void) | undefined;
}

/** Progress of a fetch. */
export interface AdvisoriesFetched {
  /** OSV ecosystems without release that were missing. */
  readonly ecosystems: readonly string[];
  /** Bytes of the current document received so far. */
  readonly bytes: number;
  /** Its size in bytes, where the server states it. */
  readonly total?: number | undefined;
}

/** Milliseconds within which a mirror answers at all, before the first scan of a machine goes on. */
const firstAnswer = 2_000;

/**
 * Checks, before an image is read in vain, that there is a default database or that one can be fetched. Contacts a mirror only if there is no
 * database.
 * @throws ScanError `store-missing`, with the reason and what to do.
 */
export async function expectAdvisories(
  options: Pick<EnsureAdvisoriesOptions, "cacheDir" | "mirrors" | "fetch" | "signal">,
): Promise<void> {
  checkOptions("expectAdvisories", options, {
    cacheDir: optionIs.text,
    mirrors: optionIs.listOf(optionIs.text),
    fetch: optionIs.call,
    signal: optionIs.signal,
  });
  const path = defaultStorePath(options.cacheDir);
  if (existsSync(path)) return;
  const { defaultMirrors } = await import("./update/update-advisories.ts");
  const mirrors = options.mirrors ?? defaultMirrors;
  const fetcher = options.fetch ?? systemFetch();
  const patience = { retries: 1, totalTimeout: firstAnswer, fetch: fetcher, signal: options.signal };
  // Any answer will do: which documents there are is found out later.
  const answers = mirrors.map(async (mirror) => {
    const response = await request({ url: `${mirror.replace(/\/$/, "")}/ecosystems.txt` }, patience);
    await response.body?.cancel();
  });
  try {
    await Promise.any(answers);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw notFetched(path, error instanceof AggregateError ? error.errors[0] : error);
  }
}

/**
 * Opens the default database. Needed ecosystems that were never fetched are fetched first, unless `offline` is set: a laptop that scans Alpine
 * images downloads Alpine. `updateAdvisories` keeps the database fresh. Where keys are given nothing is fetched, because feeds are not signed;
 * `pullAdvisories` puts a signed database in place.
 * @throws ScanError `unverified` when none of the keys that are given signed it, `store-missing` when there is neither a database nor a way to
 * fetch one.
 */
export async function ensureAdvisories(options: EnsureAdvisoriesOptions): Promise<OpenedAdvisories> {
  checkOptions("ensureAdvisories", options, {
    ...callChecks,
    ...freshnessChecks,
    ...databaseKeyChecks,
    mirrors: optionIs.listOf(optionIs.text),
    fetch: optionIs.call,
    cacheDir: optionIs.text,
    offline: optionIs.flag,
    ecosystems: optionIs.listOf(optionIs.text),
    onFetch: optionIs.call,
  });
  const path = defaultStorePath(options.cacheDir);
  refuseForeign(path);
  if (options.offline === true || options.keys !== undefined) return openDefault(path, options, []);
  const opened = existsSync(path) ? await openAdvisories(path) : undefined;
  const held = new Set(opened?.sources.map(({ id }) => id));
  await opened?.close?.();
  // Names that other feeds brought in are nothing to ask the mirror for.
  const { cacheDir, mirrors, fetch, signal } = options;
  if (opened === undefined) await expectAdvisories({ cacheDir, mirrors, fetch, signal });
  const missing = options.ecosystems.filter((name) => definedEcosystems.has(name) && !held.has(`osv/${name}`));
  // A database that was built or imported is whole as it is: an update would replace it by what was fetched.
  if (opened !== undefined && (missing.length === 0 || !(await isBuiltFromFeeds(path))))
    return openDefault(path, options, []);
  const { onFetch } = options;
  onFetch?.({ ecosystems: missing, bytes: 0 });
  // Reading feeds is loaded where a database has to be made; most scans find one.
  const { updateAdvisories } = await import("./update/update-advisories.ts");
  const { diagnostics } = await updateAdvisories({
    output: path,
    ecosystems: missing,
    mirrors: options.mirrors,
    // Some hundred megabytes, which nobody wants to wait for in a first scan: `db update` fetches them.
    nvd: [],
    endOfLife: [],
    fetch: options.fetch,
    onBytes:
      onFetch === undefined ? undefined : (_address, bytes, total) => onFetch({ ecosystems: missing, bytes, total }),
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
  if (!existsSync(path)) throw notFetched(path, new Error(diagnostics[0]?.message ?? "no bytes came"));
  return openDefault(path, options, diagnostics);
}

async function openDefault(
  path: string,
  options: FreshnessOptions & Pick<EnsureAdvisoriesOptions, "cacheDir" | "keys">,
  diagnostics: readonly Diagnostic[],
): Promise<OpenedAdvisories> {
  const old = existsSync(path) ? await staleSources(path, options) : [];
  // Who put another database in its place has not fetched it with these sources.
  const checked = (await isBuiltFromFeeds(path)) ? await readChecked(path) : undefined;
  const { cacheDir, keys } = options;
  return openAdvisories(path, { diagnostics: [...diagnostics, ...old], checked, cacheDir, keys });
}

/** Nobody named the database of the cache directory: whoever put it there must be somebody who may say what is vulnerable. */
function refuseForeign(path: string): void {
  for (const part of [path, changesPath(path)])
    for (const look of [lstatSync, statSync]) {
      const found = look(part, { throwIfNoEntry: false });
      // The mode of a link says nothing; whose it is does.
      const reason = found === undefined ? undefined : distrustOf(found, dirname(path), found.isSymbolicLink());
      if (reason === undefined) continue;
      const remedy = `remove it, or name it with --db ${path} to use it all the same`;
      throw new ScanError({ kind: "store-unreadable", label: part, reason: `${reason}; ${remedy}` });
    }
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
  const why = cause instanceof Error ? cause.message : String(cause);
  const reason = `none could be fetched. ${why}. Without a network, \`plimsoll db import FILE\` takes what \`plimsoll db export\` wrote elsewhere`;
  return new ScanError({ kind: "store-missing", label: path, reason }, { cause });
}
