/**
 * RE2's syntax, as Go's regexp/syntax reads it (https://github.com/google/re2/wiki/Syntax). What RE2 refuses is a SyntaxError:
 * look-around, back references, possessive and stacked repetition, counts above 1,000, nesting beyond 1,000.
 */

import {
  codePointSet,
  everyCodePoint,
  foldCase,
  lineFeed,
  negate,
  perlClasses,
  posixClasses,
  unicodeClass,
  type CodePointSet,
} from "./code-points.ts";
import { emptyNode, type AssertedPlace, type SyntaxNode } from "./syntax-tree.ts";

/** A pattern as a syntax tree, with its groups. */
export interface ParsedPattern {
  readonly root: SyntaxNode;
  /** How many capturing groups there are. */
  readonly captures: number;
  /** Numbers of the groups that have names, in order. */
  readonly names: ReadonlyMap<string, number>;
}

/** Flags as RE2 writes them in `(?flags)`. */
interface Flags {
  readonly foldCase: boolean;
  readonly multiLine: boolean;
  readonly dotMatchesLineFeed: boolean;
  readonly swapGreed: boolean;
}

const maximumRepeat = 1000;
const maximumDepth = 1000;
/** Go's limit is 128 MiB of program at 40 bytes an instruction. */
const maximumInstructions = 3_355_443;

/** Parses a pattern. `flags`: any of `i`, `m`, `s`, `U`, as if the pattern began with `(?flags)`. */
export function parse(pattern: string, flags = ""): ParsedPattern {
  return new Parser(pattern).parsePattern(flags);
}

class Parser {
  private readonly pattern: string;
  private at = 0;
  private flags: Flags = { foldCase: false, multiLine: false, dotMatchesLineFeed: false, swapGreed: false };
  private captures = 0;
  private readonly names = new Map<string, number>();
  /** What `countOf` found, so that deep nesting is not walked again for each level. */
  private readonly counts = new Map<SyntaxNode, number>();

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  parsePattern(flags: string): ParsedPattern {
    for (const flag of flags)
      this.flags = this.withFlag(this.flags, flag, true) ?? this.fail(`unknown flag: \`${flag}\``);
    const root = this.parseChoice(1);
    if (this.at < this.pattern.length) this.fail("unexpected )");
    if (instructions(root) > maximumInstructions) this.fail("expression too large");
    return { root, captures: this.captures, names: this.names };
  }

  private fail(what: string): never {
    const shown = this.pattern.length > 100 ? `${this.pattern.slice(0, 100)}…` : this.pattern;
    throw new SyntaxError(`error parsing regexp: ${what} at ${this.at} of \`${shown}\``);
  }

  private parseChoice(depth: number): SyntaxNode {
    if (depth > maximumDepth) this.fail("expression nests too deeply");
    const alternatives: SyntaxNode[] = [];
    do alternatives.push(this.parseSequence(depth));
    while (this.take("|"));
    return alternatives.length === 1 ? (alternatives[0] ?? emptyNode) : { kind: "choice", items: alternatives };
  }

  private parseSequence(depth: number): SyntaxNode {
    const items: SyntaxNode[] = [];
    let afterRepeat = false;
    while (this.at < this.pattern.length) {
      const next = this.pattern.charAt(this.at);
      if (next === "|" || next === ")") break;
      if (next === "*" || next === "+" || next === "?" || next === "{") {
        const count = this.takeCount();
        if (count !== undefined) {
          if (afterRepeat) this.fail("invalid nested repetition operator");
          const body = items.pop();
          if (body === undefined) this.fail("missing argument to repetition operator");
          items.push(this.repeat(body, count));
          afterRepeat = true;
          continue;
        }
      }
      afterRepeat = false;
      if (next === "(") {
        const group = this.parseGroup(depth);
        if (group !== undefined) items.push(group);
      } else if (next === "\\" && this.pattern.startsWith("\\Q", this.at)) {
        for (const point of this.takeQuoted()) items.push(this.literal(point));
      } else {
        items.push(this.parseAtom());
      }
    }
    return items.length === 1 ? (items[0] ?? emptyNode) : { kind: "sequence", items };
  }

  private repeat(body: SyntaxNode, { min, max }: { readonly min: number; readonly max: number }): SyntaxNode {
    const lazy = this.take("?");
    const node: SyntaxNode = { kind: "repeat", body, min, max, greedy: lazy === this.flags.swapGreed };
    if (this.countOf(node) > maximumRepeat) this.fail("invalid repeat count");
    return node;
  }

  /** The largest product of nested counts within a node. `*`, `+` and `?` are no counts. */
  private countOf(node: SyntaxNode): number {
    if (node.kind === "set" || node.kind === "assert") return 1;
    const known = this.counts.get(node);
    if (known !== undefined) return known;
    let count = 1;
    if (node.kind === "capture") count = this.countOf(node.body);
    else if (node.kind === "repeat") {
      const own = node.max === Infinity ? node.min : node.max;
      count = node.max === 0 ? 1 : Math.max(1, own) * this.countOf(node.body);
    } else for (const item of node.items) count = Math.max(count, this.countOf(item));
    this.counts.set(node, count);
    return count;
  }

