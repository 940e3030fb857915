import { keyedFingerprint, checkOptions, optionIs } from "@plimsoll/model";
import { compile, type Re2 } from "@plimsoll/re2";
import { encodedSpan, encodedTexts } from "./base64-runs.ts";
import { CompiledTexts, isCompiledPython } from "./compiled-python.ts";
import { decodeText } from "./decoded-text.ts";
import { shannonEntropy } from "./entropy.ts";
import { readComment, speaksOf, type SecretComment } from "./ignore-comments.ts";
import { isPlaceholder } from "./placeholders.ts";
import { RuleSet, ruleSetOf, type ReadyAllowance, type ReadyRule } from "./rule-set.ts";
import { everySecretRule } from "./rules/index.ts";
import { passesCheck } from "./secret-checks.ts";
import type { SecretRule } from "./secret-rule.ts";
import { defaultSkippedPaths, type SkippedPath } from "./skipped-paths.ts";
import type { Severity, OptionChecks } from "@plimsoll/model";

/** How certain a finding is: `high` if a documented check of its form passed, `low` if it failed, `medium` if there is no such check. */
export type SecretConfidence = "high" | "medium" | "low";

/** A secret in a file. It does not contain the secret itself. */
export interface FoundSecret {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly category: string;
  readonly severity: Severity;
  /** The secret's position: lines and columns from 1, columns in UTF-16 units, `endColumn` after its last character. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The text around the secret with every secret masked by asterisks: as many as it has characters, at most 40. */
  readonly match: string;
  readonly confidence: SecretConfidence;
  /** The keyword that led to the rule; absent for rules without keywords. */
  readonly keyword?: string;
  /** Present if the file contains the secret encoded as base64. */
  readonly encoded?: "base64";
  /** 32 hex digits, an HMAC of the secret by `fingerprintKey`: equal for equal secrets. Absent if no key was given. */
  readonly keyedFingerprint?: string;
}

/** A secret that a comment in the file excludes from reports. */
export interface IgnoredSecret extends FoundSecret {
  readonly comment: SecretComment;
}

/** Options of {@link findSecrets}, {@link searchSecrets} and {@link openSecretSearch}. */
export interface FindSecretsOptions {
  /** The path of the file, without a leading slash. Rules and exemptions may depend on it. */
  readonly path: string;
  /** The rules to search by, or an object with them such as a {@link SecretRuleFile}. Default: {@link everySecretRule}. */
  readonly rules?: readonly SecretRule[] | { readonly rules: readonly SecretRule[] };
  /** Paths that are not searched. Default: {@link defaultSkippedPaths}; `[]` searches all. */
  readonly skippedPaths?: readonly SkippedPath[];
  /** The most findings that are returned; further ones are counted. Default 1,000. */
  readonly limit?: number;
  /**
   * The key of `keyedFingerprint`, which depends on the secret itself. Absent: findings have none, since short secrets could be guessed from a hash
   * without a key.
   */
  readonly fingerprintKey?: Uint8Array | undefined;
}

/** The result of searching one file. */
export interface SecretSearchResult {
  readonly secrets: readonly FoundSecret[];
  /** Secrets that comments in the file exclude. */
  readonly ignored: readonly IgnoredSecret[];
  /** Comments that exclude nothing, at most 20. A comment that names rules is listed only if one of these rules exists. */
  readonly unusedComments: readonly SecretComment[];
  /** The number of findings beyond the limit. */
  readonly omitted: number;
  /** Why the file was not searched: by its path (with the name of the entry), or because it is binary. */
  readonly skipped?: { readonly reason: "path" | "binary"; readonly id?: string };
}

/** The checks of {@link FindSecretsOptions}. */
export const findChecks: OptionChecks<FindSecretsOptions> = {
  path: optionIs.text,
  rules: optionIs.either(optionIs.listOf(optionIs.object), optionIs.object),
  skippedPaths: optionIs.listOf(optionIs.object),
  limit: optionIs.count,
  fingerprintKey: optionIs.object,
};

