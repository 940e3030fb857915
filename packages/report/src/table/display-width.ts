/** Characters that terminals draw two columns wide (Unicode TR 11, classes W and F, and emoji). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const combining = /\p{M}/u;
const plain = /^[\x20-\x7e]*$/;

/** Terminal columns that a text without control characters takes. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += combining.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return width;
}

/** Lines of at most `width` columns, broken at spaces where there are any, else behind the joints of paths and names, else anywhere. */
export function wrapText(text: string, width: number): string[] {
  // Blanks in front are lost where lines are put together.
  if (displayWidth(text) <= width && !text.startsWith(" ")) return [text];
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ")) {
    const size = displayWidth(word);
    if (used > 0 && used + 1 + size <= width) {
      line += ` ${word}`;
      used += 1 + size;
    } else {
      if (used > 0) lines.push(line);
      const pieces = size <= width ? [word] : breakWord(word, width);
      for (const piece of pieces.slice(0, -1)) lines.push(piece);
      line = pieces.at(-1) ?? "";
      used = displayWidth(line);
    }
  }
  lines.push(line);
  return lines;
}

/** Behind what a word goes on in the next line: the parts of a path, and where those are too long, the parts of a name. */
const joints: readonly RegExp[] = [/[^/@:]*[/@:]+|[^/@:]+/g, /[^-._+,]*[-._+,]+|[^-._+,]+/g];

/** Pieces of at most `width` columns, broken behind a joint where there is one, else anywhere. */
function breakWord(word: string, width: number, level = 0): string[] {
  const joint = joints[level];
  if (joint === undefined) return breakAnywhere(word, width);
  const pieces: string[] = [];
  let piece = "";
  for (const part of word.match(joint) ?? [word]) {
    if (displayWidth(piece) + displayWidth(part) <= width) {
      piece += part;
      continue;
    }
    if (piece !== "") pieces.push(piece);
    const broken = displayWidth(part) <= width ? [part] : breakWord(part, width, level + 1);
    pieces.push(...broken.slice(0, -1));
    piece = broken.at(-1) ?? "";
  }
  return [...pieces, piece];
}

function breakAnywhere(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const char of word) {
    const size = displayWidth(char);
    if (used + size > width && piece !== "") {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += char;
    used += size;
  }
  return [...pieces, piece];
}
