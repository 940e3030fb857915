/** An exact amount, `mantissa × 10^exponent`. Kubernetes writes it as `500m`, `1.5Gi` or `2e3`. */
export interface Quantity {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const form = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([eE][+-]?[0-9]{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/;

const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: readonly string[] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** In UTF-16 units. No quantity of the API server, whose largest is 2^63, needs more. */
const maxLength = 64;

/**
 * Reads a resource quantity: a decimal number with a suffix for a power of 1000 (`m`, `k`, `M`) or of 1024 (`Ki`, `Mi`), or with an exponent.
 * Accepts numbers, too, since manifests leave `cpu: 2` unquoted. Returns undefined for anything else.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(value: unknown): Quantity | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length > maxLength) return undefined;
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", power, suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  let mantissa = BigInt(`${whole}${fraction}`);
  const binary = binarySuffixes.indexOf(suffix);
  if (binary !== -1) mantissa *= 1024n ** BigInt(binary + 1);
  const scale = power === undefined ? (decimalSuffixes[suffix] ?? 0) : Number(power.slice(1));
  return { mantissa: sign === "-" ? -mantissa : mantissa, exponent: scale - fraction.length };
}

/** Compares two amounts: negative if `a` is less than `b`, positive if it is more, 0 if they are equal (`1000m` and `1`). */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.mantissa * 10n ** BigInt(a.exponent - exponent);
  const right = b.mantissa * 10n ** BigInt(b.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}
