import { findingKinds, listOfKind } from "@plimsoll/model";
import type { Report, Reporter } from "@plimsoll/model";

/** What a format has no place for, in one sentence: `gitlab has no place for 2 secrets`. Undefined: nothing is left out. */
export function leftOutSentence(report: Report, reporter: Pick<Reporter, "id" | "shows">): string | undefined {
  const left = findingKinds.flatMap((kind) => {
    const count = report[listOfKind[kind]]?.length ?? 0;
    if (count === 0 || reporter.shows.includes(kind)) return [];
    return [`${count} ${count === 1 ? kind : listOfKind[kind]}`];
  });
  return left.length === 0 ? undefined : `${reporter.id} has no place for ${left.join(", ")}: left out`;
}