/**
 * Finds the secrets in the bytes of one file, in the order of their positions. Never throws on content.
 * @throws {TypeError} for unknown or invalid options.
 * @throws {SyntaxError} for a rule whose pattern is not valid RE2.
 * @example
 * findSecrets(bytes, { path: "srv/.env" })[0]?.match; // "KEY=****************************************"
 */
export function findSecrets(bytes: Uint8Array, options: FindSecretsOptions): readonly FoundSecret[] {
  checkOptions("findSecrets", options, findChecks);
  return searchSecrets(bytes, options).secrets;
}

/** Searches as {@link findSecrets} does, and also returns what was left out and why. Throws as it does. */
export function searchSecrets(bytes: Uint8Array, options: FindSecretsOptions): SecretSearchResult {
  checkOptions("searchSecrets", options, findChecks);
  const search = openFileSearch(options);
  search.pushWhole(bytes);
  return search.finish();
}

/**
 * What stands in a file's content: rules that tell a file by its path alone have no say. To mask a text, their patterns need not even be
 * compiled. The caller has checked the options.
 */
export function searchContent(bytes: Uint8Array, options: FindSecretsOptions): SecretSearchResult {
  const search = openFileSearch(options, { wholeFiles: false });
  search.pushWhole(bytes);
  return search.finish();
}

/** A search of one file that is given in pieces. Memory does not grow with the size of the file or of its lines. */
export interface SecretSearch {
  /** Searches the next bytes, which the caller may overwrite afterwards. How the file is cut into pieces does not change the result. */
  push(bytes: Uint8Array): void;
  /** Ends the search. It must not be called twice. */
  finish(): SecretSearchResult;
  /** Whether further bytes of the file cannot change the result. */
  readonly done: boolean;
}

const mostUnusedComments = 20;

/**
 * Starts the search of one file whose bytes come in pieces.
 * @throws {TypeError} for unknown or invalid options.
 */
export function openSecretSearch(options: FindSecretsOptions): SecretSearch {
  checkOptions("openSecretSearch", options, findChecks);
  return openFileSearch(options);
}

function openFileSearch(options: FindSecretsOptions, { wholeFiles } = { wholeFiles: true }): FileSearch {
  if (typeof options.path !== "string") throw new TypeError("findSecrets: path is not a text");
  const { path, rules = everySecretRule, skippedPaths = defaultSkippedPaths, limit = 1000, fingerprintKey } = options;
  const skipped = skippedPath(path, skippedPaths);
  const set = ruleSetOf("rules" in rules ? rules.rules : rules);
  return new FileSearch({ path, set, skipped, limit, fingerprintKey, wholeFiles });
}

const pathPatterns = new Map<string, Re2>();

/** The first entry of a list whose pattern matches a path; undefined when none does. */
export function skippedPath(path: string, skippedPaths: readonly SkippedPath[]): SkippedPath | undefined {
  return skippedPaths.find(({ pattern }) => {
    let compiled = pathPatterns.get(pattern);
    if (compiled === undefined) {
      if (pathPatterns.size > 500) pathPatterns.clear();
      pathPatterns.set(pattern, (compiled = compile(pattern)));
    }
    return compiled.test(path);
  });
}

/** A match of a rule, by offsets in the buffer. */
interface Candidate {
  readonly rule: SecretRule;
  readonly matchStart: number;
  readonly matchEnd: number;
  readonly start: number;
  readonly end: number;
  readonly confidence: SecretConfidence;
  readonly keyword: string | undefined;
  readonly encoded: boolean;
  readonly keyedFingerprint: string | undefined;
}

/** A comment of the file, by offset from its beginning. */
interface SeenComment {
  readonly comment: SecretComment;
  used: boolean;
}

/** Bytes that are searched at once, and by how much the next stretch begins earlier, so that nothing is cut. */
const stretch = 1024 * 1024;
const overlap = 64 * 1024;
/** First bytes in which a zero byte tells that a file is no text. */
const sniffed = 8000;

interface FileSearchOptions {
  readonly path: string;
  readonly set: RuleSet;
  readonly skipped: SkippedPath | undefined;
  readonly limit: number;
  readonly fingerprintKey: Uint8Array | undefined;
  /** Whether rules about files as such are asked. */
  readonly wholeFiles: boolean;
}

