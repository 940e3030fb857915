/** Patterns for the tests: what people really write, as a list, and what a grammar yields, as a generator with a seed. */

/** Shapes seen in rule files of scanners, policies, log parsers and validators; written for this list. */
export const realPatterns: readonly string[] = [
  String.raw`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`,
  String.raw`^(?:[a-zA-Z0-9._-]+/)*[a-zA-Z0-9._-]+(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?$`,
  String.raw`\b(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}\b`,
  String.raw`(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b`,
  String.raw`[\w.+-]+@[\w-]+\.[\w.-]+`,
  String.raw`^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$`,
  String.raw`(?m)^\s*([A-Z_][A-Z0-9_]*)\s*=\s*(.*)$`,
  String.raw`https?://[^\s/$.?#].[^\s]*`,
  String.raw`(?i)(api|access)[_-]?(key|token)\s*[:=]\s*['"]?([0-9a-z]{16,64})['"]?`,
  String.raw`\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{16})\b`,
  String.raw`-----BEGIN ([A-Z ]+ )?PRIVATE KEY-----[^-]*-----END ([A-Z ]+ )?PRIVATE KEY-----`,
  String.raw`(?s)/\*.*?\*/`,
  String.raw`"(?:[^"\\]|\\.)*"`,
  String.raw`'([^']*)'|"([^"]*)"`,
  String.raw`(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?`,
  String.raw`(?i)^(?:docker\.io|ghcr\.io|quay\.io)/`,
  String.raw`[[:alpha:]_][[:alnum:]_]*`,
  String.raw`[^[:space:]]+\.tf(?:vars)?$`,
  String.raw`\p{Lu}\p{Ll}+`,
  String.raw`[\p{L}\p{N}_]+`,
  String.raw`(?P<user>[^:@/\s]+):(?P<password>[^@/\s]+)@(?P<host>[\w.-]+)`,
  String.raw`\QC:\Temp\E\\[^\\]+`,
  String.raw`(?:^|/)node_modules(?:/.*)?$`,
  String.raw`\.(?:png|jpe?g|gif|svg|woff2?)$`,
  String.raw`^(?:(?:[01]?\d|2[0-3]):[0-5]\d|24:00)$`,
  String.raw`(?i)bearer\s+([\w-]+\.[\w-]+\.[\w-]+)`,
  String.raw`[\w.-]{0,20}?(?:key|token)[ \t\w.-]{0,20}[\s'"]{0,3}(?:=|>|:{1,3}=|=>|,)[\x60'"\s=]{0,5}([\w.=-]{10,150})(?:[\x60'"\s;]|$)`,
  String.raw`(?U)a.*b.*?c`,
  String.raw`x{2,4}y{3}z{1,}`,
  String.raw`(a|ab)(c|bcd)(d*)`,
  String.raw`(a+)(b+)?(c|$)`,
  String.raw`\s+$`,
  String.raw`^\s*#.*$`,
  String.raw`key.*secret`,
  String.raw`(?:a|b|ab)*c`,
  String.raw`((a*)*)*b`,
  String.raw`(x+x+)+y`,
  String.raw`([a-z]+)*=`,
  String.raw`(?i)straße|ΣΑΣ|k`,
  String.raw`[^a-z]{2,}`,
  String.raw`(?-s).+(?s:.)x`,
];

/** Numbers from 0 to below 2³² that a seed determines. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1) >>> 0;
    mixed = (((mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) >>> 0) ^ mixed) >>> 0;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A pattern and texts that it is likely to match in part. */
export interface PatternCase {
  readonly pattern: string;
  readonly texts: readonly string[];
}

const atoms = [
  "a",
  "b",
  "c",
  "ab",
  "k",
  "é",
  "😀",
  ".",
  "[ab]",
  "[^a]",
  "[a-c]",
  "\\w",
  "\\d",
  "\\s",
  "\\W",
  "[[:alpha:]]",
  "\\pL",
  "=",
  "\\n",
];
const places = ["^", "$", "\\b", "\\B", "\\A", "\\z", "(?m:^)", "(?m:$)"];
const counts = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"];
const letters = ["a", "b", "c", "a", "b", "k", "K", "\u212a", "é", "😀", "1", " ", "=", "\n", "_", "A", "B"];

/** A case that a seed determines. */
export function generatedPattern(seed: number): PatternCase {
  const next = numbers(seed);
  const pick = <T>(list: readonly T[]): T => list[next() % list.length] as T;
  const node = (depth: number): string => {
    const kind = next() % 12;
    if (depth === 0 || kind < 4) return pick(atoms);
    if (kind === 4) return pick(places);
    if (kind < 8) {
      const body = node(depth - 1);
      return (body.length === 1 || /^\\\w$|^\[[^\]]*\]$/u.test(body) ? body : `(?:${body})`) + pick(counts);
    }
    if (kind === 8) return `(${node(depth - 1)})`;
    if (kind === 9) return `(?:${node(depth - 1)}|${node(depth - 1)})`;
    if (kind === 10) return `(?i:${node(depth - 1)})`;
    return node(depth - 1) + node(depth - 1);
  };
  const parts = 1 + (next() % 4);
  const pattern = Array.from({ length: parts }, () => node(3)).join(next() % 8 === 0 ? "|" : "");
  const texts = Array.from({ length: 6 }, () => Array.from({ length: next() % 24 }, () => pick(letters)).join(""));
  return { pattern, texts };
}
