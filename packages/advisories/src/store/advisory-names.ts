import type { Advisory } from "@plimsoll/model";

/**
 * Whether an advisory goes by an id: its own, an alias, or a vulnerability it covers; and by the id that a database of a distribution
 * puts its prefix before (`ALPINE-CVE-2020-28928`). Case does not matter.
 */
export function isNamed({ id, aliases, upstream = [] }: Advisory, wanted: string): boolean {
  const name = wanted.toLowerCase();
  if (name === "") return false;
  return (
    [id, ...aliases, ...upstream].some((own) => own.toLowerCase() === name) || id.toLowerCase().endsWith(`-${name}`)
  );
}
