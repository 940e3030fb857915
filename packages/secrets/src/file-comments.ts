import { decodeText } from "./decoded-text.ts";
import { readComment, speaksOf, type SecretComment } from "./ignore-comments.ts";
import type { SecretRule } from "./secret-rule.ts";

/** A comment, and whether it took a finding out. */
interface SeenComment {
  readonly comment: SecretComment;
  used: boolean;
}

const mostUnused = 20;
const mostOfALine = 100;
/** Bytes before and behind a mark that are read as its line. */
const longestLine = 400;

/** The comments of a file by which it excludes secrets, noted as they come and forgotten when they have had their say. */
export class FileComments {
  /** Comments of rules that exist which took nothing out: the first twenty. */
  readonly unused: SecretComment[] = [];
  /** By offset in the file. */
  readonly #seen: Map<number, SeenComment> = new Map();
  readonly #byLine: Map<number, SeenComment[]> = new Map();
  readonly #isNamed: (comment: SecretComment) => boolean;
  /** Those before this offset of the file have had their say. */
  #settled = 0;

  /** `isNamed` says whether a comment names a rule that is looked for. */
  constructor(isNamed: (comment: SecretComment) => boolean) {
    this.#isNamed = isNamed;
  }

  /** Notes the comment whose mark is at `offset` of the bytes, of which the first is at `base` of the file. */
  note(
    bytes: Uint8Array,
    { base, offset, line }: { readonly base: number; readonly offset: number; readonly line: number },
  ): void {
    if (base + offset < this.#settled || this.#seen.has(base + offset)) return;
    const start = Math.max(bytes.lastIndexOf(10, offset) + 1, offset - longestLine);
    const feed = bytes.indexOf(10, offset);
    const end = feed === -1 ? offset + longestLine : Math.min(feed, offset + longestLine);
    const before = decodeText(bytes.subarray(start, offset)).text.length;
    const comment = readComment(decodeText(bytes.subarray(start, end)).text, before, line);
    if (comment === undefined) return;
    const seen: SeenComment = { comment, used: false };
    this.#seen.set(base + offset, seen);
    const others = this.#byLine.get(line);
    if (others === undefined) this.#byLine.set(line, [seen]);
    else if (others.length < mostOfALine) others.push(seen);
  }

  /** The comment that takes a finding out; every one that does counts as used. */
  about(rule: SecretRule, lines: { readonly first: number; readonly last: number }): SecretComment | undefined {
    let found: SecretComment | undefined;
    if (this.#byLine.size === 0) return undefined;
    for (let line = lines.first - 1; line <= lines.last; line++) {
      for (const seen of this.#byLine.get(line) ?? []) {
        if (!speaksOf(seen.comment, rule, lines)) continue;
        seen.used = true;
        found ??= seen.comment;
      }
    }
    return found;
  }

  /** Those that stand before an offset of the file have had their say. */
  settle(before: number): void {
    this.#settled = before;
    for (const [offset, { comment, used }] of this.#seen) {
      if (offset >= before) continue;
      this.#seen.delete(offset);
      this.#byLine.delete(comment.line);
      if (!used && this.unused.length < mostUnused && this.#isNamed(comment)) this.unused.push(comment);
    }
  }
}
