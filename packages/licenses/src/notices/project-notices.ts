import { gap, nothing, plain, terms } from "./notice.ts";
import type { Window } from "./notice.ts";

/** How far in front of the words that refer to a licence its project may be named. */
const reach = 700;

interface ProjectNotice {
  readonly expression: string;
  /** The words at the place that drew attention, and those in front of it. */
  readonly words: RegExp;
  readonly before?: RegExp;
}

/** Words with which the sources of a project refer to the licence of its own without naming it. */
const notices: readonly ProjectNotice[] = [
  { expression: "Zlib", words: /^copyright notice in zlib\.h\b/i },
  { expression: "MIT", words: /^copyright notice in lua\.h\b/i },
  { expression: "IJG", words: /^conditions of distribution\b/i, before: /independent jpeg group's software\b/i },
  { expression: "TCL", words: /^license\.terms"? for information on usage and redistribution\b/i },
  { expression: "bzip2-1.0.6", words: /^license contained in the file license\b/i, before: /\bbzip2\/libbzip2\b/i },
  {
    expression: "Sendmail",
    words: /^license file which can be found at the top level of the sendmail distribution\b/i,
  },
  {
    expression: "Unlicense",
    words: /^released into the public domain\b/i,
    before: /\bfree and unencumbered software $/i,
  },
  {
    expression: "Unlicense",
    words: /^public domain\b/i,
    before: /\bfree and unencumbered software released into the $/i,
  },
];

/** What all of them begin with. */
const beginning = new RegExp(
  `^(?:conditions|copyright|public|released|license\\.terms|license${gap}(?:contained|file))`,
  "i",
);

/** `see copyright notice in zlib.h`: the licence of a project that says where it stands, not what it is called. */
export function project(text: string, at: number, to: number): Window | undefined {
  if (!beginning.test(text.slice(at, at + 40))) return undefined;
  const words = plain(text.slice(at, Math.min(to, at + 120)));
  for (const { expression, words: pattern, before } of notices) {
    const match = pattern.exec(words);
    if (match === null) continue;
    if (before !== undefined && !before.test(plain(text.slice(Math.max(0, at - reach), at)))) continue;
    const end = Math.min(to, at + match[0].length);
    return { found: terms(expression, at, end), readTo: end };
  }
  return notLicensing.test(text.slice(at, at + 60)) ? nothing(at + 1) : undefined;
}

/** Words that are looked at for what stands above only. */
const notLicensing = new RegExp(`^(?:conditions${gap}of${gap}distribution|copyright${gap}notice${gap}in)`, "i");
