import { RE2JS } from "re2js";
import { contains } from "./code-points.ts";
import { proveLinear } from "./linear.ts";
import { parse, type ParsedPattern } from "./parse.ts";
import { linearEnd, requiredPieces } from "./required.ts";
import { maximumLength, someNode, type SyntaxNode } from "./syntax-tree.ts";
import { translate } from "./translate.ts";

/** Where a group lies in the text: the index of its first UTF-16 unit and of the unit after its last. */
export interface Re2Span {
  readonly start: number;
  readonly end: number;
}

/** One match. Indices count UTF-16 units of the text, as JavaScript's do. */
export interface Re2Match extends Re2Span {
  /** The same as `start`, under the name that JavaScript gives it. */
  readonly index: number;
  readonly text: string;
  /** The match itself, then the groups in order of their opening parentheses; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
  /** Where each of `groups` lies. */
  readonly spans: readonly (Re2Span | undefined)[];
  /** Groups that have a name. The object has no prototype: any name is safe. */
  readonly named: Readonly<Record<string, string | undefined>>;
  /** Where each of `named` lies. */
  readonly namedSpans: Readonly<Record<string, Re2Span | undefined>>;
}

/** A pattern in RE2 syntax that takes time linear in the text, whatever text and pattern are. */
export interface Re2 {
  /** The pattern as given. */
  readonly source: string;
  /**
   * Which engine runs: `native` (JavaScript's, for patterns proved to be linear in it) or `automaton` (re2js, looked at only
   * where what the pattern needs was found).
   */
  readonly engine: "native" | "automaton";
  /** How many groups the pattern has, the match itself not counted. */
  readonly groupCount: number;
  /** Names of groups and their numbers, in order. */
  readonly groupNames: ReadonlyMap<string, number>;
  /**
   * The leftmost match that begins at `from` (default 0) or after, undefined if there is none. What lies before `from` is still
   * seen by `^`, `\A` and `\b`.
   * @throws {RangeError} If `from` is no index of the text.
   */
  exec(text: string, from?: number): Re2Match | undefined;
  /** Whether the text has a match. */
  test(text: string): boolean;
}

/**
 * Compiles a pattern in RE2 syntax (https://github.com/google/re2/wiki/Syntax, as Go's regexp reads it).
 * @param pattern The pattern.
 * @param flags Any of `i` (case does not matter), `m` (`^` and `$` also at lines), `s` (`.` also a line feed), `U` (greedy and lazy swapped).
 * @throws {SyntaxError} For everything RE2 refuses: look-around, back references, counts over 1,000.
 * @example
 * compile("(?P<key>\\w+)=(?P<value>\\d+)").exec("a=1")?.named["value"]; // "1"
 */
