import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { compareText, ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { CallOptions, Diagnostic } from "@plimsoll/model";
import { endOfLifeProducts } from "@plimsoll/advisories";
import type { BuildResult } from "@plimsoll/advisories";
import { noteChecked } from "../freshness.ts";
import { defaultStorePath, feedsFolder } from "../store-path.ts";
import { checkArchive, checkGzip, checkJson } from "./check-document.ts";
import { fetchDocument, fetchChecks } from "./fetch-document.ts";
import { fetchFolder } from "./fetch-folder.ts";
import type { FetchDocumentOptions } from "./fetch-document.ts";
import { changedSince, ecosystemsIn, isPlainName, newestOf } from "./modified-ids.ts";
import { isUpToDate, rebuildStore } from "./rebuild-store.ts";
import { withUpdateLock } from "./update-lock.ts";

export interface UpdateAdvisoriesOptions extends CallOptions, Omit<FetchDocumentOptions, "check"> {
  /** The store file; default: the one of the cache directory. Feed documents are kept in `feeds` beside it. */
  readonly output?: string | undefined;
  /** OSV ecosystems without release: `Alpine`, `npm`. Default: those fetched before, else all of the mirror. */
  readonly ecosystems?: readonly string[] | undefined;
  /** Addresses laid out like the OSV bucket, tried in order. */
  readonly mirrors?: readonly string[] | undefined;
  /** Addresses of CISA's catalogue of exploited vulnerabilities, tried in order; empty: without it. */
  readonly knownExploited?: readonly string[] | undefined;
  /** Addresses of FIRST's exploit prediction scores, gzipped, tried in order; empty: without them. */
  readonly exploitPrediction?: readonly string[] | undefined;
  /**
   * Folders with the NVD's yearly files (`nvdcve-2.0-2024.json.gz`), of which the ratings are taken, tried in order; empty: without them.
   * Absent: the NVD's own if `mirrors` is absent, too; otherwise none, because machines with their own mirror may not reach public servers.
   */
  readonly nvd?: readonly string[] | undefined;
  /**
   * Folders with a document for each distribution (`debian.json`) as endoflife.date publishes them, with the end of support of releases, tried in
   * order; empty: without them, so that only the dates built into the program are known. Absent: as for `nvd`.
   */
  readonly endOfLife?: readonly string[] | undefined;
  /** Milliseconds to wait for another update of the same store; default ten minutes. */
  readonly lockTimeout?: number | undefined;
  /** The time recorded as the one when sources were current, RFC 3339. Default: now. */
  readonly now?: string | undefined;
  /** Called for progress when a document has been processed. */
  readonly onDocument?: ((name: string, outcome: UpdateOutcome) => void) | undefined;
}

/** `records`: only changed records were fetched. `failed`: the old state is kept. */
export type UpdateOutcome = "changed" | "records" | "current" | "failed";

export interface UpdateResult {
  readonly output: string;
  /** The outcome for each ecosystem and catalogue. */
  readonly outcomes: Readonly<Record<string, UpdateOutcome>>;
  /** Absent: nothing changed, and the store was not rebuilt. */
  readonly built?: BuildResult;
  /** Why some sources could not be brought up to date. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The public database and catalogues. */
export const defaultMirrors: readonly string[] = ["https://storage.googleapis.com/osv-vulnerabilities"];
export const defaultKnownExploited: readonly string[] = [
  "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
];

export const defaultExploitPrediction: readonly string[] = [
  "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
];

export const defaultNvd: readonly string[] = ["https://nvd.nist.gov/feeds/json/cve/2.0"];

export const defaultEndOfLife: readonly string[] = ["https://endoflife.date/api"];

/** Above this, one archive is cheaper than single records. */
const maxSingleRecords = 500;

/** Requests for single records at once. */
const concurrency = 8;

/**
 * Brings a store up to date with the least possible transfer: unchanged documents are not fetched, and of an ecosystem with few changes only the
 * changed records are. Whatever fails keeps its last good state, with a diagnostic.
 * @throws ScanError `network` when nothing could be fetched and there is no store yet, `invalid-option` for unknown ecosystems, `store-unreadable`
 * when another update does not finish in time.
 */
export async function updateAdvisories(options: UpdateAdvisoriesOptions = {}): Promise<UpdateResult> {
  checkOptions("updateAdvisories", options, {
    ...fetchChecks,
    output: optionIs.text,
    ecosystems: optionIs.listOf(optionIs.text),
    mirrors: optionIs.listOf(optionIs.text),
    knownExploited: optionIs.listOf(optionIs.text),
    exploitPrediction: optionIs.listOf(optionIs.text),
    nvd: optionIs.listOf(optionIs.text),
    endOfLife: optionIs.listOf(optionIs.text),
    lockTimeout: optionIs.count,
    now: optionIs.time,
    onDocument: optionIs.call,
  });
  const output = options.output ?? defaultStorePath();
  await mkdir(dirname(output), { recursive: true, mode: 0o755 });
  return withUpdateLock(output, { timeout: options.lockTimeout, signal: options.signal }, () =>
    update(output, options),
  );
}

async function update(output: string, options: UpdateAdvisoriesOptions): Promise<UpdateResult> {
  const feeds = feedsFolder(output);
  const mirrors = options.mirrors ?? defaultMirrors;
  const outcomes: Record<string, UpdateOutcome> = {};
  const diagnostics: Diagnostic[] = [];
  async function attempt(name: string, work: () => Promise<UpdateOutcome>): Promise<void> {
    try {
      outcomes[name] = await work();
    } catch (error) {
      options.signal?.throwIfAborted();
      outcomes[name] = "failed";
      diagnostics.push(stale(name, error));
    }
    options.onDocument?.(name, outcomes[name]);
  }
  const ecosystems = await chooseEcosystems(feeds, mirrors, options).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (error instanceof ScanError && error.failure.kind === "invalid-option") throw error;
    diagnostics.push(stale("the list of ecosystems", error));
    return [];
  });
  for (const ecosystem of ecosystems) {
    await attempt(`osv/${ecosystem}`, () =>
      updateEcosystem(ecosystem, join(feeds, "osv", ecosystem), mirrors, options),
    );
  }
  for (const { name, file, addresses, check } of catalogues(options)) {
    if (addresses.length === 0) continue;
    await mkdir(join(feeds, name), { recursive: true, mode: 0o755 });
    await attempt(name, () => fetchOnly(addresses, join(feeds, name, file), { ...options, check }));
  }
  const isPublic = options.mirrors === undefined;
  const endOfLife = options.endOfLife ?? (isPublic ? defaultEndOfLife : []);
  if (endOfLife.length > 0)
    await attempt("end-of-life", () => updateEnds(endOfLife, join(feeds, "end-of-life"), options));
  const nvd = options.nvd ?? (isPublic ? defaultNvd : []);
  if (nvd.length > 0) await attempt("nvd", () => updateRatings(nvd, join(feeds, "nvd-ratings"), options));
  const current = Object.keys(outcomes).filter((name) => outcomes[name] !== "failed");
  if (current.length > 0) await noteChecked(output, current, options.now ?? new Date().toISOString());
  const changed = Object.values(outcomes).some((outcome) => outcome === "changed" || outcome === "records");
  if (!changed && (await isUpToDate(output))) return { output, outcomes, diagnostics };
  if (current.length === 0) {
    // The first tells enough: the others mostly fail for the same reason.
    const reason = diagnostics[0]?.message ?? "there is nothing to fetch";
    throw new ScanError({ kind: "network", label: mirrors.join(", "), reason });
  }
  const built = await rebuildStore(output, { signal: options.signal });
  return { output, outcomes, built, diagnostics };
}

