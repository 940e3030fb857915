import { NumberTable } from "./number-table.ts";

/**
 * The words of a text in the form in which licence texts are compared: lower case, without punctuation, markup, bullets
 * and copyright lines, spellings unified (SPDX licence list matching guidelines). One pass over the characters.
 */
export interface WordStream {
  /** 32-bit hash of each word; with a dictionary, its id there. */
  readonly words: Int32Array;
  /** Offset of each word's first character. */
  readonly starts: Int32Array;
  /** Offset behind each word's last character. */
  readonly ends: Int32Array;
  readonly length: number;
}

const seed = 0x811c9dc5 | 0;

/** The hash of a word by itself. */
export function wordHash(word: string): number {
  let hash = seed;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash;
}

/** Spellings that mean the same: matching guidelines, "Varietal Word Spelling". */
const spellings = new NumberTable(128);
for (const [plain = "", variant = ""] of [
  ["license", "licence"],
  ["licenses", "licences"],
  ["licensed", "licenced"],
  ["licensing", "licencing"],
  ["sublicense", "sublicence"],
  ["acknowledgment", "acknowledgement"],
  ["analog", "analogue"],
  ["analyze", "analyse"],
  ["artifact", "artefact"],
  ["authorization", "authorisation"],
  ["authorized", "authorised"],
  ["caliber", "calibre"],
  ["canceled", "cancelled"],
  ["capitalizations", "capitalisations"],
  ["catalog", "catalogue"],
  ["categorize", "categorise"],
  ["center", "centre"],
  ["emphasized", "emphasised"],
  ["favor", "favour"],
  ["favorite", "favourite"],
  ["fulfill", "fulfil"],
  ["fulfillment", "fulfilment"],
  ["initialize", "initialise"],
  ["judgment", "judgement"],
  ["labeling", "labelling"],
  ["labor", "labour"],
  ["maximize", "maximise"],
  ["modeled", "modelled"],
  ["offense", "offence"],
  ["optimize", "optimise"],
  ["organization", "organisation"],
  ["organize", "organise"],
  ["practice", "practise"],
  ["program", "programme"],
  ["realize", "realise"],
  ["recognize", "recognise"],
  ["signaling", "signalling"],
  ["utilization", "utilisation"],
  ["while", "whilst"],
  ["willful", "wilful"],
  ["holder", "owner"],
  ["holders", "owners"],
  ["https", "http"],
  ["merchantability", "merchantibility"],
  ["copyright", "copyrights"],
])
  spellings.set(wordHash(variant), wordHash(plain));

/** Words that only markup and comment styles have. */
const markup = new NumberTable(64);
for (const word of [
  "dnl",
  "rem",
  "br",
  "sp",
  "pp",
  "nbsp",
  "quot",
  "amp",
  "ldquo",
  "rdquo",
  "ii",
  "iii",
  "iv",
  "vi",
  "vii",
  "viii",
  "ix",
  "copy",
  "www",
])
  markup.set(wordHash(word), 1);

const copyright = wordHash("copyright");
const all = wordHash("all");
const reserved = /[\s*#/]{1,20}rights?[\s*#/]{1,20}reserved/iy;
/** A notice ends with its line; texts that are written in one line go on behind it. */
const longestNotice = 60;

/** Id of words that say nothing. */
const silent = -1;

/** Adds to a dictionary what `readWords` does without one: words in other spellings, and those that say nothing. */
export function addSpellings(dictionary: NumberTable): void {
  spellings.forEach((variant, plain) => {
    const id = dictionary.get(plain);
    if (id !== 0) dictionary.set(variant, id);
  });
  markup.forEach((word) => dictionary.set(word, silent));
}

/** Ideographs are words of one character. */
const firstIdeograph = 0x2e80;
/** Each character of a word in lower case, 0 for those of none. */
const folded = new Uint16Array(firstIdeograph);
for (let code = 0; code < firstIdeograph; code++) if (isLetter(code)) folded[code] = code;
for (let code = 65; code <= 90; code++) folded[code] = code | 32;
/** Of the letters beyond ASCII, those of alphabets with capitals come first: Latin, Greek, Cyrillic and Armenian. */
const behindCapitals = 0x590;
for (let code = 0xc0; code < behindCapitals; code++) {
  const lower = String.fromCharCode(code).toLowerCase();
  if (isLetter(code) && lower.length === 1) folded[code] = lower.charCodeAt(0);
}

function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  return code >= 0xc0 && code < 0x2000 && code !== 0xd7 && code !== 0xf7;
}

