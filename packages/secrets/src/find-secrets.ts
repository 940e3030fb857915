import { keyedFingerprint, checkOptions, optionIs } from "@plimsoll/model";
import { compile, type Re2 } from "@plimsoll/re2";
import { encodedSpan, encodedTexts } from "./base64-runs.ts";
import { CompiledTexts, isCompiledPython } from "./compiled-python.ts";
import { assignmentFollows } from "./assignment-ahead.ts";
import { decodeText } from "./decoded-text.ts";
import { shannonEntropy } from "./entropy.ts";
import { FileComments } from "./file-comments.ts";
import type { SecretComment } from "./ignore-comments.ts";
import { maskedMatch } from "./masked-match.ts";
import { allows, everyMatch, isAbout, linesAround, matchOf, secretSpan, type MatchTexts } from "./matches.ts";
import { advance, type Place } from "./place.ts";
import { isPlaceholder } from "./placeholders.ts";
import { RuleSet, ruleSetOf, type ReadyRule } from "./rule-set.ts";
import { everySecretRule } from "./rules/index.ts";
import { mergeSpans, overlapsAny } from "./spans.ts";
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
  private readonly comments = new FileComments((comment) => this.set.isNamed(comment));
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
    const { secrets, ignored, omitted, skipped } = this;
    return {
      secrets,
      ignored,
      unusedComments: this.comments.unused,
      omitted,
      ...(skipped === undefined ? {} : { skipped }),
    };
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
    this.comments.settle(last ? Infinity : this.base + until - overlap / 4);
    if (last) return;
    const keep = bytes.length - overlap;
    advance(this.place, bytes, keep);
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
    for (const offset of marks)
      this.comments.note(bytes, { base: this.base, offset, line: places.get(offset)?.line ?? 0 });
    const spans = mergeSpans(found);
    for (const candidate of candidates) {
      const from = places.get(candidate.start) ?? { line: 0, column: 0 };
      const to = places.get(candidate.end) ?? from;
      const comment = this.comments.about(candidate.rule, { first: from.line, last: to.line });
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
}

function headOf(rule: SecretRule): Pick<FoundSecret, "id" | "aliases" | "title" | "category" | "severity"> {
  const { id, aliases, title, category, severity } = rule;
  return { id, ...(aliases === undefined ? {} : { aliases }), title, category, severity };
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
