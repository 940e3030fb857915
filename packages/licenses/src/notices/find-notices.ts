import { documentation } from "./documentation-notices.ts";
import { gnu } from "./gnu-notices.ts";
import { bareLink, commonText, link } from "./links.ts";
import { defined, named, sameTermsAs } from "./named-notices.ts";
import { gap, nothing, plain } from "./notice.ts";
import type { FoundNotice, Window } from "./notice.ts";
import { project } from "./project-notices.ts";
import { classifier, field, heading, tag } from "./tags-and-fields.ts";

/** Words with which every kind of notice begins, or which it holds. */
const trigger = new RegExp(
  [
    "licen[cs]",
    "gpl",
    String.raw`https?:\/\/`,
    ...[
      ["general", "public"],
      ["same", "terms"],
      ["public", "domain"],
      ["released", "under"],
      ["available", "under"],
      ["distributed", "under"],
      ["conditions", "of", "distribution"],
      ["copyright", "notice", "in"],
    ].map((words) => words.join(gap)),
  ].join("|"),
  "gi",
);

/** Characters around a trigger that belong to its sentence. */
const before = 160;
const behind = 420;

/** Of words that could be part of a sentence about a licence, so many in a million characters are looked at. */
const maxSentences = 3_000;
/** A word so near to one that said nothing belongs to the same sentence. */
const sameSentence = 48;

/** A stretch that no licence text covers. */
export interface Uncovered {
  readonly start: number;
  readonly end: number;
}

/**
 * Notices, tags and links in the parts of a document that no licence text covers. Looks only around words that notices
 * hold, each stretch once, so that the cost is linear.
 */
export function findNotices(text: string, uncovered: readonly Uncovered[]): FoundNotice[] {
  const found: FoundNotice[] = [];
  let sentences = Math.ceil((maxSentences * Math.max(100_000, text.length)) / 1_000_000);
  let silentTo = 0;
  for (const { start, end } of uncovered) {
    trigger.lastIndex = start;
    let readTo = start;
    for (let match = trigger.exec(text); match !== null && match.index < end; match = trigger.exec(text)) {
      if (match.index < readTo) continue;
      const from = Math.max(start, match.index - before);
      const to = Math.min(end, match.index + behind);
      const quick = readQuickly(text, from, match.index, to);
      let notices = quick;
      if (notices === undefined && match.index >= silentTo && sentences > 0) {
        sentences -= 1;
        notices = named(text, from, match.index, to);
        if (notices === undefined) silentTo = match.index + sameSentence;
      }
      notices ??= nothing(match.index);
      if (notices.found.length > 0 && !isExample(text, match.index)) found.push(...notices.found);
      readTo = Math.max(match.index + match[0].length, notices.readTo);
      trigger.lastIndex = readTo;
    }
  }
  return found;
}

/** Characters in front of a licence in which a list of examples can begin. */
const exampleReach = 400;
/** The licences of a list behind "such as" say what is meant by other words; what is granted has a verb of its own. */
const example =
  /\b(?:such as|for example|e\.g\.)(?:(?!\b(?:licen[cs]ed|released|distributed|available|under)\b)(?:[^.;:]|[.:;](?=\S))){0,400}$/i;

function isExample(text: string, at: number): boolean {
  return example.test(plain(text.slice(Math.max(0, at - exampleReach), at)));
}

function readQuickly(text: string, from: number, at: number, to: number): Window | undefined {
  const head = text.slice(from, at);
  const tail = text.slice(at, to);
  if (/^https?:/i.test(tail)) return link(head, tail, at);
  if (/^licenses\//i.test(tail) && head.endsWith("/common-")) return commonText(tail, at);
  return (
    bareLink(head, tail, at) ??
    tag(head, tail, from, at) ??
    classifier(tail, at) ??
    sameTermsAs(text, from, at, to) ??
    field(head, tail, from, at) ??
    heading(text, at) ??
    project(text, at, to) ??
    documentation(text, from, at, to) ??
    gnu(text, from, at, to) ??
    defined(text, from, at)
  );
}