class FileSearch implements SecretSearch {
  private readonly path: string;
  private readonly set: RuleSet;
  private readonly limit: number;
  private readonly fingerprintKey: Uint8Array | undefined;
  private readonly wholeFiles: FileSearchOptions["wholeFiles"];
  private readonly secrets: FoundSecret[] = [];
  private readonly ignored: IgnoredSecret[] = [];
  /** By offset in the file. */
  private readonly comments = new Map<number, SeenComment>();
  private readonly commentsOfLine = new Map<number, SeenComment[]>();
  private readonly unusedComments: SecretComment[] = [];
  /** Comments before this offset of the file have had their say. */
  private settled = 0;
  /** Offset of the buffer's first byte in the file. */
  private base = 0;
  private omitted = 0;
  private skipped: SecretSearchResult["skipped"];
  private buffer: Uint8Array = new Uint8Array(0);
  private length = 0;
  /** Findings that begin before this offset of the buffer were reported from the buffer before. */
  private reported = 0;
  private readonly place: Place = { line: 1, column: 1, offset: 0, feed: -1 };
  private started = false;
  /** The first bytes of the file, while it is not yet told what it is. */
  private head: Uint8Array | undefined;
  private headLength = 0;
  private wide: TextDecoder | undefined;
  private compiled: CompiledTexts | undefined;
  private readonly applicable: (boolean | undefined)[] = [];

  constructor({ path, set, skipped, limit, fingerprintKey, wholeFiles }: FileSearchOptions) {
    this.path = path;
    this.set = set;
    this.limit = limit;
    this.fingerprintKey = fingerprintKey;
    this.wholeFiles = wholeFiles;
    if (skipped !== undefined) this.skipped = { reason: "path", id: skipped.id };
  }

  get done(): boolean {
    return this.skipped !== undefined;
  }

  push(bytes: Uint8Array): void {
    if (this.done || bytes.length === 0) return;
    if (this.started) this.read(bytes, false);
    else if (this.headLength === 0 && bytes.length >= sniffed) this.open(bytes, false);
    else this.hold(bytes);
  }

  /** Takes the whole file, whose memory the caller does not change before the search ends. */
  pushWhole(bytes: Uint8Array): void {
    if (!this.done && bytes.length > 0) this.open(bytes, true);
  }

  /** Holds small first pieces back until there are enough bytes to tell what the file is: the result must not depend on how it was cut. */
  private hold(bytes: Uint8Array): void {
    const part = bytes.subarray(0, sniffed - this.headLength);
    this.head ??= new Uint8Array(sniffed);
    this.head.set(part, this.headLength);
    this.headLength += part.length;
    if (this.headLength < sniffed) return;
    this.open(this.head, true);
    this.push(bytes.subarray(part.length));
  }

  private open(bytes: Uint8Array, lasting: boolean): void {
    const given = this.start(bytes);
    if (!this.done) this.read(given, lasting);
  }

  /** `lasting`: the memory stays as it is until the search ends, so that a small file is searched in place. */
  private read(given: Uint8Array, lasting: boolean): void {
    if (this.wide !== undefined) this.take(new TextEncoder().encode(this.wide.decode(given, { stream: true })));
    else if (this.compiled !== undefined) this.take(this.compiled.push(given));
    else if (lasting && this.length === 0 && given.length <= stretch) {
      this.buffer = given;
      this.length = given.length;
    } else this.take(given);
  }

  finish(): SecretSearchResult {
    if (!this.started && this.head !== undefined) this.open(this.head.subarray(0, this.headLength), true);
    if (!this.done) {
      if (this.wide !== undefined) this.take(new TextEncoder().encode(this.wide.decode()));
      this.searchBuffer(true);
      this.wholeFileRules();
    }
    this.buffer = new Uint8Array(0);
    const { secrets, ignored, omitted, skipped, unusedComments } = this;
    return { secrets, ignored, unusedComments, omitted, ...(skipped === undefined ? {} : { skipped }) };
  }

