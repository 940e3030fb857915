/**
 * Whether a platform's CPE (2.2 URI or 2.3 formatted string) speaks of the distribution with this CPE: every part that both state must be equal, and a
 * shorter version covers the longer ones (`8` covers `8.6`). Undefined when one of them is missing or unreadable.
 */
export function cpeFits(platform: string, distribution: string | undefined): boolean | undefined {
  const wanted = partsOf(platform);
  const actual = distribution === undefined ? undefined : partsOf(distribution);
  if (wanted === undefined || actual === undefined) return undefined;
  const [, vendor, product, version] = wanted;
  const [, actualVendor, actualProduct, actualVersion] = actual;
  return same(vendor, actualVendor) && same(product, actualProduct) && covers(version, actualVersion);
}

function partsOf(cpe: string): readonly string[] | undefined {
  const body = cpe.startsWith("cpe:2.3:")
    ? cpe.slice("cpe:2.3:".length)
    : cpe.startsWith("cpe:/")
      ? cpe.slice("cpe:/".length)
      : undefined;
  return body?.toLowerCase().split(/(?<!\\):/);
}

function isAny(part: string | undefined): part is undefined | "" | "*" {
  return part === undefined || part === "" || part === "*";
}

function same(wanted: string | undefined, actual: string | undefined): boolean {
  return isAny(wanted) || isAny(actual) || wanted === actual;
}

function covers(wanted: string | undefined, actual: string | undefined): boolean {
  return (
    same(wanted, actual) ||
    (actual ?? "").startsWith(`${wanted ?? ""}.`) ||
    (wanted ?? "").startsWith(`${actual ?? ""}.`)
  );
}
