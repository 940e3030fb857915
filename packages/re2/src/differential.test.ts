import { generatedPattern, realPatterns } from "@plimsoll/testkit";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { compile, type Re2 } from "./index.ts";

/** What re2js finds, every match with the places of its groups. */
function expected(pattern: RE2JS, text: string): readonly string[] {
  const matcher = pattern.matcher(text);
  const out: string[] = [];
  for (let from = 0; from <= text.length && matcher.find(from);) {
    out.push(
      Array.from(
        { length: matcher.groupCount() + 1 },
        (_, group) => `${matcher.start(group)}-${matcher.end(group)}`,
      ).join(" "),
    );
    from = next(text, matcher.start(0), matcher.end(0));
  }
  return out;
}

function actual(pattern: Re2, text: string): readonly string[] {
  const out: string[] = [];
  for (let from = 0; from <= text.length;) {
    const match = pattern.exec(text, from);
    if (match === undefined) break;
    out.push(match.spans.map((span) => (span === undefined ? "-1--1" : `${span.start}-${span.end}`)).join(" "));
    from = next(text, match.start, match.end);
  }
  return out;
}

/** Where to look on: never within a surrogate pair. */
function next(text: string, start: number, end: number): number {
  return end > start ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
}

const texts = [
  "curl a\ncurl b\ncurl \ud83d\ude00 -H 'Key: abcdefgh1'\ncurl -H \"Accept: x\" -H \"Key: 12345678\"\ncurl\ncurl -s\n--header='Key: abcdefgh2'\ncurl c",
  "foofoo ab\nab cde\nfoo\nab fg\n\n\nab\nab cd\n\ud83d\ude00ab fg\nfoo ab",
  "",
  "registry.example.com/team/app:v1.2.3@sha256:" + "0a".repeat(32),
  "host 10.0.255.1 mail a.b+c@example.org, id 123e4567-e89b-12d3-a456-426614174000\n# comment  \nKEY = value\n",
  'api_key: \'abcdefghijklmnop0123\' token="x"; "a \\" b" \'c\' 2026-01-02T03:04:05.678Z 23:59',
  "abcd aabbc xxxxyyyzz C:\\Temp\\x /* a */ /* b\n */ key key secret aaaaaaaab user:pass@host-1",
  "Straße ΣΑΣ σας K \u212a Éclair 日本 x1_ node_modules/a.png\r\nBearer aa.bb.cc",
  "v1.2.3-rc.1+5",
];

describe("matches are those of re2js, group by group,", () => {
  test.each([
    ...realPatterns,
    // Of these, several pieces have to be near each other.
    String.raw`(?i)\bcurl\b[^\n]{0,150}?(?:[\r\n]{1,2}[^\n]{0,150}?){0,5}[ \t\n\r](?:-H|--header)(?:=|[ \t]{0,5})["']Key:[ \t]{0,5}([\w=]{8,})["']`,
    String.raw`(?:foo|.{0,9}\n){1,9}ab[^\n]{0,9}(?:cde|fg)[^\n]{0,9}\n`,
  ])("for %s", (pattern) => {
    const theirs = RE2JS.compile(pattern);
    const ours = compile(pattern);
    for (const text of texts) expect(actual(ours, text)).toEqual(expected(theirs, text));
  });

  test("for 2,000 generated patterns, and the proof of linear time holds for a good part of them", () => {
    let native = 0;
    const differences: string[] = [];
    for (let seed = 1; seed <= 2000; seed++) {
      const { pattern, texts: own } = generatedPattern(seed);
      const compiled = compile(pattern);
      if (compiled.engine === "native") native++;
      const theirs = RE2JS.compile(pattern);
      for (const text of own) {
        const want = expected(theirs, text);
        const found = actual(compiled, text);
        if (JSON.stringify(found) === JSON.stringify(want) && compiled.test(text) === want.length > 0) continue;
        differences.push(
          `${seed} ${pattern} on ${JSON.stringify(text)}: ${found.join(", ")} instead of ${want.join(", ")}`,
        );
      }
    }
    expect(differences).toEqual([]);
    expect(native).toBeGreaterThan(1000);
  });
});

const pieces = [
  "a",
  "*",
  "+",
  "?",
  "{2}",
  "{1001}",
  "{,2}",
  "{2,1}",
  "(",
  ")",
  "(?:",
  "(?i)",
  "(?P<n>",
  "(?<n>",
  "(?=",
  "(?-",
  "|",
  "[",
  "]",
  "[^",
  "-",
  "[:alpha:]",
  "[:nope:]",
  "\\",
  "\\d",
  "\\Q",
  "\\E",
  "\\x{1F600}",
  "\\x4",
  "\\012",
  "\\1",
  "\\8",
  "\\C",
  "\\Z",
  "\\z",
  "\\pN",
  "\\p{Greek}",
  "\\p{Grek}",
  "\\p{^Lu}",
  "\\PL",
  "\\p{",
  "^",
  "$",
  ".",
  "_",
  "\\_",
  "\\-",
  "{",
  "}",
];

test("what re2js refuses is a SyntaxError, and nothing else is", () => {
  let state = 7;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8;
  let refused = 0;
  for (let run = 0; run < 4000; run++) {
    const pattern = Array.from({ length: 1 + (random() % 5) }, () => pieces[random() % pieces.length]).join("");
    let theirs = true;
    try {
      RE2JS.compile(pattern);
    } catch {
      theirs = false;
    }
    let ours = true;
    try {
      compile(pattern);
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
      ours = false;
    }
    if (!ours) refused++;
    expect({ pattern, taken: ours }).toEqual({ pattern, taken: theirs });
  }
  expect(refused).toBeGreaterThan(500);
});

test("patterns of repetitions without end, which only the slow engine takes, match as re2js says", () => {
  const parts = [
    "a",
    "b",
    "x+",
    ".*",
    "(?:.*/)?",
    "(a|[^/]+b|.*c)",
    "(x+a|(b.*c|1+))?",
    "(?:a.*|b)",
    "^",
    "$",
    "\\b",
    "(?m:$)",
    "\\w+c",
    "|",
  ];
  const letters = "abcx/\n1 ";
  let seed = 5;
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % below;
  const of = (choices: readonly string[] | string, most: number): string =>
    Array.from({ length: random(most) }, () => choices[random(choices.length)]).join("");
  let slow = 0;
  for (let round = 0; round < 1_500; round++) {
    const pattern = of(parts, 7);
    const compiled = compile(pattern);
    if (compiled.engine === "native") continue;
    slow++;
    const theirs = RE2JS.compile(pattern);
    for (let count = 0; count < 4; count++) {
      const text = of(letters, 14);
      expect([pattern, text, ...actual(compiled, text)]).toEqual([pattern, text, ...expected(theirs, text)]);
    }
  }
  expect(slow).toBeGreaterThan(300);
});
