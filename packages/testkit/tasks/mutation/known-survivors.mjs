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

  // Versions and their ranges.
  {
    file: /ecosystems\/src\/.+/,
    mutator: "ArrayDeclaration",
    from: "[]",
    on: /.*const \[, .*\] = .*(?:exec|match)\(.*\) \?\? \[\];/,
    reason: "Only what stands behind the first place of the list is read, and there is nothing there in either list.",
  },
  {
    file: /ecosystems\/src\/.+/,
    mutator: "ArrayDeclaration",
    from: "[]",
    status: "uncovered",
    on: /.*(?:match\(.*\)|\w\]) \?\? \[\].*/,
    reason: `${types} The text was found to have such parts, or the place of the list is within it.`,
  },
  {
    file: /ecosystems\/src\/.+/,
    from: '""',
    to: '"Stryker was here!"',
    on: /.*const \[, .*\w+ = "".*\] = .*/,
    status: "survived",
    reason: "The group takes part in every match; where nothing matched, what is read of it is not used.",
  },
  {
    file: /ecosystems\/src\/(?:conan|cran|hackage|shared\/versions\/fuzzy)[\w/-]*\.ts/,
    from: /.*Math\.min\(a(?:\.numbers)?\.length, b(?:\.numbers)?\.length\)/,
    to: /.*(?:<= Math\.min|Math\.max)\(.*\)/,
    reason: "A further round compares a part with none, which gives the order that the lengths give.",
  },
  {
    file: /ecosystems\/src\/(?:gem\/versions|shared\/versions\/(?:dpkg|rpm|portage)-versions|shared\/versions\/semantic-version)\.ts/,
    mutator: "EqualityOperator",
    from: /at < (?:Math\.max\(a(?:\.numbers)?\.length, b(?:\.numbers)?\.length\)|[ab]\.length)/,
    to: /at <= .*/,
    reason: "A further round compares the end with the end.",
  },
  {
    file: /ecosystems\/src\/(?:gem\/versions|shared\/versions\/(?:plain|portage)-versions)\.ts/,
    from: "end > 0",
    to: /true|end >= 0/,
    reason: "There is no character before the first, so the loop ends there all the same.",
  },
  {
    file: /ecosystems\/src\/(?:gem\/versions|composer\/versions)\.ts/,
    from: "code >= 48",
    to: "true",
    reason: "Segments are made of digits and letters: none begins with a character below the digits.",
  },
  {
    file: /ecosystems\/src\/(?:gem\/versions|shared\/versions\/(?:generic-versions|native-range|semver-range))\.ts/,
    mutator: "Regex",
    from: "/[\\s,]+/",
    to: "/[\\s,]/",
    reason: "Cut at each single blank there are empty parts, and those are passed over.",
  },
  {
    file: /ecosystems\/src\/(?:alpm\/versions|shared\/versions\/rpm-versions)\.ts/,
    from: /rest\.slice\(hyphen \+ 1\)|hyphen \+ 1/,
    to: /rest|hyphen - 1/,
    reason:
      "Releases are compared where the versions before them are equal, so what is too much at their front is equal, too.",
  },
  {
    file: "ecosystems/src/apk/versions.ts",
    from: "first?.rank",
    reason: `${types} A version that was read has a part.`,
  },
  {
    file: "ecosystems/src/apk/versions.ts",
    from: '""',
    on: /(?:if \(!reader\.atEnd\(\)\) |if \(number === ""\) |)reader\.add\(.*, "", .*\);/,
    reason: "All parts of this rank have the same text, whichever it is.",
  },
  {
    file: "ecosystems/src/apk/versions.ts",
    from: /number [!=]== ""|found !== ""|""|\[\]/,
    on: /if \((?:number|found) [!=]== ""\).*|if \(reader\.take\(revision\) !== ""\).*|if \(reader\.take\(dot\) === ""\).*|readonly parts: Part\[\] = \[\];/,
    reason:
      "A part without text then stands in both versions that are compared up to here, or before any part that has one.",
  },
  {
    file: "ecosystems/src/bitnami/versions.ts",
    from: "bound.trim()",
    reason: "Bounds come without blanks around them.",
  },
  {
    file: "ecosystems/src/composer/versions.ts",
    on: /(?:normalize\(plain\)|\?\.map\(.*|\.match\(.*)/,
    mutator: "OptionalChaining",
    reason: `${types} The text begins with a digit.`,
  },
  {
    file: "ecosystems/src/composer/versions.ts",
    from: "a.length > b.length",
    to: "a.length >= b.length",
    reason: "Equal lengths were told on the line before.",
  },
  {
    file: "ecosystems/src/conan/versions.ts",
    from: '" "',
    to: '""',
    reason: "What follows an option is a comma, a blank or the end.",
  },
  {
    file: "ecosystems/src/gem/versions.ts",
    from: '["0"]',
    to: "[]",
    reason: "Zeros at the end do not count, so it is no segment at all either way.",
  },
  {
    file: "ecosystems/src/gem/versions.ts",
    on: 'const written = text.replaceAll("-", ".pre.").match(/[0-9]+|[a-z]+/gi) ?? [];',
    reason: "Of what is written only the numbers before the first word are used.",
  },
  {
    file: "ecosystems/src/gem/versions.ts",
    on: 'const [, operator = "=", text = ""] = requirement.exec(condition) ?? [];',
    reason: "Any operator that is none of the others means equality, and any text that is no version is none.",
  },
  {
    file: "ecosystems/src/gem/versions.ts",
    from: '"0"',
    on: /return canonical\(\[\.\.\.numbers\.slice.*/,
    reason: `${types} A version begins with a number.`,
  },
  {
    file: "ecosystems/src/hackage/versions.ts",
    on: /.*\/\\d\+\/g.*/,
    reason: "Only the separators are compared, of which there are as many on both sides by then.",
  },
  {
    file: "ecosystems/src/jdk/versions.ts",
    mutator: "Regex",
    from: "/^b\\d+$/",
    to: "/^b\\d+/",
    reason: "The word is letters and then digits: behind `b` and digits nothing follows.",
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    on: /const levels: Item\[\]\[\] = \[\[\]\];|let list: Item\[\] = levels\[0\] \?\? \[\];|let inDigits = false;|for \(let at = 0; at < version\.length; at\+\+\) \{|if \(version\.length > start\) take\(version\.length, false\);/,
    reason: "What this adds is a release, a zero or an empty level, and those are dropped from the end of every level.",
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    from: "levels.length - 1",
    to: "levels.length + 1",
    reason: "Levels that are not there hold nothing, and levels that hold nothing are not kept at the end.",
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    mutator: "OptionalChaining",
    reason: `${types} The level, or its first item, is there.`,
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    from: 'each.kind === "qualifier"',
    to: "true",
    reason: "An item that is no number is a qualifier.",
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    from: /index < \(version\[level\]\?\.length \?\? 0\)|at < version\.length/,
    to: /index <= .*|at <= .*/,
    reason: "What is not there compares as nothing.",
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    from: "level + 1",
    to: "level - 1",
    on: "return compareToNothing(version, level + 1);",
    status: "uncovered",
    reason: "No level ends with a zero or a release, so one of its items has decided before.",
  },
  {
    file: "ecosystems/src/maven/versions.ts",
    from: "at < range.length",
    to: /true|at <= range\.length/,
    on: 'while (at < range.length && /[\\s,]/.test(range[at] ?? "")) at++;',
    reason: "Behind the end there is neither a blank nor a comma.",
  },
  {
    file: "ecosystems/src/npm/versions.ts",
    from: "a instanceof SemVer && b instanceof SemVer",
    to: "false",
    reason: "A shortcut: the other order is that of Semantic Versioning, too.",
  },
  { file: "ecosystems/src/npm/versions.ts", from: "ranges.has(text)", to: "false", reason: memory },
  {
    file: "ecosystems/src/npm/versions.ts",
    from: "ranges.has(text)",
    to: "true",
    reason: "Ranges outlive the tests of a run over mutants. In a process of its own no range can be read.",
  },
  {
    file: "ecosystems/src/nuget/versions.ts",
    from: "pre.toLowerCase()",
    to: "pre.toUpperCase()",
    reason: "Either makes the case not count; digits and hyphens are below letters of both.",
  },
  {
    file: "ecosystems/src/nuget/versions.ts",
    from: /(?:low|high)\.trim\(\)/,
    reason: "Versions are read without blanks around them anyway.",
  },
  {
    file: "ecosystems/src/program/versions.ts",
    from: /each === undefined|\[\]/,
    on: /.*alternatives\.flatMap\(\(each\) => .*/,
    reason: `${types} With an alternative that is none the whole is none, on the line before.`,
  },
  {
    file: "ecosystems/src/program/versions.ts",
    from: /"0"|minor\.slice\(-1\)/,
    reason: "No number counts as 0, and the last digit of a number tells whether it is even.",
  },
  {
    file: "ecosystems/src/pub/versions.ts",
    from: /"0"|shape\.exec\(version\)\?\.\[1\]\?\.split/,
    on: 'const [major = "", minor = "0"] = shape.exec(version)?.[1]?.split(".") ?? [];',
    reason: "No number counts as 0; a version that matches has numbers.",
  },
  {
    file: "ecosystems/src/pypi/versions.ts",
    from: '"="',
    to: '""',
    reason: "A version without an operator is meant by itself, as with `=`.",
  },
  {
    file: "ecosystems/src/pypi/versions.ts",
    mutator: "Regex",
    from: "/\\+.*$/s",
    to: "/\\+.*/s",
    reason: "It takes all to the end anyway.",
  },
  {
    file: "ecosystems/src/shared/versions/digits.ts",
    from: /start === 0|index < length/,
    reason: "Cut from its start a text is itself; behind the end of both there is nothing to compare.",
  },
  {
    file: "ecosystems/src/shared/versions/dpkg-versions.ts",
    from: /other !== "" \|\| digits !== ""|""/,
    on: 'if (other !== "" || digits !== "") runs.push({ text: other, digits: significant(digits) });',
    reason: "A run of nothing at the end compares as the end.",
  },
  {
    file: "ecosystems/src/shared/versions/dpkg-versions.ts",
    from: "(code | 0x20) <= 0x7a",
    to: "true",
    reason: "Above the letters versions have nothing but the tilde, which was told before.",
  },
  {
    file: "ecosystems/src/shared/versions/dpkg-versions.ts",
    on: /return \/\^\(\?:\[a-z\]\+.*/,
    mutator: /StringLiteral|ArrayDeclaration/,
    reason: "Words for no version are told apart by their text, before epoch, version and revision are looked at.",
  },
  {
    file: "ecosystems/src/shared/versions/fuzzy-versions.ts",
    from: "parts.length > 1",
    to: /true|parts\.length >= 1/,
    reason: "A text that is nothing but punctuation has one empty part or none, which both hold no runs.",
  },
  {
    file: "ecosystems/src/shared/versions/fuzzy-versions.ts",
    mutator: "Regex",
    from: "/^\\d/",
    to: "/\\d/",
    reason: "A run is of digits alone or has none.",
  },
  {
    file: "ecosystems/src/shared/versions/generic-versions.ts",
    from: /part === ""|""/,
    on: 'if (part === "" || part === "*") continue;',
    reason: "An empty condition holds for every version.",
  },
  {
    file: "ecosystems/src/shared/versions/generic-versions.ts",
    mutator: "Regex",
    from: "/^(~>|~|\\^)(.*)$/s",
    to: "/^(~>|~|\\^)(.*)/s",
    reason: "It takes all to the end anyway.",
  },
  {
    file: "ecosystems/src/shared/versions/generic-versions.ts",
    on: "if (operator === undefined || bound === undefined) {",
    reason: `${types} Both groups take part in every match, or neither.`,
  },
  {
    file: "ecosystems/src/shared/versions/interval-range.ts",
    mutator: "Regex",
    from: "/^\\s*[[(]/",
    to: "/\\s*[[(]/",
    reason: "A bracket elsewhere is in no range of either notation, and both readers say so.",
  },
  {
    file: "ecosystems/src/shared/versions/interval-range.ts",
    on: /while \(rest !== ""\) \{|const \[whole, open, .*|if \(whole === undefined\) return undefined;|if \(rest === ""\) break;|.*to === "".*|return alternatives\.length === 0 \? undefined : alternatives;/,
    reason:
      "A range of intervals begins with a bracket, so there is a first one; what does not match one has no opening bracket, and is refused for that.",
  },
  {
    file: "ecosystems/src/shared/versions/native-range.ts",
    on: /const \[, written, text = ""\] = .*|const operator = written .*|const \[, prefix\] = .*|const numbers = \(prefix .*/,
    from: /\[\]|"="|""/,
    reason:
      "What matches no condition, and what has no numbers, is refused or taken whole further down, whatever it is called here.",
  },
  {
    file: "ecosystems/src/shared/versions/native-range.ts",
    from: "last === undefined",
    to: "false",
    reason: "`undefined` is no number either: the pattern behind it says so.",
  },
  {
    file: "ecosystems/src/shared/versions/plain-versions.ts",
    from: "zone.toUpperCase()",
    reason: "This engine reads both; the standard asks for the upper case alone.",
  },
  {
    file: "ecosystems/src/shared/versions/plain-versions.ts",
    from: "milliseconds / 1000",
    reason: "Points in time have one order in every unit.",
  },
  {
    file: "ecosystems/src/shared/versions/portage-versions.ts",
    on: /const \[whole, numbers = "", .*/,
    reason: "The groups take part in every match; without one nothing is read of them.",
  },
  {
    file: "ecosystems/src/shared/versions/portage-versions.ts",
    on: "for (let at = 1; at < a.length && at < b.length; at++) {",
    reason: "A further round compares a number with none, which gives the order that the lengths give.",
  },
  {
    file: "ecosystems/src/shared/versions/semver-range.ts",
    from: /"="|\[\]/,
    on: 'const [, operator = "=", text = ""] = condition.exec(part) ?? [];',
    reason: "Any operator that is none of the others means equality, and every part matches.",
  },
  {
    file: "ecosystems/src/shared/versions/semver-range.ts",
    from: "bound === undefined",
    to: "false",
    on: "return bound === undefined ? undefined : { operator, bound, prefix };",
    reason: `${types} What the wildcards leave of a version can be read.`,
  },
  {
    file: "ecosystems/src/shared/versions/semver-range.ts",
    from: /\/\^\[vV\]\?.*/,
    to: /\/\^\[vV\]\?.*\.split|.*exec\(text\)\[1\]|\/\[vV\]\?.*/,
    reason: `${types} The text was read as a version, so numbers stand at its start.`,
  },
  {
    file: "ecosystems/src/shared/versions/semver-range.ts",
    from: "order === 0",
    to: "true",
    on: /if \(operator === "<" && order === 0\) .*/,
    reason: "Where the first numbers differ, the whole versions have the same order.",
  },
  {
    file: "ecosystems/src/shared/versions/semver-range.ts",
    from: "[]",
    on: "return { numbers: numbers.slice(0, length), prerelease: [] };",
    reason: "Both sides have the same pre-release then.",
  },
  {
    file: /ecosystems\/src\/(?:apk\/versions|shared\/versions\/(?:dpkg|portage|rpm)-versions)\.ts/,
    from: /"0?"/,
    on: /const (?:endPart|noSuffix|beginningOfTime)\b.*|\{ rank: rank\.(?:digits|beginning), text: "0?" \},/,
    reason: "Nothing else has its rank, so its text is compared with itself alone; and a number of no digits is 0.",
  },
  {
    file: "ecosystems/src/npm/versions.ts",
    from: "ranges.size >= 1_024",
    reason: "It decides what is remembered of ranges, which costs time or room and changes no answer.",
  },
  {
    file: "ecosystems/src/npm/versions.ts",
    from: '"="',
    to: '""',
    reason: "A version without an operator is meant by itself, as with `=`.",
  },
  {
    file: "ecosystems/src/npm/versions.ts",
    from: "{ return undefined; }",
    to: "{}",
    reason: "A function that comes to its end gives undefined.",
  },
  {
    file: /ecosystems\/src\/shared\/versions\/(?:native|semver)-range\.ts/,
    mutator: "Regex",
    from: /\/\^\(<=.*\)\?\(\\S\+\)\$\//,
    to: /\/\(<=.*|.*\(\\S\+\)\//,
    reason: "A part has no blanks in it, so the pattern takes all of it from its first character on.",
  },
  {
    file: "ecosystems/src/bitnami/versions.ts",
    from: '"bitnami"',
    to: '""',
    reason: "That of the inner scheme, with which versions are compared and whose id nobody reads.",
  },
  {
    file: "ecosystems/src/jdk/versions.ts",
    mutator: "Regex",
    from: /.*\(\.\*\)\$\/s/,
    to: /.*\(\.\*\)\/s/,
    reason: "It takes all to the end anyway.",
  },
];
