/** Floating-point numbers with their binary exponents, as Go's `%x` and `%b` write them. */

const fractionBits = 52n;
const leastExponent = -1074;

/** What a number is made of: `mantissa × 2^exponent`, without its sign. */
function partsOf(value: number): { negative: boolean; mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const all = bits.getBigUint64(0);
  const biased = Number((all >> fractionBits) & 0x7ffn);
  const fraction = all & ((1n << fractionBits) - 1n);
  const negative = all >> 63n === 1n;
  if (biased === 0) return { negative, mantissa: fraction, exponent: leastExponent };
  return { negative, mantissa: fraction | (1n << fractionBits), exponent: leastExponent + biased - 1 };
}

/** `%b`: the whole mantissa and its power of two. */
export function binaryFloat(value: number): string {
  const { negative, mantissa, exponent } = partsOf(value);
  return `${negative ? "-" : ""}${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/**
 * `%x`: a hexadecimal mantissa of `places` digits after the point, or as many as it takes; rounded to even. With Go's `#` flag there is
 * always a point, followed by at least `leastPlaces` digits where `places` is undefined.
 * @param leastPlaces undefined: without that flag
 */
export function hexadecimalFloat(value: number, places: number | undefined, leastPlaces: number | undefined): string {
  const { negative, mantissa, exponent } = partsOf(value);
  let digits = mantissa;
  let power = digits === 0n ? 0 : exponent + Number(fractionBits);
  // One digit before the point, 13 behind it.
  for (; digits !== 0n && digits < 1n << fractionBits; power--) digits <<= 1n;
  if (places !== undefined && places < 13) {
    const dropped = BigInt(13 - places) * 4n;
    const half = 1n << (dropped - 1n);
    const rest = digits & ((1n << dropped) - 1n);
    digits >>= dropped;
    if (rest > half || (rest === half && (digits & 1n) === 1n)) digits += 1n;
    digits <<= dropped;
    if (digits >= 2n << fractionBits) {
      digits >>= 1n;
      power++;
    }
  }
  const [whole = "", all = ""] = splitDigits(digits);
  const fraction = places === undefined ? all.replace(/0+$/, "") : all.padEnd(places, "0").slice(0, places);
  const shown = places === undefined ? fraction.padEnd(leastPlaces ?? 0, "0") : fraction;
  const point = shown === "" && leastPlaces === undefined ? "" : ".";
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${negative ? "-" : ""}0x${whole}${point}${shown}p${power < 0 ? "-" : "+"}${size}`;
}

function splitDigits(digits: bigint): [string, string] {
  const text = digits.toString(16).padStart(14, "0");
  return [text.slice(0, 1), text.slice(1)];
}
