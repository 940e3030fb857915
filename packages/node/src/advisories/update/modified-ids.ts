import { compareText } from "@plimsoll/model";

/** A line of `modified_id.csv`: https://google.github.io/osv.dev/data/. */
export interface ModifiedId {
  readonly modified: string;
  readonly id: string;
}

/** The records changed after `since`, newest first; undefined when the list is not in that order or not readable. */
export function changedSince(csv: string, since: string): readonly ModifiedId[] | undefined {
  const changed: ModifiedId[] = [];
  let previous: string | undefined;
  for (const line of csv.split("\n")) {
    if (line.trim() === "") continue;
    const [, modified = "", id = ""] = /^([\d-]+T[\d:.]+Z),(.+?)\r?$/.exec(line) ?? [];
    if (modified === "" || (previous !== undefined && compareTimes(modified, previous) > 0)) return undefined;
    if (compareTimes(modified, since) <= 0) return changed;
    changed.push({ modified, id });
    previous = modified;
  }
  return changed;
}

/** The time of the first line, the newest. */
export function newestOf(csv: string): string | undefined {
  return /^([\d-]+T[\d:.]+Z),/.exec(csv)?.[1];
}

/** Whether one time is after another; an empty one is before all. */
export function isNewer(time: string, than: string): boolean {
  return compareTimes(time, than) > 0;
}

/** RFC 3339 in UTC, with or without fractions of a second. Times are compared with each other only, never with a clock. */
function compareTimes(a: string, b: string): number {
  const left = a.replace("Z", "").padEnd(30, a.includes(".") ? "0" : " ");
  const right = b.replace("Z", "").padEnd(30, b.includes(".") ? "0" : " ");
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Names of `ecosystems.txt`, sorted. Lines with a release are parts of what the plain name holds. */
export function ecosystemsIn(list: string): readonly string[] {
  const names = list.split(/\r?\n/).filter((name) => isPlainName(name) && !name.includes(":"));
  return [...new Set(names)].sort(compareText);
}

/** Whether a name can safely be used as a folder name and in URLs. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/.test(name);
}