  /** Reads the mark at the beginning, and tells binary files. */
  private start(bytes: Uint8Array): Uint8Array {
    this.started = true;
    const [a, b, c] = bytes;
    if (a === 0xff && b === 0xfe) this.wide = new TextDecoder("utf-16le");
    else if (a === 0xfe && b === 0xff) this.wide = new TextDecoder("utf-16be");
    else if (!bytes.subarray(0, sniffed).includes(0))
      return a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes;
    else if (isCompiledPython(this.path)) this.compiled = new CompiledTexts();
    else {
      this.wholeFileRules();
      this.skipped = { reason: "binary" };
    }
    return bytes;
  }

  private take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const wanted = Math.min(stretch + overlap, this.length + bytes.length - at);
      if (this.buffer.length < wanted) {
        // By doubling: many files are small.
        const larger = new Uint8Array(Math.min(stretch + overlap, Math.max(wanted, 2 * this.buffer.length)));
        larger.set(this.buffer.subarray(0, this.length));
        this.buffer = larger;
      }
      const part = bytes.subarray(at, at + this.buffer.length - this.length);
      this.buffer.set(part, this.length);
      this.length += part.length;
      at += part.length;
      if (this.length === stretch + overlap) this.searchBuffer(false);
    }
  }

  /** Searches what is in the buffer and, unless it is the last of the file, keeps its end for the next time. */
  private searchBuffer(last: boolean): void {
    const bytes = this.buffer.subarray(0, this.length);
    const until = last ? bytes.length + 1 : bytes.length - overlap / 2;
    const marks: number[] = [];
    const candidates = settle([...this.candidates(bytes, marks), ...this.encodedCandidates(bytes)]).filter(
      ({ start }) => start >= this.reported && start < until,
    );
    this.report(bytes, candidates, marks);
    this.settleComments(last ? Infinity : this.base + until - overlap / 4);
    if (last) return;
    const keep = bytes.length - overlap;
    this.moveTo(bytes, keep);
    this.place.offset = 0;
    this.place.feed = -1;
    this.base += keep;
    this.reported = until - keep;
    this.buffer.copyWithin(0, keep, this.length);
    this.length = overlap;
  }

  private isApplicable(number: number): boolean {
    return (this.applicable[number] ??= isAbout(this.set.rule(number), this.path));
  }

  /** What is in the texts that stand in the file as base64; what such a text holds again in base64 is not looked at. */
  private encodedCandidates(bytes: Uint8Array): readonly Candidate[] {
    const found: Candidate[] = [];
    for (const text of encodedTexts(bytes, { cut: this.base > 0 })) {
      for (const candidate of this.candidates(text.decoded, []))
        found.push({
          ...candidate,
          ...encodedSpan(text, candidate),
          matchStart: text.start,
          matchEnd: text.end,
          encoded: true,
        });
    }
    return found;
  }

  /** Matches of all rules; `marks` is given the offsets where comments about secrets begin. */
  private candidates(bytes: Uint8Array, marks: number[]): readonly Candidate[] {
    const found: Candidate[] = [];
    const windows = new Map<number, { start: number; end: number; keyword: string }[]>();
    const whole = new Map<number, string | undefined>(this.set.always.map((number) => [number, undefined]));
    this.set.search.search(bytes, (keyword, end) => {
      const text = this.set.keywords[keyword];
      if (text === undefined) {
        marks.push(end - this.set.markLength(keyword));
        return;
      }
      let assignment: boolean | undefined;
      for (const number of this.set.rulesOf[keyword] ?? []) {
        const near = this.set.rules[number]?.near;
        if (near === undefined) {
          if (!whole.has(number)) whole.set(number, text);
          continue;
        }
        if (near.assignment === true && !(assignment ??= assignmentFollows(bytes, end))) continue;
        if (!this.isApplicable(number)) continue;
        const list = windows.get(number);
        const window = {
          start: Math.max(0, end - text.length - near.before),
          end: Math.min(bytes.length, end + near.after),
          keyword: text,
        };
        const before = list?.at(-1);
        if (list === undefined) windows.set(number, [window]);
        else if (before !== undefined && window.start <= before.end) before.end = Math.max(before.end, window.end);
        else list.push(window);
      }
    });
    for (const [number, keyword] of whole) {
      if (this.isApplicable(number)) this.match(bytes, number, { start: 0, end: bytes.length }, keyword, found);
    }
    for (const [number, list] of windows) {
      for (const window of list) this.match(bytes, number, window, window.keyword, found);
    }
    return found;
  }

  private match(
    bytes: Uint8Array,
    number: number,
    window: { readonly start: number; readonly end: number },
    keyword: string | undefined,
    found: Candidate[],
  ): void {
    const ready = this.set.rule(number);
    if (ready?.pattern === undefined) return;
    // A window may not begin or end within a character, and no rule is to take its end for the end of the text.
    let { start, end } = window;
    while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
    for (;;) {
      while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end++;
      const decoded = decodeText(bytes.subarray(start, end));
      const matches = everyMatch(ready.pattern, decoded.text);
      const touched = end < bytes.length && matches.some((match) => match.end === decoded.text.length);
      if (touched && end - start < overlap) {
        end = Math.min(bytes.length, end + 4096);
        continue;
      }
      let blocks: readonly { readonly start: number; readonly end: number }[] | undefined;
      for (const match of matches) {
        const span = secretSpan(ready, match);
        if (span === undefined) continue;
        const secret = decoded.text.slice(span.start, span.end);
        const text = decoded.text;
        if (
          !this.isWanted(ready, {
            secret,
            match: matchOf(ready, text, match),
            line: () => linesAround(text, match.start, match.end),
          })
        )
          continue;
        blocks ??= ready.excludedBlocks.flatMap((block) => everyMatch(block, text));
        if (blocks.some((block) => block.start <= span.start && span.end <= block.end)) continue;
        found.push({
          rule: ready.rule,
          matchStart: start + decoded.offsetOf(match.start),
          matchEnd: start + decoded.offsetOf(match.end),
          start: start + decoded.offsetOf(span.start),
          end: start + decoded.offsetOf(span.end),
          confidence: confidenceOf(ready.rule, secret),
          keyword,
          encoded: false,
          keyedFingerprint:
            this.fingerprintKey === undefined
              ? undefined
              : keyedFingerprint(this.fingerprintKey, ready.rule.id, secret),
        });
      }
      return;
    }
  }

  private isWanted(ready: ReadyRule, texts: MatchTexts): boolean {
    const { rule } = ready;
    const { secret } = texts;
    if (secret === "") return false;
    if (rule.ignorePlaceholders === true && isPlaceholder(secret)) return false;
    if (rule.minEntropy !== undefined && shannonEntropy(secret) <= rule.minEntropy) return false;
    return !ready.allowances.some((allowance) => allows(allowance, this.path, texts));
  }

  /** Rules about files whose content does not matter: the file itself is the finding, at its beginning. */
  private wholeFileRules(): void {
    if (!this.wholeFiles) return;
    for (const [number, rule] of this.set.wholeFiles) {
      if (!this.isApplicable(number)) continue;
      this.add({ ...headOf(rule), line: 1, column: 1, endLine: 1, endColumn: 1, match: "", confidence: "medium" });
    }
  }

  private add(secret: FoundSecret): void {
    if (this.secrets.length < this.limit) this.secrets.push(secret);
    else this.omitted++;
  }

  private report(bytes: Uint8Array, found: readonly Candidate[], marks: readonly number[]): void {
    // What is beyond the limit is counted, and its place is not looked for.
    const room = Math.max(0, this.limit - this.secrets.length) + Math.max(0, this.limit - this.ignored.length);
    const candidates = found.slice(0, room);
    this.omitted += found.length - candidates.length;
    const places = new Map<number, { readonly line: number; readonly column: number }>();
    const offsets = [...new Set([...candidates.flatMap(({ start, end }) => [start, end]), ...marks])];
    const ahead = { ...this.place };
    for (const offset of offsets.sort((a, b) => a - b)) {
      advance(ahead, bytes, offset);
      places.set(offset, { line: ahead.line, column: ahead.column });
    }
    this.noteComments(
      bytes,
      marks.map((offset) => [offset, places.get(offset)?.line ?? 0]),
    );
    const spans = mergeSpans(found);
    for (const candidate of candidates) {
      const from = places.get(candidate.start) ?? { line: 0, column: 0 };
      const to = places.get(candidate.end) ?? from;
      const comment = this.commentOn(candidate.rule, { first: from.line, last: to.line });
      const shown = this.secrets.length < this.limit && this.ignored.length < this.limit;
      const secret: FoundSecret = {
        ...headOf(candidate.rule),
        line: from.line,
        column: from.column,
        endLine: to.line,
        endColumn: to.column,
        match: shown ? maskedMatch(bytes, candidate, spans) : "",
        confidence: candidate.confidence,
        ...(candidate.keyword === undefined ? {} : { keyword: candidate.keyword }),
        ...(candidate.encoded ? { encoded: "base64" as const } : {}),
        ...(candidate.keyedFingerprint === undefined ? {} : { keyedFingerprint: candidate.keyedFingerprint }),
      };
      if (comment === undefined) this.add(secret);
      else if (this.ignored.length < this.limit) this.ignored.push({ ...secret, comment });
      else this.omitted++;
    }
  }

  private noteComments(bytes: Uint8Array, marks: readonly (readonly [offset: number, line: number])[]): void {
    for (const [offset, line] of marks) {
      if (this.base + offset < this.settled || this.comments.has(this.base + offset)) continue;
      const start = Math.max(bytes.lastIndexOf(10, offset) + 1, offset - 400);
      const feed = bytes.indexOf(10, offset);
      const text = decodeText(bytes.subarray(start, feed === -1 ? offset + 400 : Math.min(feed, offset + 400))).text;
      const before = decodeText(bytes.subarray(start, offset)).text.length;
      const comment = readComment(text, before, line);
      if (comment === undefined) continue;
      const seen: SeenComment = { comment, used: false };
      this.comments.set(this.base + offset, seen);
      const others = this.commentsOfLine.get(line);
      if (others === undefined) this.commentsOfLine.set(line, [seen]);
      else if (others.length < 100) others.push(seen);
    }
  }

  /** The comment that takes a finding out; every one that does counts as used. */
  private commentOn(
    rule: SecretRule,
    lines: { readonly first: number; readonly last: number },
  ): SecretComment | undefined {
    let found: SecretComment | undefined;
    if (this.commentsOfLine.size === 0) return undefined;
    for (let line = lines.first - 1; line <= lines.last; line++) {
      for (const seen of this.commentsOfLine.get(line) ?? []) {
        if (!speaksOf(seen.comment, rule, lines)) continue;
        seen.used = true;
        found ??= seen.comment;
      }
    }
    return found;
  }

  /** Those that stand before an offset of the file have had their say. */
  private settleComments(before: number): void {
    this.settled = before;
    for (const [offset, { comment, used }] of this.comments) {
      if (offset >= before) continue;
      this.comments.delete(offset);
      this.commentsOfLine.delete(comment.line);
      if (used || this.unusedComments.length >= mostUnusedComments) continue;
      if (this.set.isNamed(comment)) this.unusedComments.push(comment);
    }
  }

  private moveTo(bytes: Uint8Array, offset: number): void {
    advance(this.place, bytes, offset);
  }
}