export function compile(pattern: string, flags = ""): Re2 {
  const parsed = parse(pattern, flags);
  const guarded = proveLinear(parsed.root);
  const slow = lazily(() => new AutomatonPattern(pattern, flags, parsed));
  if (guarded === undefined) return slow();
  try {
    return new NativePattern(pattern, parsed, guarded, slow);
  } catch {
    // The engine has limits of its own on the size of a pattern.
    return slow();
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Runs on JavaScript's engine. */
class NativePattern implements Re2 {
  readonly engine = "native";
  readonly source: string;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  private readonly search: RegExp;
  /** The pattern without guards, tried at one place only; undefined where nothing is guarded. */
  private readonly unguarded: RegExp | undefined;
  /** The same, telling where groups lie. */
  private readonly locating: () => RegExp;
  private readonly slow: () => Re2;
  /** What the engine refused once, it would read again and refuse for every text. */
  private isTooLarge = false;

  constructor(source: string, parsed: ParsedPattern, guarded: ReadonlySet<SyntaxNode>, slow: () => Re2) {
    this.source = source;
    this.groupCount = parsed.captures;
    this.groupNames = parsed.names;
    this.search = new RegExp(translate(parsed.root, guarded), "gu");
    const plain = translate(parsed.root);
    this.unguarded = guarded.size === 0 ? undefined : new RegExp(plain, "uy");
    this.locating = lazily(() => new RegExp(plain, "duy"));
    this.slow = slow;
  }

  exec(text: string, from = 0): Re2Match | undefined {
    checkStart(text, from);
    if (this.isTooLarge) return this.slow().exec(text, from);
    try {
      const found = this.find(text, from);
      return found === undefined ? undefined : new NativeMatch(text, found, this.groupNames, this);
    } catch (error) {
      return this.instead(error).exec(text, from);
    }
  }

  test(text: string): boolean {
    if (this.isTooLarge) return this.slow().test(text);
    try {
      return this.find(text, 0) !== undefined;
    } catch (error) {
      return this.instead(error).test(text);
    }
  }

  /** Where the groups of a match lie that begins at `start`. */
  spansAt(text: string, start: number): readonly (Re2Span | undefined)[] {
    try {
      const pattern = this.locating();
      pattern.lastIndex = start;
      return Array.from(pattern.exec(text)?.indices ?? [], (span: [number, number] | undefined) =>
        span === undefined ? undefined : { start: span[0], end: span[1] },
      );
    } catch (error) {
      return this.instead(error).exec(text, start)?.spans ?? [];
    }
  }

  /** What answers in the engine's place. @throws an error that is none of the engine's limits */
  private instead(error: unknown): Re2 {
    if (!isExhausted(error)) throw error;
    this.isTooLarge ||= error instanceof SyntaxError;
    return this.slow();
  }

  private find(text: string, from: number): RegExpExecArray | undefined {
    if (this.unguarded !== undefined && from > 0) {
      // A guard would refuse a match that begins within a run only because the run began before `from`.
      this.unguarded.lastIndex = from;
      const here = this.unguarded.exec(text);
      if (here !== null && here.index === from) return here;
    }
    this.search.lastIndex = from;
    let found = this.search.exec(text);
    // The engine steps back where `from` is inside a surrogate pair, and a look-behind lets it begin inside one.
    while (found !== null && (found.index < from || isInsidePair(text, found.index))) {
      this.search.lastIndex = Math.max(from, found.index) + 1;
      found = this.search.exec(text);
    }
    return found ?? undefined;
  }
}

function isInsidePair(text: string, index: number): boolean {
  return isBetween(text.charCodeAt(index), 0xdc00, 0xdfff) && isBetween(text.charCodeAt(index - 1), 0xd800, 0xdbff);
}

function isBetween(unit: number, low: number, high: number): boolean {
  return unit >= low && unit <= high;
}

/**
 * The engine's stack for backtracking is full: a run of tens of millions of characters in one repetition. Or the pattern is too large for it
 * (tens of thousands of characters), which it tells when the pattern is used, since it compiles none before.
 */
function isExhausted(error: unknown): boolean {
  return (
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    (error instanceof Error && error.name === "InternalError")
  );
}

function checkStart(text: string, from: number): void {
  if (!Number.isInteger(from) || from < 0 || from > text.length) {
    throw new RangeError(`exec: from is ${from}, the text has ${text.length} characters`);
  }
}

class NativeMatch implements Re2Match {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly groups: readonly (string | undefined)[];
  private readonly input: string;
  private readonly names: ReadonlyMap<string, number>;
  private readonly pattern: NativePattern;
  private located: readonly (Re2Span | undefined)[] | undefined;

  constructor(input: string, found: RegExpExecArray, names: ReadonlyMap<string, number>, pattern: NativePattern) {
    this.input = input;
    this.index = found.index;
    this.start = found.index;
    this.text = found[0];
    this.end = found.index + found[0].length;
    this.groups = Array.from(found);
    this.names = names;
    this.pattern = pattern;
  }

  /** Found when asked for: the engine matches slower where it has to note places. */
  get spans(): readonly (Re2Span | undefined)[] {
    if (this.located !== undefined) return this.located;
    if (this.groups.length === 1) return (this.located = [{ start: this.start, end: this.end }]);
    this.located = this.pattern.spansAt(this.input, this.index);
    return this.located;
  }

  get named(): Readonly<Record<string, string | undefined>> {
    return byName(this.names, this.groups);
  }

  get namedSpans(): Readonly<Record<string, Re2Span | undefined>> {
    return byName(this.names, this.spans);
  }
}

function byName<T>(
  names: ReadonlyMap<string, number>,
  values: readonly (T | undefined)[],
): Record<string, T | undefined> {
  const out: Record<string, T | undefined> = Object.create(null);
  for (const [name, index] of names) out[name] = values[index];
  return out;
}

/** Whether the text has a match; what the engine has no room for may be one. */
function isIn(text: string, pattern: RegExp): boolean {
  pattern.lastIndex = 0;
  try {
    return pattern.test(text);
  } catch (error) {
    if (isExhausted(error)) return true;
    throw error;
  }
}

/** Part of a text that may hold a match. */
interface Window {
  readonly start: number;
  readonly end: number;
}

/** Where a piece next begins in a text, as it is asked for from the beginning to the end. */
class NextPlace {
  private readonly piece: RegExp;
  private readonly text: string;
  private start = -1;

  constructor(piece: RegExp, text: string) {
    this.piece = piece;
    this.text = text;
  }

  /** Whether it begins nowhere behind what was asked for. */
  get isOver(): boolean {
    return this.start === Infinity;
  }

  /** Whether it begins in a window; of windows that do not begin before earlier ones. */
  isIn(window: Window): boolean {
    if (this.start < window.start) {
      this.piece.lastIndex = window.start;
      const found = this.piece.exec(this.text);
      // The engine steps back from within a surrogate pair.
      this.start = found === null ? Infinity : Math.max(found.index, window.start);
    }
    return this.start < window.end;
  }
}

/** No pattern of so few characters is too large for re2js, or nests too deeply: its counts are below 1,000, and a level takes three. */
const longestSurelyTaken = 900;

/** @throws {SyntaxError} If re2js has no room for it. */
function automatonOf(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Runs on re2js, over windows around what every match must contain. */
class AutomatonPattern implements Re2 {
  readonly engine = "automaton";
  readonly source: string;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  /** Made for the first text that may match: it takes milliseconds. */
  private readonly automaton: () => RE2JS;
  /** An end of the pattern, which stands in every text with a match; undefined where none is known. */
  private readonly end: RegExp | undefined;
  private readonly piece: RegExp | undefined;
  /** What every match contains besides. */
  private readonly others: readonly RegExp[];
  private readonly windows: "line" | "whole" | number;

  constructor(source: string, flags: string, { root, captures, names }: ParsedPattern) {
    this.source = source;
    this.groupCount = captures;
    this.groupNames = names;
    this.automaton = lazily(() => automatonOf(flags === "" ? source : `(?${flags})${source}`));
    if (source.length > longestSurelyTaken) this.automaton();
    const end = linearEnd(root);
    this.end = end === undefined ? undefined : new RegExp(translate(end, proveLinear(end)), "gu");
    const { rarest, others } = requiredPieces(root);
    this.piece = rarest === undefined ? undefined : new RegExp(translate(rarest), "gu");
    this.others = others.map((other) => new RegExp(translate(other), "gu"));
    this.windows = windowsFor(root);
  }

  exec(text: string, from = 0): Re2Match | undefined {
    checkStart(text, from);
    for (const { start, end } of this.windowsIn(text, from)) {
      const whole = start === 0 && end === text.length;
      const matcher = this.automaton().matcher(whole ? text : text.slice(start, end));
      if (matcher.find(Math.max(0, from - start))) {
        const spans = Array.from({ length: this.groupCount + 1 }, (_, group) => {
          const at = matcher.start(group);
          return at < 0 ? undefined : { start: at + start, end: matcher.end(group) + start };
        });
        return new SpannedMatch(text, spans, this.groupNames);
      }
    }
    return undefined;
  }

  test(text: string): boolean {
    for (const { start, end } of this.windowsIn(text, 0)) {
      if (this.automaton().test(start === 0 && end === text.length ? text : text.slice(start, end))) return true;
    }
    return false;
  }

  /** Windows in order, disjoint; every match from `from` on lies within one. */
  private *windowsIn(text: string, from: number): Generator<Window> {
    // Asked of the whole text, and so once only by a caller that goes from match to match.
    if (from === 0 && this.end !== undefined && !isIn(text, this.end)) return;
    if (this.piece === undefined) {
      yield { start: 0, end: text.length };
      return;
    }
    let window: Window | undefined;
    const piece = this.piece;
    const others = this.others.map((other) => new NextPlace(other, text));
    // A caller that stops early leaves the generator: the place to go on from is kept here, not in the pattern.
    let next = from;
    for (;;) {
      piece.lastIndex = next;
      const found = piece.exec(text);
      if (found === null) break;
      const around = this.around(text, found.index, found.index + found[0].length);
      // The places only move on, so that each part of the text is looked at once for each piece.
      if (!others.every((other) => other.isIn(around))) {
        if (others.some(({ isOver }) => isOver)) break;
      } else if (this.windows === "line") {
        // No other window meets a line: a caller that finds its match there does not wait for a search of the rest.
        yield around;
      } else if (window !== undefined && around.start > window.end) {
        yield window;
        window = around;
      } else {
        window = { start: window === undefined ? around.start : Math.min(window.start, around.start), end: around.end };
      }
      if (window?.end === text.length && window.start <= from) break;
      // Past the first character of the piece: a place within a surrogate pair would be moved back.
      const on = found.index + ((text.codePointAt(found.index) ?? 0) > 0xffff ? 2 : 1);
      next = this.windows === "line" ? Math.max(on, around.end) : on;
      if (next > text.length) break;
    }
    if (window !== undefined) yield window;
  }

  private around(text: string, start: number, end: number): Window {
    if (this.windows === "whole") return { start: 0, end: text.length };
    if (this.windows !== "line") {
      return { start: Math.max(0, start - this.windows), end: Math.min(text.length, end + this.windows) };
    }
    const after = text.indexOf("\n", end);
    return { start: start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1, end: after === -1 ? text.length : after };
  }
}

/**
 * How far around a required piece a match can reach: within its line, a number of UTF-16 units, or anywhere. Where the pattern
 * asks what lies beyond its match, only lines will do, since nothing but a line feed lies around them.
 */
function windowsFor(root: SyntaxNode): "line" | "whole" | number {
  const asks = (place: string) =>
    someNode(root, (node) => node.kind === "assert" && (place === "" || node.place === place));
  if (asks("text-start") || asks("text-end")) return "whole";
  if (!someNode(root, (node) => node.kind === "set" && contains(node.set, 10))) return "line";
  const length = maximumLength(root) * 2;
  return length > 100_000 || asks("") ? "whole" : length;
}

class SpannedMatch implements Re2Match {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly groups: readonly (string | undefined)[];
  readonly spans: readonly (Re2Span | undefined)[];
  private readonly names: ReadonlyMap<string, number>;

  constructor(input: string, spans: readonly (Re2Span | undefined)[], names: ReadonlyMap<string, number>) {
    this.spans = spans;
    this.groups = spans.map((span) => (span === undefined ? undefined : input.slice(span.start, span.end)));
    this.index = spans[0]?.start ?? 0;
    this.start = this.index;
    this.end = spans[0]?.end ?? 0;
    this.text = this.groups[0] ?? "";
    this.names = names;
  }

  get named(): Readonly<Record<string, string | undefined>> {
    return byName(this.names, this.groups);
  }

  get namedSpans(): Readonly<Record<string, Re2Span | undefined>> {
    return byName(this.names, this.spans);
  }
}
