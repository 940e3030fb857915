/** Which words are booleans: YAML 1.1 has `yes`, `no`, `on`, `off`, `y`, `n`, as Kubernetes reads manifests; 1.2 only `true` and `false`. */
export type YamlBooleans = "1.1" | "1.2";

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["", null],
  ...(["~", "null", "Null", "NULL"] as const).map((word) => [word, null] as const),
  ...(["true", "True", "TRUE"] as const).map((word) => [word, true] as const),
  ...(["false", "False", "FALSE"] as const).map((word) => [word, false] as const),
  ...([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"] as const).map((word) => [word, Infinity] as const),
  ...(["-.inf", "-.Inf", "-.INF"] as const).map((word) => [word, -Infinity] as const),
  ...([".nan", ".NaN", ".NAN"] as const).map((word) => [word, NaN] as const),
]);

const olderBooleans: ReadonlyMap<string, boolean> = new Map<string, boolean>([
  ...(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"] as const).map((word) => [word, true] as const),
  ...(["n", "N", "no", "No", "NO", "off", "Off", "OFF"] as const).map((word) => [word, false] as const),
]);

/** The most characters of a word that is no plain text and begins with a letter. */
const longestWord = "false".length;

const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;

/**
 * The value of a plain scalar in Go's YAML packages (`gopkg.in/yaml.v2`, which Kubernetes uses, and `v3`): null, booleans, numbers with
 * `0x`, `0o`, `0b`, a leading zero for octal, and `_` between digits. Dates stay text, and numbers beyond what a double holds.
 */
export function plainScalar(text: string, booleans: YamlBooleans): unknown {
  if (text.length > 40) return text;
  const first = text.charCodeAt(0);
  // Digits, sign and dot begin numbers; everything else is a word.
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) {
    const digits = text.includes("_") ? text.replaceAll("_", "") : text;
    if (integer.test(digits)) return integerValue(digits);
    if (decimal.test(digits)) return Number.isFinite(Number(digits)) ? Number(digits) : text;
    return words.has(text) ? words.get(text) : text;
  }
  // Most words are longer than those that mean something, and need not be looked up.
  if (text.length > longestWord) return text;
  if (words.has(text)) return words.get(text);
  if (booleans === "1.1") return olderBooleans.get(text) ?? text;
  return text;
}

function integerValue(digits: string): number {
  const negative = digits.startsWith("-");
  const plain = negative || digits.startsWith("+") ? digits.slice(1) : digits;
  const value = /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
  return negative ? -value : value;
}
