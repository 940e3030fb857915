import { BenchmarkError } from "./benchmark-error.ts";

/** Which checks of a benchmark run, with kube-bench's switches. */
export interface Selection {
  /** Only these checks. */
  readonly checks?: readonly string[] | undefined;
  /** Only the checks of these groups; not together with `checks`. */
  readonly groups?: readonly string[] | undefined;
  /** These checks and groups are reported as skipped. */
  readonly skip?: readonly string[] | undefined;
  /** False leaves out the scored checks. Absent: true. */
  readonly scored?: boolean | undefined;
  /** False leaves out the checks that are not scored. Absent: true. */
  readonly unscored?: boolean | undefined;
}

/** Returns a function that says whether to run a check of a group. @throws BenchmarkError when both checks and groups are given. */
export function runFilter(selection: Selection): (group: string, check: { id: string; scored: boolean }) => boolean {
  const { checks = [], groups = [], scored = true, unscored = true } = selection;
  if (checks.length > 0 && groups.length > 0)
    throw new BenchmarkError("options", "group option and check option can't be used together");
  const checkIds = new Set(checks);
  const groupIds = new Set(groups);
  return (group, check) =>
    (groupIds.size === 0 || groupIds.has(group)) &&
    (checkIds.size === 0 || checkIds.has(check.id)) &&
    (check.scored ? scored : unscored);
}

/** The ids in a comma-separated list; blanks around them and commas at the ends are ignored. */
export function listedIds(list: string): readonly string[] {
  return list
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}