/** A place in the file, and where it is in the buffer. */
interface Place {
  line: number;
  column: number;
  offset: number;
  /** Offset of the next line feed, as far as it was looked for: at or behind `offset`, or -1. */
  feed: number;
}

/** Moves a place forward to an offset. Columns count UTF-16 units: two for what takes four bytes, none for what continues. */
function advance(place: Place, bytes: Uint8Array, offset: number): void {
  let at = place.offset;
  const nextFeed = (from: number): number => {
    const feed = bytes.indexOf(10, from);
    return feed === -1 ? bytes.length : feed;
  };
  // An endless line with many findings is looked through once.
  if (place.feed < at) place.feed = nextFeed(at);
  while (place.feed < offset) {
    place.line++;
    place.column = 1;
    at = place.feed + 1;
    place.feed = nextFeed(at);
  }
  for (; at < offset; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte & 0xc0) !== 0x80) place.column += byte >= 0xf0 ? 2 : 1;
  }
  place.offset = offset;
}

function headOf(rule: SecretRule): Pick<FoundSecret, "id" | "aliases" | "title" | "category" | "severity"> {
  const { id, aliases, title, category, severity } = rule;
  return { id, ...(aliases === undefined ? {} : { aliases }), title, category, severity };
}

function isAbout(ready: ReadyRule | undefined, path: string): boolean {
  if (ready === undefined || ready.path?.test(path) === false) return false;
  return !ready.allowances.some(
    ({ allowance, paths, patterns, stopWords }) =>
      paths.some((pattern) => pattern.test(path)) &&
      (allowance.condition !== "all" ||
        (patterns.length === 0 && stopWords.length === 0 && (allowance.commits ?? []).length === 0)),
  );
}