function catalogues(options: UpdateAdvisoriesOptions): readonly {
  readonly name: string;
  readonly file: string;
  readonly addresses: readonly string[];
  readonly check: (path: string) => Promise<void>;
}[] {
  return [
    {
      name: "kev",
      file: "known_exploited_vulnerabilities.json",
      addresses: options.knownExploited ?? defaultKnownExploited,
      check: checkJson,
    },
    {
      name: "epss",
      file: "epss_scores-current.csv.gz",
      addresses: options.exploitPrediction ?? defaultExploitPrediction,
      check: checkGzip,
    },
  ];
}

/** Which releases have ended: a document of each distribution. */
async function updateEnds(
  folders: readonly string[],
  folder: string,
  options: UpdateAdvisoriesOptions,
): Promise<UpdateOutcome> {
  const names = endOfLifeProducts.map((product) => `${product}.json`);
  const outcome = await fetchFolder(names, folders, folder, { ...options, now: timeOf(options), check: checkJson });
  if (outcome !== "missing") return outcome;
  throw new ScanError({
    kind: "network",
    label: folders[0] ?? folder,
    reason: "there is no document about the releases of any distribution",
  });
}

/** The first year that has a file of its own; it holds those before. */
const firstYear = 2002;

/** How long what changed lately is in the NVD's file of changes: after that the years are asked for. */
const changesReach = 7 * 24 * 60 * 60 * 1000;

/** The yearly files, and while those are young only the file of what changed since. */
async function updateRatings(
  folders: readonly string[],
  folder: string,
  options: UpdateAdvisoriesOptions,
): Promise<UpdateOutcome> {
  const now = timeOf(options);
  const names: string[] = [];
  for (let year = firstYear; year <= new Date(now).getUTCFullYear(); year++)
    if (!(await isYoung(join(folder, `${yearFile(year)}.json.gz`), now))) names.push(yearFile(year));
  // The file of a year that has just begun comes with its first CVE; a mirror may hold some years only.
  const files = [...names, "nvdcve-2.0-modified"].map((name) => `${name}.json.gz`);
  const outcome = await fetchFolder(files, folders, folder, { ...options, now, check: checkGzip });
  if (outcome !== "missing") return outcome;
  if ((await namesIn(folder)).some((name) => name.endsWith(".gz"))) return "current";
  throw new ScanError({ kind: "network", label: folders[0] ?? folder, reason: "there are no yearly files" });
}