  /** The repetition operator at this place; undefined, and nothing taken, where a brace is no count and stands for itself. */
  private takeCount(): { readonly min: number; readonly max: number } | undefined {
    if (this.take("*")) return { min: 0, max: Infinity };
    if (this.take("+")) return { min: 1, max: Infinity };
    if (this.take("?")) return { min: 0, max: 1 };
    const found = /\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}/y;
    found.lastIndex = this.at;
    const count = found.exec(this.pattern);
    if (count === null) return undefined;
    const min = Number(count[1]);
    const max = count[2] === undefined ? min : count[3] === undefined ? Infinity : Number(count[3]);
    if (min > maximumRepeat || (max !== Infinity && max > maximumRepeat) || min > max) {
      this.fail(`invalid repeat count: \`${count[0].slice(0, 30)}\``);
    }
    this.at += count[0].length;
    return { min, max };
  }

  /** Everything up to `\E`, or to the end, stands for itself. */
  private takeQuoted(): readonly number[] {
    const end = this.pattern.indexOf("\\E", this.at + 2);
    const quoted = this.pattern.slice(this.at + 2, end === -1 ? undefined : end);
    this.at = end === -1 ? this.pattern.length : end + 2;
    return Array.from(quoted, (character) => character.codePointAt(0) ?? 0);
  }

  /** A group; undefined for `(?flags)`, which only changes what follows. */
  private parseGroup(depth: number): SyntaxNode | undefined {
    this.at++;
    const outer = this.flags;
    let index: number | undefined;
    if (this.take("?")) {
      const name = /(?:P?<)([^>]*)>/y;
      name.lastIndex = this.at;
      const named = name.exec(this.pattern);
      if (named !== null) {
        index = this.nameCapture(named[1] ?? "");
        this.at += named[0].length;
      } else if (!this.parseFlags()) {
        return undefined;
      }
    } else {
      index = ++this.captures;
    }
    const body = this.parseChoice(depth + 1);
    if (!this.take(")")) this.fail("missing closing )");
    this.flags = outer;
    return index === undefined ? body : { kind: "capture", index, body };
  }

  private nameCapture(name: string): number {
    if (!/^[0-9A-Za-z_]+$/.test(name)) this.fail("invalid named capture");
    if (this.names.has(name)) this.fail(`duplicate capture group name: \`${name}\``);
    this.captures++;
    this.names.set(name, this.captures);
    return this.captures;
  }

  /** Reads `flags:` (true: a group is open) or `flags)` (false: nothing to close). */
  private parseFlags(): boolean {
    let flags = this.flags;
    let on = true;
    let sawOne = true;
    while (this.at < this.pattern.length) {
      const next = this.pattern.charAt(this.at++);
      if (next === ":" || next === ")") {
        if (!sawOne) break;
        this.flags = flags;
        return next === ":";
      }
      if (next === "-") {
        if (!on) break;
        on = false;
        sawOne = false;
        continue;
      }
      const changed = this.withFlag(flags, next, on);
      if (changed === undefined) break;
      flags = changed;
      sawOne = true;
    }
    return this.fail("invalid or unsupported Perl syntax");
  }

  private withFlag(flags: Flags, name: string, on: boolean): Flags | undefined {
    if (name === "i") return { ...flags, foldCase: on };
    if (name === "m") return { ...flags, multiLine: on };
    if (name === "s") return { ...flags, dotMatchesLineFeed: on };
    if (name === "U") return { ...flags, swapGreed: on };
    return undefined;
  }

  private parseAtom(): SyntaxNode {
    const next = this.pattern.charAt(this.at);
    if (next === "[") return { kind: "set", set: this.parseClass() };
    if (next === "\\") return this.parseEscapedAtom();
    const point = this.takePoint();
    if (next === ".") return { kind: "set", set: this.flags.dotMatchesLineFeed ? everyCodePoint : negate(lineFeed) };
    if (next === "^") return assert(this.flags.multiLine ? "line-start" : "text-start");
    if (next === "$") return assert(this.flags.multiLine ? "line-end" : "text-end");
    return this.literal(point);
  }

  private literal(point: number): SyntaxNode {
    const set = [point, point];
    return { kind: "set", set: this.flags.foldCase ? foldCase(set) : set };
  }

  private parseEscapedAtom(): SyntaxNode {
    const place = escapedPlaces[this.pattern.charAt(this.at + 1)];
    if (place !== undefined) {
      this.at += 2;
      return assert(place);
    }
    const set = this.takeNamedSet();
    return set === undefined ? this.literal(this.takeEscaped()) : { kind: "set", set };
  }

  /** `\d`, `\pL`, `\p{Greek}` and their opposites; undefined, and nothing taken, where something else stands. */
  private takeNamedSet(): CodePointSet | undefined {
    if (this.pattern.charAt(this.at) !== "\\") return undefined;
    const letter = this.pattern.charAt(this.at + 1);
    const perl = /^[dsw]$/i.test(letter) ? perlClasses[letter.toLowerCase()] : undefined;
    if (perl !== undefined) {
      this.at += 2;
      return this.folded(perl, letter !== letter.toLowerCase());
    }
    if (letter !== "p" && letter !== "P") return undefined;
    const named = /\\[pP](?:\{(\^?)([^}]*)\}|([^{]))/uy;
    named.lastIndex = this.at;
    const found = named.exec(this.pattern);
    const set = found === null ? undefined : unicodeClass(found[2] ?? found[3] ?? "");
    if (found === null || set === undefined) return this.fail("invalid character class range");
    this.at += found[0].length;
    return this.folded(set, (letter === "P") !== (found[1] === "^"));
  }

  private folded(set: CodePointSet, negated: boolean): CodePointSet {
    const wide = this.flags.foldCase ? foldCase(set) : set;
    return negated ? negate(wide) : wide;
  }

  private parseClass(): CodePointSet {
    this.at++;
    const negated = this.take("^");
    const ranges: number[] = [];
    let first = true;
    while (first || this.pattern.charAt(this.at) !== "]") {
      if (this.at >= this.pattern.length) this.fail("missing closing ]");
      first = false;
      const named = this.takePosixSet() ?? this.takeNamedSet();
      if (named !== undefined) {
        for (const bound of named) ranges.push(bound);
        continue;
      }
      const low = this.takeClassPoint();
      let high = low;
      if (
        this.pattern.charAt(this.at) === "-" &&
        this.at + 1 < this.pattern.length &&
        this.pattern.charAt(this.at + 1) !== "]"
      ) {
        this.at++;
        high = this.takeClassPoint();
        if (high < low) this.fail("invalid character class range");
      }
      ranges.push(low, high);
    }
    this.at++;
    return this.folded(codePointSet(ranges), negated);
  }

  private takePosixSet(): CodePointSet | undefined {
    if (!this.pattern.startsWith("[:", this.at)) return undefined;
    const end = this.pattern.indexOf(":]", this.at + 2);
    if (end === -1) return undefined;
    const name = this.pattern.slice(this.at + 2, end);
    const set = posixClasses.get(name.startsWith("^") ? name.slice(1) : name);
    if (set === undefined) this.fail("invalid character class range");
    this.at = end + 2;
    return this.folded(set, name.startsWith("^"));
  }

  private takeClassPoint(): number {
    if (this.at >= this.pattern.length) this.fail("missing closing ]");
    return this.pattern.charAt(this.at) === "\\" ? this.takeEscaped() : this.takePoint();
  }

  /** The character that an escape stands for. */
  private takeEscaped(): number {
    const escape =
      /\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2})|([afnrtv])|([!-/:-@[-`{-~]))/y;
    escape.lastIndex = this.at;
    const found = escape.exec(this.pattern);
    if (found === null)
      return this.fail(this.at + 1 >= this.pattern.length ? "trailing backslash" : "invalid escape sequence");
    const [text, braced, hex, octal, letter, punctuation = ""] = found;
    const point =
      letter !== undefined
        ? (controls[letter] ?? 0)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : braced !== undefined || hex !== undefined
            ? Number.parseInt(braced ?? hex ?? "", 16)
            : punctuation.charCodeAt(0);
    if (point > 0x10ffff) this.fail("invalid escape sequence");
    this.at += text.length;
    return point;
  }

  private takePoint(): number {
    const point = this.pattern.codePointAt(this.at) ?? 0;
    this.at += point > 0xffff ? 2 : 1;
    return point;
  }

  private take(character: string): boolean {
    if (this.pattern.charAt(this.at) !== character) return false;
    this.at++;
    return true;
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const escapedPlaces: Readonly<Partial<Record<string, AssertedPlace>>> = {
  A: "text-start",
  z: "text-end",
  b: "word-boundary",
  B: "no-word-boundary",
};

function assert(place: AssertedPlace): SyntaxNode {
  return { kind: "assert", place };
}

/** About how many instructions RE2 would compile the node to. */
function instructions(node: SyntaxNode): number {
  if (node.kind === "capture") return 2 + instructions(node.body);
  if (node.kind === "sequence" || node.kind === "choice") {
    return node.items.reduce((sum, item) => sum + 1 + instructions(item), 0);
  }
  if (node.kind !== "repeat") return 1;
  return 1 + instructions(node.body) * Math.max(1, node.max === Infinity ? node.min : node.max);
}
