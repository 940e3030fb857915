/** A file has no more of them that say something: what follows are lists of contributors. */
const mostLines = 50;
const longestLine = 300;

/**
 * Lines that say whose work a text is, each once, in their order, without marks of comments. Words about copyright in the
 * sentences of a licence ("the above copyright notice") are none.
 */
export function copyrightLines(text: string): readonly string[] {
  const found = new Set<string>();
  const pattern = /^.{0,40}?(?:copyright|\(c\)|©)[^\n]{0,300}/gim;
  for (let match = pattern.exec(text); match !== null && found.size < mostLines; match = pattern.exec(text)) {
    const line = match[0]
      .replace(/^[\s*#/;%|!>.-]{0,40}(?:dnl |REM )?/i, "")
      .replaceAll(/\s+/g, " ")
      .trim();
    if (states(line)) found.add(line.slice(0, longestLine));
  }
  return [...found];
}

/** "Copyright", then a sign, a year or a name. */
function states(line: string): boolean {
  const rest =
    /^(?:portions? |parts? |original |all )?(?:copyright(?: \(c\)| ©|:)?|\(c\)(?: copyright)?|©)[ ,]{0,2}(\S.*)$/i.exec(
      line,
    )?.[1];
  if (rest === undefined) return false;
  if (/^(?:\d{4}|\[|<|\{)/.test(rest)) return !/^[[<{]?(?:year|yyyy|fullname|name)/i.test(rest);
  // A name: a capital letter, and none of the words that sentences go on with.
  return (
    /^(?:\(c\)|©|by )?\s?[A-Z]/.test(rest) &&
    !/^(?:Notice|Holders?|Owners?|License|Law|Act|Statement|In\b|On\b)/.test(rest)
  );
}
