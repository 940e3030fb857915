// Reasons that hold for many.

const turns =
  "It changes only how much work is done before others get their turn. `turns.test.ts` holds that by the clock, and is left out of runs over mutants.";
const shortcut =
  "A shortcut: what comes behind it gives the same, and makes a list or a sort for it that is not needed.";
const types = "The compiler asks for this case, which cannot be: what stands around it has made sure of that.";
const memory = "What was computed before is taken from memory; computed anew it is the same.";

/**
 * Mutants that no test can or should notice, with what is true of them. `file` is below `packages`; see `judgeSurvivors` for the others. An entry may
 * name a form of code in one package, never all of a mutator.
 */
export const knownSurvivors = [
  // All packages of these groups that read lists by a number.
  {
    file: /(?:matcher|triage|inventory|image|ecosystems)\/src\/.+/,
    mutator: "StringLiteral",
    from: '""',
    to: '"Stryker was here!"',
    on: /.*(?:\w\]|\)) \?\? "".*|.*\b\w+ = "".*\] (?:=|of) .*|.*\(\[, .* = "".*/,
    status: "uncovered",
    reason: `${types} The place of a list that is read is within the list, or the group of a pattern takes part in every match.`,
  },

  // Matcher.
  {
    file: "matcher/src/affected.ts",
    mutator: "ConditionalExpression",
    from: /(?:unaffectedExpressions|versions)\.length === 0/,
    to: "false",
    reason: shortcut,
  },
  {
    file: "matcher/src/affected.ts",
    from: "plain !== version",
    to: "true",
    reason: "Where they are equal, the same question is asked again below.",
  },
  {
    file: "matcher/src/affected.ts",
    from: 'end.kind === "last-affected"',
    to: "true",
    reason: "A label sorts right above its release: a fix without a label is reached with one and without.",
  },
  {
    file: "matcher/src/affected.ts",
    from: "order !== undefined",
    to: "true",
    reason: "`undefined < 0` is false: the compiler wants to be told.",
  },
  {
    file: "matcher/src/affected.ts",
    on: 'return end.kind === "open" ? introduced : end.version;',
    reason: `${types} A range without an end is unreadable by its beginning alone, which was returned.`,
  },
  { file: "matcher/src/candidates.ts", on: /const entries = lookup\.keys\.reduce\(.*/, reason: turns },
  {
    file: /matcher\/src\/(?:candidates|match)\.ts/,
    mutator: "ArithmeticOperator",
    on: /await workDone\(bytesPer\w+ \* .*\);/,
    reason: turns,
  },
  {
    file: /matcher\/src\/(?:candidates|match)\.ts/,
    mutator: "ArrayDeclaration",
    from: "[]",
    on: /const \w+ = \w+\.(?:length|size) === 0 \? \[\] : await store\..*/,
    reason: "Where nothing is asked, nothing is looked up in the answer.",
  },
  {
    file: "matcher/src/candidates.ts",
    from: "[]",
    on: /return \(key\) => entries\.get\(.*\) \?\? \[\];/,
    reason: `${types} It is asked for keys that were looked up.`,
  },
  { file: "matcher/src/candidates.ts", from: "known !== undefined", to: "false", reason: memory },
  {
    file: "matcher/src/candidates.ts",
    from: "told === undefined",
    to: "false",
    reason: `${types} All advisories of hits were read.`,
  },
  {
    file: "matcher/src/candidates.ts",
    on: /return \{ id, source: "unknown", .*/,
    status: "survived",
    reason:
      "Nothing of a finding is made of the source of an advisory without severities, and of its own list of packages.",
  },
  {
    file: "matcher/src/coverage.ts",
    from: '""',
    on: 'void all.set(`${gap.code}\\n${gap.message}\\n${gap.path ?? ""}`, { scanner: "vuln", ...gap });',
    reason: "Any text that is no path tells gaps without one from the others.",
  },
  {
    file: "matcher/src/coverage.ts",
    from: '""',
    on: '(a, b) => compareText(a.path ?? "", b.path ?? ""),',
    reason: "The sort asks with these two the other way round only; the same rule on the other side is noticed.",
  },
  {
    file: "matcher/src/fixes.ts",
    from: "[]",
    on: /.*for \(const version of \(entry\.expressions \?\? \[\]\).*/,
    reason: "A text without `<` names no fix.",
  },
  {
    file: "matcher/src/fixes.ts",
    from: "[]",
    on: "const ends: string[] = [];",
    reason:
      "A text before the end of the range is within it, thus affected, and the search goes on to the end; one behind it is not the nearest.",
  },
  {
    file: "matcher/src/fixes.ts",
    from: "step <= named.length",
    to: "step < named.length",
    reason: "The last round finds no further fix, and none is what stands behind the loop.",
  },
  {
    file: "matcher/src/fixes.ts",
    from: "version === undefined",
    to: "false",
    reason: `${types} The group takes part in every match.`,
  },
  {
    file: "matcher/src/fixes.ts",
    from: "[]",
    on: /.*version === undefined \? \[\] : \[version\].*/,
    status: "uncovered",
    reason: `${types} The group takes part in every match.`,
  },
  {
    file: "matcher/src/lookups.ts",
    from: "ownedBy === undefined",
    to: "false",
    reason: "No package has the id `undefined`: the compiler wants to be told.",
  },
  { file: "matcher/src/lookups.ts", from: "known !== undefined", to: "false", reason: memory },
  {
    file: /matcher\/src\/(?:match|rule-out)\.ts/,
    from: '"unknown"',
    to: '""',
    on: /.*unversioned = "unknown".*/,
    reason: "Only whether it is `affected` is asked.",
  },
  {
    file: "matcher/src/match.ts",
    from: /candidates\.length > 0|joinById\(.*\)\.filter\(isGroup\)/,
    reason: `${types} A group that was made has a member, and no candidates make no group.`,
  },
  {
    file: "matcher/src/match.ts",
    from: "[]",
    on: /.*(?:cves\[at\]|explanation\.notes) \?\? \[\].*/,
    status: "uncovered",
    reason: `${types} There is a list of ids for each group, and every finding has notes.`,
  },
  {
    file: "matcher/src/match.ts",
    from: "found[index] === undefined",
    to: "false",
    reason: "What is not known of a CVE is undefined in the map or out of it.",
  },
  {
    file: "matcher/src/rule-out.ts",
    from: /""|a\.advisory \?\? ""/,
    on: /\(a, b\) => compareText\(a\.(?:package\?\.purl|advisory) \?\? "", .*/,
    reason:
      "Either all reasons are about packages or none is, and all name their advisory: so the text stands on both sides.",
  },
  {
    file: "matcher/src/rule-out.ts",
    from: "[]",
    on: /reasons\.flatMap\(.*/,
    reason: "No package has the text for an id.",
  },
  {
    file: "matcher/src/rule-out.ts",
    from: "pkg !== undefined",
    to: "true",
    on: /const left = reasons\.filter\(.*/,
    reason: `${types} What looks past a package names it.`,
  },
  {
    file: "matcher/src/rule-out.ts",
    mutator: "OptionalChaining",
    from: "ecosystem?.applicability",
    reason: `${types} Names are made of packages whose ecosystem was given.`,
  },
  {
    file: "matcher/src/rule-out.ts",
    from: 'verdict.kind === "unknown"',
    to: "true",
    reason: "Of a verdict that is not unknown nothing is unreadable.",
  },
  { file: "matcher/src/severity.ts", from: "severities.length === 0", to: "false", reason: shortcut },
  {
    file: "matcher/src/severity.ts",
    from: /best === undefined( \|\| rated === undefined)?|rated === undefined/,
    on: "if (best === undefined || rated === undefined) return undefined;",
    reason: `${types} A vector that has a score has a severity, and without a vector there is none.`,
  },
  {
    file: "matcher/src/severity.ts",
    from: "byWorseThenSource(rating, best) < 0",
    to: "byWorseThenSource(rating, best) <= 0",
    reason: "Of the same severity and source it is the same rating.",
  },
  {
    file: "matcher/src/severity.ts",
    from: '"CRITICAL"',
    to: '""',
    on: 'const order: readonly Severity[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "NEGLIGIBLE"];',
    reason: "What is not in the list goes before all that is, as the first of the list does.",
  },
  {
    file: "matcher/src/severity.ts",
    from: /scores\.size >= maxMemoized|vector\.length <= 256/,
    reason: "It decides what is remembered of scores, which costs time or room and changes no score.",
  },
  {
    file: "matcher/src/severity.ts",
    from: "scores.has(vector)",
    reason:
      "Scores outlive the tests of a run over mutants. In a process of its own `true` gives no score, and `false` the same one again.",
  },
  {
    file: "matcher/src/vulnerability-ids.ts",
    from: /\(_, index\) => index|parents\[at\] \?\? at/,
    reason:
      "What `root` does not find it fills in, and the way through all parents leads to the same root as the short one.",
  },
  {
    file: "matcher/src/vulnerability.ts",
    from: /(?:versions|texts)\.length < 2/,
    to: "false",
    reason: shortcut,
  },
  {
    file: "matcher/src/vulnerability.ts",
    from: "chosen?.severity",
    reason: `${types} Where one of the opinions is there, one is chosen.`,
  },
  {
    file: "matcher/src/vulnerability.ts",
    from: "time !== undefined",
    to: "true",
    reason: "`undefined` is after no time: the compiler wants to be told.",
  },
  {
    file: "matcher/src/vulnerability.ts",
    from: "time > last",
    to: "time >= last",
    reason: "The same time is the same.",
  },
];