interface MatchTexts {
  readonly secret: string;
  readonly match: string;
  line(): string;
}

function allows({ allowance, paths, patterns, stopWords }: ReadyAllowance, path: string, texts: MatchTexts): boolean {
  const { target = "secret", condition = "any" } = allowance;
  const holds: boolean[] = [];
  if (paths.length > 0) holds.push(paths.some((pattern) => pattern.test(path)));
  // Outside of a history there are no commits: what is about them holds of nothing.
  if ((allowance.commits ?? []).length > 0) holds.push(false);
  if (patterns.length > 0) {
    const text = target === "secret" ? texts.secret : target === "match" ? texts.match : texts.line();
    holds.push(patterns.some((pattern) => pattern.test(text)));
  }
  if (stopWords.length > 0) {
    const secret = texts.secret.toLowerCase();
    holds.push(stopWords.some((word) => secret.includes(word)));
  }
  return condition === "all" ? holds.length > 0 && holds.every(Boolean) : holds.some(Boolean);
}

interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly spans: readonly ({ readonly start: number; readonly end: number } | undefined)[];
  readonly namedSpans: Readonly<Record<string, { readonly start: number; readonly end: number } | undefined>>;
}

function everyMatch(pattern: Re2, text: string): readonly PatternMatch[] {
  const found: PatternMatch[] = [];
  for (let from = 0; from <= text.length;) {
    const match = pattern.exec(text, from);
    if (match === undefined) break;
    found.push(match);
    from = match.end > match.start ? match.end : match.end + 1;
  }
  return found;
}