/** Reads the words of a text, by the ids of a dictionary or as hashes. */
export function readWords(text: string, dictionary?: NumberTable): WordStream {
  // Words have more than four characters with the space behind them, but in texts of ideographs.
  let room = (text.length >> 2) + 16;
  let words = new Int32Array(room);
  let starts = new Int32Array(room);
  let ends = new Int32Array(room);
  let count = 0;
  let nextClose = -1;
  const end = text.length;
  let at = 0;
  while (at < end) {
    let code = text.charCodeAt(at);
    let letter = code < firstIdeograph ? (folded[code] ?? 0) : code;
    if (letter === 0) {
      // A tag, a placeholder or an address in angle brackets.
      if (code === 60 && at + 1 < end) {
        const next = text.charCodeAt(at + 1) | 32;
        if ((next >= 97 && next <= 122) || next === 47 || next === 33) {
          if (nextClose < at) {
            const found = text.indexOf(">", at);
            nextClose = found === -1 ? end : found;
          }
          if (nextClose - at <= 200 && nextClose < end) at = nextClose;
        }
      }
      at += 1;
      continue;
    }
    if (count === room) {
      room *= 2;
      words = grown(words);
      starts = grown(starts);
      ends = grown(ends);
    }
    const start = at;
    if (code >= firstIdeograph) {
      const ideograph = Math.imul(seed ^ code, 0x01000193);
      words[count] = dictionary === undefined ? ideograph : dictionary.get(ideograph);
      starts[count] = start;
      at += 1;
      ends[count++] = at;
      continue;
    }
    let hash = seed;
    let digits = true;
    do {
      if (letter > 57) digits = false;
      hash = Math.imul(hash ^ letter, 0x01000193);
      at += 1;
      // Behind the end there is NaN, which would make every number of this loop a slow one.
      code = at < end ? text.charCodeAt(at) : 0;
      // The full stop of "2.0" belongs to the number.
      if (code === 46 && digits) {
        const after = at + 1 < end ? text.charCodeAt(at + 1) : 0;
        if (!(after >= 48 && after <= 57)) break;
        hash = Math.imul(hash ^ 46, 0x01000193);
        at += 1;
        code = after;
      }
      letter = code < firstIdeograph ? (folded[code] ?? 0) : 0;
    } while (letter !== 0);
    // Bullets: "a)", "1.".
    if (at - start === 1) continue;
    let word: number;
    if (dictionary === undefined) {
      if (markup.get(hash) !== 0) continue;
      word = spellings.get(hash) || hash;
    } else {
      word = dictionary.get(hash);
      if (word === silent) continue;
    }
    if (hash === copyright && isNotice(text, at)) {
      const limit = Math.min(end, at + longestNotice);
      while (at < limit && text.charCodeAt(at) !== 10) at += 1;
      while (at < end && isWord(text.charCodeAt(at))) at += 1;
      continue;
    }
    if (hash === all) {
      reserved.lastIndex = at;
      const phrase = reserved.exec(text);
      if (phrase !== null) {
        at += phrase[0].length;
        continue;
      }
    }
    words[count] = word;
    starts[count] = start;
    ends[count++] = at;
  }
  return {
    words: words.subarray(0, count),
    starts: starts.subarray(0, count),
    ends: ends.subarray(0, count),
    length: count,
  };
}

/** A longer list with the same numbers. */
export function grown(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2);
  larger.set(list);
  return larger;
}

function isWord(code: number): boolean {
  return code >= firstIdeograph || folded[code] !== 0;
}

/** Whether "copyright" opens a notice of who holds it: a mark or a year follows. */
function isNotice(text: string, after: number): boolean {
  for (let at = after; at < after + 4; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    if (code === 0xa9 || code === 60 || code === 91 || (code >= 48 && code <= 57)) return true;
    if (code === 40) return (text.charCodeAt(at + 1) | 32) === 99 || text.charCodeAt(at + 1) === 0xa9;
    if (code !== 32 && code !== 9 && code !== 58) return false;
  }
  return false;
}
