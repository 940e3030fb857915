import type { AffectedPackage } from "@plimsoll/model";

/**
 * Marks what is unfixed under a plain name as said of the plain build alone, for sources that name the module of every modular build, as
 * Red Hat does. A fix needs no mark: its version tells what it is of.
 */
export function ofPlainBuild<S extends Pick<AffectedPackage, "ranges" | "qualifiers">>(statement: S): S {
  const isOpen = statement.ranges.every(({ end }) => end.kind === "open");
  return isOpen && statement.qualifiers?.modules === undefined
    ? { ...statement, qualifiers: { ...statement.qualifiers, modules: [] } }
    : statement;
}
