/** The most lines of one file. Files with more list everyone who contributed a line. */
const mostLines = 500;
const longestLine = 300;

/**
 * Finds the copyright lines of a text: each once, in order, without comment marks, at most 500 lines of 300 characters. Further years and names
 * below such a line, as in fields of Debian's copyright files, become lines of their own. Sentences of a licence about copyright ("the above
 * copyright notice"), points of its lists ("(c) You must") and templates that nobody has filled in ("Copyright (c) YEAR YOUR NAME") are not
 * copyright lines.
 */
export function copyrightLines(text: string): readonly string[] {
  const found = new Set<string>();
  const secondPoint = text.search(/\(b\)/i);
  const isDebian = /^Format:/m.test(text.slice(0, 1_000));
  const pattern = /^.{0,40}?(?:copyright|\(c\)|©)[^\n]{0,300}/gim;
  for (let match = pattern.exec(text); match !== null && found.size < mostLines; match = pattern.exec(text)) {
    const [, mark = "", content = ""] = /^([\s*#/;%|!>.-]{0,40}(?:dnl |REM )?)(.*)/i.exec(match[0]) ?? [];
    const line = plain(content);
    const isField = isDebian && mark === "" && /^copyright:/i.test(line);
    const isInList = secondPoint !== -1 && secondPoint < match.index;
    const isStatement = states(line, isInList);
    if (isStatement) found.add(line);
    if (!isStatement && !(isField && line.length === fieldName.length)) continue;
    const head = /^.{0,20}?(?:copyright(?: ?\(c\)| ?©|:)?|\(c\)|©)/i.exec(line)?.[0] ?? "";
    for (const further of linesBelow(text, pattern.lastIndex, mark.length, isField)) {
      const isWhole = /copyright/i.test(further.content);
      if (found.size < mostLines && !/^all rights reserved/i.test(further.content))
        found.add(plain(isWhole ? further.content : `${head} ${further.content}`));
      pattern.lastIndex = further.end;
    }
  }
  return [...found];
}

const fieldName = "Copyright:";

function plain(line: string): string {
  return line.replaceAll(/\s+/g, " ").trim().slice(0, longestLine);
}

/** The lines right below one that begin further to the right with a year; of a field, also those with a name alone. */
function* linesBelow(
  text: string,
  from: number,
  column: number,
  isField: boolean,
): Generator<{ readonly content: string; readonly end: number }> {
  const next = /\r?\n([ \t]*(?:[*#/;%|!>]{1,3}[ \t]*)?)([^\s*#/;%|!>][^\n]*)/y;
  next.lastIndex = from;
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    const [, indentation = "", content = ""] = match;
    const goesOn = isField
      ? /^(?!(?:Permission|Redistribution|Licensed|This|These) )[\p{Lu}\d(<"©]/u
      : /^(?:\(c\) ?|© ?)?(?:19|20)\d\d\b/i;
    if (indentation.length <= column || !goesOn.test(content)) return;
    yield { content, end: next.lastIndex };
  }
}

/** "Copyright", then a sign, a year or a name. */
function states(line: string, isInList: boolean): boolean {
  const [, word = "", signs = "", rest] =
    /^(?:portions? |parts? |original |all )?(?:(copyright)( ?\(c\)| ?©|:)?|(?:\(c\)|©)(?: copyright)?)[ ,]{0,2}(\S.*)$/i.exec(
      line,
    ) ?? [];
  if (rest === undefined || unfilled.test(rest)) return false;
  if (/^[[<{]?\s?\d{4}/.test(rest)) return true;
  if (line.startsWith("(") && isInList) return false;
  if (about.test(rest)) return false;
  // A name; where no sign says that one follows, it has a capital letter, and is no sentence in capitals.
  if (/[c©]/i.test(signs)) return true;
  return /^(?:\(c\)|©|by )?\s?\p{Lu}/u.test(rest) && (word !== "COPYRIGHT" || signs !== "" || /\p{Ll}/u.test(rest));
}

/** Where a licence's form of such a line has the year and the name. */
const unfilled = /^(?:[[<{]\s?(?!\d)|[`_.]|(?:year|yyyy|19yy|name of)\b)/i;

const about =
  /^(?:notices?|notification|holders?|owners?|license|law|act|statement|status|disclaimers?|below|and|in|on|of|or)\b/i;