function secretSpan(
  { rule }: ReadyRule,
  match: PatternMatch,
): { readonly start: number; readonly end: number } | undefined {
  if (typeof rule.secretGroup === "string") return match.namedSpans[rule.secretGroup];
  if (rule.secretGroup !== undefined) return match.spans[rule.secretGroup];
  return match.spans.slice(1).find((span) => span !== undefined && span.end > span.start) ?? match;
}

/** The match as allowances see it: an assignment with the whole of the name that the keyword is part of. */
function matchOf({ rule }: ReadyRule, text: string, match: PatternMatch): string {
  if (rule.near?.assignment !== true) return match.text;
  let start = match.start;
  while (start > 0 && match.start - start < 40 && /[\w.-]/.test(text.charAt(start - 1))) start--;
  return text.slice(start, match.end);
}

function linesAround(text: string, start: number, end: number): string {
  const after = text.indexOf("\n", end);
  return text.slice(start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1, after === -1 ? undefined : after);
}

function confidenceOf(rule: SecretRule, secret: string): SecretConfidence {
  const passed = rule.check === undefined ? undefined : passesCheck(rule.check, secret);
  return passed === undefined ? "medium" : passed ? "high" : "low";
}

/**
 * In order of place; one finding for a rule and place. What is found in base64 gives way to what the base64 itself is taken for, and
 * generic rules give way to all others.
 */
