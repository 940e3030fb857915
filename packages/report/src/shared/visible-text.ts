/**
 * Characters that act instead of being shown: C0 and C1 controls, bidirectional marks and overrides (Unicode TR 36 §3),
 * invisible formatting, and halves of surrogate pairs.
 */
const acting =
  /[\0-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/**
 * What build services take for commands in a log: GitHub's at the start of a line, its older form and Azure's anywhere.
 * GitLab's sections need control characters.
 */
const commands = /^\s*:(?=:)|#(?=#(?:\[|vso\[))/gi;

/** Matches printable ASCII without the characters that begin a command in the log of a build. */
const plain = /^[ !"$-9;-~]*$/;

/**
 * Untrusted text made safe to show on one line, also in the log of a build: white space becomes a space, and every other control or formatting
 * character becomes `\u{hex}`.
 */
export function visibleText(text: string): string {
  // Nearly all text is plain, and one look says so.
  if (plain.test(text)) return text;
  return text
    .replace(acting, (char) => (char === "\n" || char === "\t" || char === "\r" ? " " : escaped(char)))
    .replace(commands, (start) => start.slice(0, -1) + escaped(start.slice(-1)));
}

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The first `length` characters of visible text, with an ellipsis where more follows. Looks at no more than it shows. */
export function visibleStart(text: string, length: number): string {
  const visible = visibleText(text.slice(0, length + 1));
  return visible.length <= length ? visible : `${visible.slice(0, Math.max(0, length - 1))}…`;
}
