/** Words that say that something is not under a licence. */
const not = /(?:\b(?:can)?not|n't|\bneither|\bnor)\b((?:(?!\b(?:can)?not\b|n't\b|\bnor\b)[^.;:]){0,60})$/i;

/** Words that say that something else is. */
const other =
  /(?:\bactual code of|\bother (?:software|programs?|code|files|parts)(?: \w+){0,2}? (?:is|are|was|were))\b([^.;:]{0,60})$/i;

/** Words that say under what something was, and is no longer. */
const past = /\b(?:were released|formerly|previously|used to be)\b[^.;:]{0,60}$/i;

/** Another statement begins, of which "not" says nothing: ", and is …", "but you may …", ", released under …". */
const newStatement =
  /(?:,|\band|\bbut)\s(?:(?:(?!(?:as|if|n?or|that|unless|which|who|whose)\b)\w+\s){0,4}(?:are|can|has|have|is|may|must|was|were|will)\b|(?:it|this|you)\b|(?:also\s)?(?:available|distributed|licen[cs]ed|released)\sunder\b)|^[^(]*\)/i;

/** "not, however, …": what stands between two commas behind "not" is no statement of its own. */
const aside = /^\s?,[^,]*,/;

/** "does not mean that A and B are …": the statement behind is what is denied. */
const denied = /^\s(?:claim|follow|imply|mean|say)\b/i;

const gnuName = /\b(?:gnu )?(?:lesser |library |affero )?general public licen[cs]e\b/gi;

/** Whether the words in front of a licence say that it does not hold, holds for something else, or held before. */
export function isDenied(words: string): boolean {
  // Names are long: what is not under the one licence or the other is denied for both.
  const head = words.replaceAll(gnuName, "GPL");
  if (past.test(head)) return true;
  const behindOther = other.exec(head)?.[1];
  if (behindOther !== undefined && !excepts(behindOther)) return true;
  const behindNot = not.exec(head)?.[1]?.replace(aside, "");
  if (behindNot === undefined || excepts(behindNot)) return false;
  return denied.test(behindNot) || !newStatement.test(behindNot);
}

function excepts(between: string): boolean {
  return /\b(?:except|unless|only|but)\b/i.test(between);
}