function timeOf({ now }: UpdateAdvisoriesOptions): number {
  return now === undefined ? Date.now() : Date.parse(now);
}

function yearFile(year: number): string {
  return `nvdcve-2.0-${year}`;
}

async function isYoung(path: string, now: number): Promise<boolean> {
  if (!(await exists(path))) return false;
  const seen = [path, `${path}.etag`].map(async (each) => (await stat(each).catch(() => undefined))?.mtimeMs ?? 0);
  return Math.abs(now - Math.max(...(await Promise.all(seen)))) < changesReach;
}

async function chooseEcosystems(
  feeds: string,
  mirrors: readonly string[],
  options: UpdateAdvisoriesOptions,
): Promise<readonly string[]> {
  const asked = options.ecosystems ?? (await namesIn(join(feeds, "osv")));
  if (options.ecosystems !== undefined || asked.length > 0) {
    const odd = asked.find((name) => !isPlainName(name));
    if (odd !== undefined) {
      throw new ScanError({ kind: "invalid-option", option: "ecosystems", reason: `"${odd}" is no ecosystem` });
    }
    return [...new Set(asked)].sort(compareText);
  }
  await mkdir(feeds, { recursive: true, mode: 0o755 });
  const list = join(feeds, "ecosystems.txt");
  await fetchDocument(
    mirrors.map((mirror) => `${mirror}/ecosystems.txt`),
    list,
    options,
  );
  return ecosystemsIn(await readFile(list, "utf8"));
}

async function updateEcosystem(
  ecosystem: string,
  folder: string,
  mirrors: readonly string[],
  options: UpdateAdvisoriesOptions,
): Promise<UpdateOutcome> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const at = (name: string): readonly string[] =>
    mirrors.map(
      (mirror) => `${mirror.replace(/\/$/, "")}/${encodeURIComponent(ecosystem)}/${encodeURIComponent(name)}`,
    );
  const list = join(folder, "modified_id.csv");
  const seen = await readText(join(folder, "seen"));
  const listed = await fetchDocument(at("modified_id.csv"), list, options);
  const csv = listed === "missing" ? "" : ((await readText(list)) ?? "");
  const newest = newestOf(csv);
  const hasArchive = await exists(join(folder, "all.zip"));
  if (hasArchive && newest !== undefined && newest === seen) return "current";
  if (hasArchive && seen !== undefined && newest !== undefined) {
    const changed = changedSince(csv, seen);
    // A mirror may fall behind another one for a while.
    if (changed?.length === 0) return "current";
    const held = (await namesIn(folder)).filter((name) => name.endsWith(".json")).length;
    if (changed !== undefined && changed.length + held <= maxSingleRecords) {
      if (
        await fetchRecords(
          changed.map((each) => each.id),
          folder,
          at,
          options,
        )
      ) {
        await writeFile(join(folder, "seen"), newest);
        return "records";
      }
    }
  }
  let newestInside = "";
  const check = async (path: string): Promise<void> => {
    newestInside = await checkArchive(path);
  };
  const outcome = await fetchOnly(at("all.zip"), join(folder, "all.zip"), { ...options, check });
  if (outcome !== "changed") return outcome;
  // The archive holds what the single records said. It may be older than the list, so its own records tell how new it is.
  for (const name of await namesIn(folder)) if (name.endsWith(".json")) await rm(join(folder, name), { force: true });
  await writeFile(join(folder, "seen"), newestInside);
  return outcome;
}

/** False when one of them is not there as a single record: then the archive is needed. */
async function fetchRecords(
  ids: readonly string[],
  folder: string,
  at: (name: string) => readonly string[],
  options: UpdateAdvisoriesOptions,
): Promise<boolean> {
  if (!ids.every((id) => /^[A-Za-z0-9][A-Za-z0-9_.:+-]*$/.test(id))) return false;
  const left = [...ids];
  let complete = true;
  async function worker(): Promise<void> {
    for (let id = left.pop(); id !== undefined && complete; id = left.pop()) {
      const path = join(folder, `${encodeURIComponent(id)}.json`);
      const outcome = await fetchDocument(at(`${id}.json`), path, { ...options, check: checkJson });
      await rm(`${path}.etag`, { force: true });
      if (outcome === "missing") complete = false;
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker));
  return complete;
}

async function fetchOnly(
  addresses: readonly string[],
  path: string,
  options: FetchDocumentOptions,
): Promise<UpdateOutcome> {
  const outcome = await fetchDocument(addresses, path, options);
  if (outcome !== "missing") return outcome;
  throw new ScanError({ kind: "network", label: addresses[0] ?? path, reason: "there is no such document" });
}

function stale(name: string, error: unknown): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    kind: "diagnostic",
    code: "stale-advisories",
    effect: "incomplete",
    message: `${name} could not be brought up to date, the last state is kept: ${reason}`,
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
