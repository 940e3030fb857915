import { parseJson } from "@plimsoll/formats";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compareText, checkOptions, optionIs } from "@plimsoll/model";
import type { Diagnostic, SourceInfo, OptionChecks } from "@plimsoll/model";
import { feedsFolder } from "./store-path.ts";

/** When advisory data is considered old. */
export interface FreshnessOptions {
  /** Milliseconds; older data causes a diagnostic `stale-advisories` in every report. Absent: the scan judges the age. */
  readonly maxAge?: number | undefined;
  /** The time to compare with, RFC 3339. Default: now. */
  readonly now?: string | undefined;
}

/** When each source was last found to be current, by its name. */
type Checked = Readonly<Record<string, string>>;

/** Records that these sources were brought up to date. */
export async function noteChecked(store: string, names: readonly string[], now: string): Promise<void> {
  const checked = { ...(await readChecked(store)), ...Object.fromEntries(names.map((name) => [name, now])) };
  const sorted = Object.fromEntries(Object.entries(checked).sort(([a], [b]) => compareText(a, b)));
  await writeFile(checkedPath(store), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Diagnostics about sources of an updated store that were not brought up to date for longer than `maxAge`. */
export async function staleSources(
  store: string,
  { maxAge, now = new Date().toISOString() }: FreshnessOptions,
): Promise<readonly Diagnostic[]> {
  if (maxAge === undefined) return [];
  const old = Object.entries(await readChecked(store)).filter(([, time]) => isOlder(time, now, maxAge));
  const times = old.map(([, time]) => time).sort(compareText);
  if (times[0] === undefined) return [];
  const names = old.map(([name]) => name).join(", ");
  return [stale(`${names} were last brought up to date on ${times[0].slice(0, 10)}; run \`plimsoll db update\``)];
}

/** The checks of {@link FreshnessOptions}. */
export const freshnessChecks: OptionChecks<FreshnessOptions> = { maxAge: optionIs.count, now: optionIs.time };

/** Diagnostics about the age of a database from elsewhere, by its own records. */
export function staleRecords(sources: readonly SourceInfo[], options: FreshnessOptions): readonly Diagnostic[] {
  checkOptions("staleRecords", options, freshnessChecks);
  const { maxAge, now = new Date().toISOString() } = options;
  const newest = sources
    .flatMap(({ updatedAt }) => updatedAt ?? [])
    .sort(compareText)
    .at(-1);
  if (maxAge === undefined || newest === undefined || !isOlder(newest, now, maxAge)) return [];
  return [stale(`the newest record of the advisory database is of ${newest.slice(0, 10)}`)];
}

/**
 * Whether a time is more than `maxAge` milliseconds before `now`. A time in the future is that of a wrong clock: nothing is known of the
 * age, and false is given.
 */
function isOlder(time: string, now: string, maxAge: number): boolean {
  const age = Date.parse(now) - Date.parse(time);
  return Number.isFinite(age) && age > maxAge;
}

function stale(message: string): Diagnostic {
  return { kind: "diagnostic", code: "stale-advisories", effect: "incomplete", message };
}

/** The time when each source of a store was last found to be current; empty where none was recorded. */
export async function readChecked(store: string): Promise<Checked> {
  try {
    const read = parseJson(await readFile(checkedPath(store), "utf8"));
    const entries = typeof read === "object" && read !== null ? Object.entries(read) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    return {};
  }
}

function checkedPath(store: string): string {
  return join(feedsFolder(store), "checked.json");
}
