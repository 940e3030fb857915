import { cpeAny, parseCpe } from "@plimsoll/formats";

/**
 * Whether a platform's CPE name covers the distribution with this CPE name: every part that both state must be equal, and a shorter
 * version covers the longer ones (`8` covers `8.6`). Undefined when one of them is missing or unreadable.
 */
export function cpeFits(platform: string | undefined, distribution: string | undefined): boolean | undefined {
  const wanted = parseCpe(platform ?? "");
  const actual = parseCpe(distribution ?? "");
  if (wanted === undefined || actual === undefined) return undefined;
  return (
    same(wanted.vendor, actual.vendor) && same(wanted.product, actual.product) && covers(wanted.version, actual.version)
  );
}

function same(wanted: string, actual: string): boolean {
  return wanted === cpeAny || actual === cpeAny || wanted === actual;
}

function covers(wanted: string, actual: string): boolean {
  return same(wanted, actual) || actual.startsWith(`${wanted}.`) || wanted.startsWith(`${actual}.`);
}
