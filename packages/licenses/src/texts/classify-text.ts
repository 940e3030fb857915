import { checkOptions, optionIs } from "@plimsoll/model";
import { currentId } from "../spdx/current-ids.ts";
import { findNotices } from "../notices/find-notices.ts";
import type { Uncovered } from "../notices/find-notices.ts";
import { plain } from "../notices/notice.ts";
import type { FoundNotice } from "../notices/notice.ts";
import { findTexts } from "./find-texts.ts";
import type { FoundText } from "./find-texts.ts";
import { Nearby, firstAtLeast, nearbyBy } from "./nearby.ts";

/** A licence found in a text. */
export interface FoundLicense extends FoundText {
  /** `text`: the licence itself; `notice`: words, a tag or a link that refer to it. */
  readonly kind: "text" | "notice";
  /** SPDX id of an exception that is granted with it, unless `id` is one of the list's ids for both. */
  readonly exception?: string;
}

/** Options of `classifyText`. */
export interface ClassifyOptions {
  /** The least similarity of a text to a licence, from 0 to 1. Default: 0.9. */
  readonly confidence?: number;
}

/** Longer texts are read in pieces that overlap by more than any licence is long, so that memory stays bounded. */
const pieceLength = 1_048_576;
const overlap = 131_072;

/**
 * Finds the licences in a text, in order: licence texts by their similarity to those of the SPDX list, and, between them, notices,
 * `SPDX-License-Identifier` tags, fields and links. `start` and `end` are offsets in UTF-16 units. Takes time linear in the length of the text.
 * @throws {TypeError} for unknown or invalid options.
 */
export function classifyText(text: string, options: ClassifyOptions = {}): FoundLicense[] {
  checkOptions("classifyText", options, { confidence: optionIs.count });
  const confidence = checkedConfidence(options);
  const found: FoundLicense[] = [];
  let fromLast = 0;
  for (let from = 0; from < Math.max(1, text.length); from += pieceLength - overlap) {
    const piece = text.length <= pieceLength ? text : text.slice(from, from + pieceLength);
    // Only what the last piece holds can be said again by this one.
    const known = from === 0 ? [] : found.slice(fromLast).filter(({ end }) => end > from);
    fromLast = found.length;
    const reached = new Map<string, number>();
    for (const license of classifyPiece(piece, confidence)) {
      const placed = from === 0 ? license : { ...license, start: license.start + from, end: license.end + from };
      if (placed.start < (reached.get(placed.id) ?? 0)) continue;
      reached.set(placed.id, placed.end);
      if (!known.some((other) => other.id === placed.id && other.start <= placed.start && placed.start < other.end))
        found.push(placed);
    }
    if (from + pieceLength >= text.length) break;
  }
  return found;
}

function checkedConfidence(options: ClassifyOptions): number {
  const { confidence = 0.9 } = options;
  if (typeof confidence !== "number" || !(confidence >= 0 && confidence <= 1))
    throw new TypeError(`confidence must be a number from 0 to 1, not ${String(confidence)}`);
  return confidence;
}

function classifyPiece(text: string, confidence: number): FoundLicense[] {
  const { found: texts, similar } = findTexts(text, confidence);
  const changed = similar.filter(isSubstantial);
  const explained = [...texts, ...changed].sort((a, b) => a.start - b.start);
  const notices = findNotices(
    text,
    uncoveredBy(
      explained.flatMap(({ outerStart, outerEnd, alternatives }) => uncoveredBy(alternatives, outerEnd, outerStart)),
      text.length,
    ),
  );
  const exact = withoutBare(withoutVague(notices, texts));
  const sentences = exact.filter(({ link }) => !link);
  const others = nearbyBy<FoundText>([...texts, ...sentences], ({ id }) => familyOf(id));
  const anywhere = new Nearby(sentences);
  const links = exact.filter(
    (notice) =>
      notice.link &&
      !isExplained(notice, others) &&
      !(notice.elsewhere === true && anywhere.holds(notice.end + near, notice.start - near)),
  );
  const beginnings = texts.map(({ start }) => start);
  const changedBeginnings = changed.map(({ start }) => start);
  const isTitled = (notice: FoundNotice): boolean =>
    notice.tag !== true &&
    !orFollowing.test(plain(text.slice(notice.start, notice.end + 100))) &&
    isTitle(notice, following(texts, beginnings, notice.end), following(changed, changedBeginnings, notice.end));
  // `# License` above a text whose first line is its name: the words of both together are no notice.
  const runsIntoText = ({ start, end }: FoundText): boolean =>
    (beginnings[firstAtLeast(beginnings, start + 1)] ?? end) < end;
  const isOwnSentence = (notice: FoundText): boolean =>
    following(texts, beginnings, notice.end).some(
      ({ id, start }) =>
        id === "Ruby" && ownAlternative.test(plain(text.slice(Math.max(0, notice.start - 100), start))),
    );
  const found = [
    ...texts.map(({ id, confidence: sure, start, end }): FoundLicense => ({
      kind: "text",
      id,
      confidence: sure,
      start,
      end,
    })),
    ...[
      ...sentences.filter((notice) => !isTitled(notice) && !isOwnSentence(notice) && !runsIntoText(notice)),
      ...links,
    ].map(({ id, exception, confidence: sure, start, end }): FoundLicense => ({
      kind: "notice",
      id,
      ...(exception === undefined ? {} : { exception }),
      confidence: sure,
      start,
      end,
    })),
  ];
  return withExceptionTexts(found)
    .filter(({ id }, _at, all) => !id.endsWith("-standalone") || !all.some((other) => `${other.id}-standalone` === id))
    .sort((a, b) => a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : 1));
}