function settle(candidates: readonly Candidate[]): readonly Candidate[] {
  const direct = mergeSpans(candidates.filter(({ rule, encoded }) => rule.generic !== true && !encoded));
  const telling = candidates.filter(
    ({ rule, encoded, start, end }) => rule.generic !== true && (!encoded || !overlapsAny(direct, start, end)),
  );
  const specific = mergeSpans(telling);
  const generic = mergeSpans(candidates.filter(({ rule, encoded }) => rule.generic === true && !encoded));
  const seen = new Set<string>();
  return candidates
    .filter(({ rule, encoded, start, end }) => {
      const key = `${rule.id} ${start} ${end}`;
      if (seen.has(key)) return false;
      seen.add(key);
      if (rule.generic !== true) return !encoded || !overlapsAny(direct, start, end);
      return !overlapsAny(specific, start, end) && (!encoded || !overlapsAny(generic, start, end));
    })
    .sort((a, b) => a.start - b.start || a.end - b.end || (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans in order, those that overlap made one. */
function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const before = merged.at(-1);
    if (before !== undefined && start <= before.end) before.end = Math.max(before.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Whether a span overlaps one of many that are in order and disjoint. */
function overlapsAny(spans: readonly Span[], start: number, end: number): boolean {
  return (spans[firstEndingAfter(spans, start)]?.start ?? Infinity) < end;
}

/** The number of the first of many spans, in order and disjoint, that ends after an offset. */
function firstEndingAfter(spans: readonly Span[], start: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}

const shownBefore = 60;
const shownAfter = 20;
const longestMask = 40;

/** The match within its lines, every secret of the file in it masked. */
function maskedMatch(
  bytes: Uint8Array,
  { matchStart, matchEnd, start, end }: Candidate,
  spans: readonly Span[],
): string {
  const lineStart = bytes.lastIndexOf(10, start - 1) + 1;
  const lineEnd = bytes.indexOf(10, end);
  const from = Math.max(Math.min(matchStart, start), start === 0 ? 0 : lineStart, start - shownBefore);
  const to = Math.min(Math.max(matchEnd, end), lineEnd === -1 ? bytes.length : lineEnd, end + shownAfter);
  let out = "";
  let at = from;
  for (let i = firstEndingAfter(spans, from); i < spans.length; i++) {
    const span = spans[i];
    if (span === undefined || span.start >= to) break;
    out += shown(bytes.subarray(at, Math.max(at, span.start)));
    out += "*".repeat(
      Math.min(
        longestMask,
        decodeText(bytes.subarray(span.start, Math.min(span.end, span.start + 4 * longestMask))).text.length,
      ),
    );
    at = Math.max(at, span.end);
  }
  return (out + shown(bytes.subarray(at, Math.max(at, to)))).trimEnd();
}

function shown(bytes: Uint8Array): string {
  // Control characters and line ends would break a line of a report.
  return decodeText(bytes).text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

/** Whether, shortly after a name, something is assigned that is long enough to be a secret. */
function assignmentFollows(bytes: Uint8Array, from: number): boolean {
  const nearest = Math.min(bytes.length, from + 48);
  for (let i = from; i < nearest; i++) {
    const kind = kinds[bytes[i] ?? 0] ?? 0;
    if (kind === 0) return false;
    if (kind !== sign) continue;
    // A prefix of the string may stand in between, as in `= b"…"`.
    const latest = Math.min(bytes.length, i + 9);
    let run = 0;
    for (let at = i + 1; at < bytes.length && (at < latest || run > 0); at++) {
      run = ((kinds[bytes[at] ?? 0] ?? 0) & word) === 0 ? 0 : run + 1;
      if (run === 8) return true;
    }
  }
  return false;
}

const blank = 1;
const word = 2;
const sign = 4;

/** What a byte can be between a name and its value; 0 ends it. `=` is a sign, and part of values as well. */
const kinds: Uint8Array = kindTable();

function kindTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of " \t\n\r\f'\"`])([{\\") table[character.charCodeAt(0)] = blank;
  for (const character of "=:>|<?,") table[character.charCodeAt(0)] = sign;
  for (let byte = 0x21; byte < 0x7f; byte++) {
    if (/[\w.+/~@-]/.test(String.fromCharCode(byte))) table[byte] = word;
  }
  return table;
}
