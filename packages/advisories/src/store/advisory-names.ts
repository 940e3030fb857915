import type { Advisory } from "@plimsoll/model";

/**
 * Whether an advisory goes by an id: its own, an alias, or a vulnerability it covers; or the id before which a distribution's database
 * puts a prefix (`ALPINE-CVE-2020-28928`). Case does not matter.
 */
export function isNamed({ id, aliases, upstream = [] }: Advisory, wanted: string): boolean {
  const name = wanted.toLowerCase();
  if (name === "") return false;
  return (
    [id, ...aliases, ...upstream].some((own) => own.toLowerCase() === name) || id.toLowerCase().endsWith(`-${name}`)
  );
}
