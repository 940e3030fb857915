import { compileGlob } from "@plimsoll/formats";

/** But for the plus, which is more often part of a name (libstdc++) than an operator behind a letter. */
const metacharacters = /[\\^$.*?()[\]{}|]/;
/** Alternatives of literal text, `.`, `.*`, `.+` and escaped punctuation, but for the two signs that mean something else in a glob. */
const supported = /^\^?(?:[\w@/:+,\- |]|\\[^\w*?]|\.\*?)*\$?$/;

/**
 * Compiles the part of regular expressions that rules about package names use: literal text, `.`, `.*`, `.+`, `\.` and `|`, matched against the whole name.
 * A text says what is not supported: a pattern that is only nearly understood must not hide anything.
 */
export function compileNamePattern(pattern: string): ((name: string) => boolean) | string {
  if (!metacharacters.test(pattern)) return (name) => name === pattern;
  if (!supported.test(pattern)) return `the pattern ${JSON.stringify(pattern)} is not supported`;
  const alternatives = splitAlternatives(pattern.replace(/^\^/, "").replace(/\$$/, "")).map(compileAlternative);
  return (name) => alternatives.some((matches) => matches(name));
}

/** A name has no slashes that would matter here, so they are taken out of the glob's way. */
const slash = "\u0000";

function compileAlternative(text: string): (name: string) => boolean {
  // `.*` is `*` there, and an escaped sign is itself.
  const glob = text.replaceAll(/\\.|\.[*+]?/gs, (part) => globs.get(part) ?? part.slice(1)).replaceAll("/", slash);
  const matches = compileGlob(glob);
  return (name) => matches(name.replaceAll("/", slash));
}

const globs: ReadonlyMap<string, string> = new Map([
  [".+", "?*"],
  [".", "?"],
]);

function splitAlternatives(pattern: string): readonly string[] {
  return [...pattern.matchAll(/(?:\\.|[^\\|])+/gs)].map(([alternative]) => alternative);
}