/** In a notice: the text below is another one to choose, and the notice not its name. */
const orFollowing =
  /\bor (?:(?:alternatively,? )?(?:under|by) )?(?:the )?(?:terms |conditions |licen[cs]e )?(?:following|below)\b/i;

/** The licence of Ruby begins with a sentence that lets choose another licence: it is part of the text, whichever that is. */
const ownAlternative = /\beither the terms of\b.{1,200}\bor the conditions below\b/i;

/** How far behind its licence an exception may stand, in characters. */
const exceptionReach = 3_000;

/**
 * The SPDX list has texts of exceptions under the withdrawn ids of a licence with that exception. Such a text belongs to the
 * licence in front of it, whatever its version.
 */
function withExceptionTexts(found: readonly FoundLicense[]): FoundLicense[] {
  const texts = found.filter(({ kind, id }) => kind === "text" && currentId(id).exception !== undefined);
  if (texts.length === 0) return [...found];
  const changed = new Map<FoundLicense, FoundLicense | undefined>();
  for (const text of texts) {
    const { license, exception = "" } = currentId(text.id);
    const granted = found.filter(
      (other) =>
        /^[AL]?GPL-/.test(other.id) &&
        !texts.includes(other) &&
        other.start < text.start + exceptionReach &&
        text.start < other.end + exceptionReach,
    );
    const [first] = granted;
    const listed = text.id.includes("-with-");
    if (first === undefined) changed.set(text, listed ? text : { ...text, id: license, exception });
    else {
      changed.set(text, undefined);
      const same = listed && versionOf(first.id) === versionOf(text.id);
      for (const other of granted)
        if (other.exception === undefined && currentId(other.id).exception === undefined)
          changed.set(other, same ? { ...other, id: text.id } : { ...other, exception });
    }
  }
  return found.flatMap((license) => (changed.has(license) ? (changed.get(license) ?? []) : [license]));
}

function versionOf(id: string): string {
  return /^\w+-\d\.\d/.exec(id)?.[0] ?? id;
}

/** A changed licence is long, the less like it is; what is like the few words of a notice is a notice. */
function isSubstantial({ confidence, start, end }: FoundText): boolean {
  return end - start > (confidence >= 0.9 ? 400 : 800) && confidence >= 0.7;
}

/**
 * A licence without a version says nothing where the version of one of its family stands elsewhere, nor one that is a grant
 * with an exception where the grant stands; of several without one, the least old counts ("Lesser" says more than "LGPL").
 */
function withoutVague(notices: readonly FoundNotice[], texts: readonly FoundText[]): readonly FoundNotice[] {
  const versioned = new Set(
    [...notices.filter(({ vague }) => vague !== true), ...texts].map(({ id }) => id.split("-")[0]),
  );
  const granted = new Set(notices.flatMap(({ exception, vague }) => (vague === true ? [] : (exception ?? []))));
  const newest = new Map<string | undefined, string>();
  for (const { id, vague } of notices) {
    const family = id.split("-")[0];
    if (vague === true && id > (newest.get(family) ?? "")) newest.set(family, id);
  }
  return notices.filter(({ id, vague, exception }) => {
    const family = id.split("-")[0];
    return (
      vague !== true ||
      (!versioned.has(family) && newest.get(family) === id && (exception === undefined || !granted.has(exception)))
    );
  });
}

/** `LGPL-2.1` of a heading or a list, with the notice behind it that says "or any later version": one and the same. */
function withoutBare(notices: readonly FoundNotice[]): readonly FoundNotice[] {
  const open = nearbyBy(
    notices.filter(({ id }) => id.endsWith("-or-later")),
    ({ id }) => versionOf(id),
  );
  return notices.filter(
    ({ id, bare, end }) => bare !== true || open.get(versionOf(id))?.holds(end + near, end) !== true,
  );
}

/** The stretches of a document up to its length, or from one place of it to another, that lie in none of the others. */
function uncoveredBy(texts: readonly Uncovered[], length: number, first = 0): Uncovered[] {
  const uncovered: Uncovered[] = [];
  let from = first;
  for (const { start, end } of texts.toSorted((a, b) => a.start - b.start)) {
    if (start > from) uncovered.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  if (from < length) uncovered.push({ start: from, end: length });
  return uncovered;
}

/** Characters between a notice and a link that belongs to it. */
const near = 700;

/** A link near words about a licence of the same family only says where to find it. */
function isExplained(link: FoundText, others: ReadonlyMap<string, Nearby>): boolean {
  return others.get(familyOf(link.id))?.holds(link.end + near, link.start - near) === true;
}

/** How far above a text its title may stand. */
const titleReach = 400;

/** Texts, in their order, that begin shortly behind a place. */
function following<T extends FoundText>(texts: readonly T[], beginnings: readonly number[], end: number): readonly T[] {
  return texts.slice(firstAtLeast(beginnings, end), firstAtLeast(beginnings, end + titleReach));
}

/** The name above a licence's text may be less exact than the text; that above a changed text is not its name. */
function isTitle(notice: FoundText, texts: readonly FoundText[], changed: readonly FoundText[]): boolean {
  return (
    changed.length > 0 ||
    texts.some(
      ({ id }) =>
        familyOf(id) === familyOf(notice.id) &&
        id !== notice.id &&
        // What stands above an exception is the notice that it belongs to.
        currentId(id).exception === undefined,
    )
  );
}

function familyOf(id: string): string {
  return id.replace(/^(?:L|A)?GPL.*/, "GPL").split("-")[0] ?? id;
}
