import type { ByteStream } from "@plimsoll/model";
import type { Classifier } from "./classifiers.ts";

/** Bytes before and after an anchor in which its pattern may match. */
const windowBefore = 64;
const windowAfter = 192;

/** An anchor that stands in a file more often than this says nothing. */
const maxAnchors = 1_000;

/** How much of a program is held at a time: some are hundreds of megabytes large. */
const pieceBytes = 1024 * 1024;

/** Every byte is a character, of which ASCII ones keep their meaning. */
const latin1 = new TextDecoder("latin1");

/** Zero and the printable characters, those first that programs for x86-64 hold most of. */
const byFrequency =
  "\u0000H$ tAeDLfr_as1niIolduBEc(@p.h0%TP8mgS9bMCxU=]5G\\)[|-v`yX4FN/2<w,:RkV3OW^6K+?;\"!J}Z7~{'z>*j#YQ&q";

/** What is being looked for, and how far that got. */
interface Search {
  readonly classifier: Classifier;
  readonly anchor: Uint8Array;
  /** Which byte of the anchor is looked for first. */
  readonly pivot: number;
  anchors: number;
  version: string | undefined;
}

/**
 * The versions that classifiers find in a program, in the order of the classifiers; those that are for programs alone are
 * passed over in a script. The program is read in pieces that overlap by what a pattern may look at.
 */
export async function findVersions(
  content: ByteStream,
  classifiers: readonly Classifier[],
): Promise<readonly (readonly [Classifier, string])[]> {
  let searches: readonly Search[] = [];
  let first = true;
  for await (const { bytes, last } of pieces(content, overlapOf(classifiers))) {
    if (first) {
      const fitting = isProgram(bytes) ? classifiers : classifiers.filter(({ script }) => script === true);
      searches = fitting.map((classifier) => ({
        classifier,
        anchor: Uint8Array.from(classifier.anchor, (char) => char.charCodeAt(0)),
        pivot: rarestOf(classifier.anchor),
        anchors: 0,
        version: undefined,
      }));
      first = false;
    }
    for (const search of searches) lookThrough(search, bytes, last);
    if (searches.every(({ version, anchors }) => version !== undefined || anchors >= maxAnchors)) break;
  }
  return searches.flatMap(({ classifier, version }) => (version === undefined ? [] : [[classifier, version] as const]));
}

/** An anchor this close to the end of a piece is looked at with the next one, and what stands before it is kept for that. */
function overlapOf(classifiers: readonly Classifier[]): number {
  return windowBefore + windowAfter + Math.max(...classifiers.map(({ anchor }) => anchor.length));
}

/** ELF, PE or Mach-O: a script of that name is something else. */
function isProgram(bytes: Uint8Array): boolean {
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return magic === "7f454c46" || magic.startsWith("4d5a") || /^(?:feedfac[ef]|c[ef]faedfe|cafebabe)$/.test(magic);
}

/** Cuts a stream into pieces of one size, each but the first beginning with the end of the one before. */
async function* pieces(
  content: ByteStream,
  overlap: number,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly last: boolean }> {
  const piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      if (filled === pieceBytes) {
        yield { bytes: piece, last: false };
        piece.copyWithin(0, pieceBytes - overlap);
        filled = overlap;
      }
      const taken = Math.min(chunk.length - at, pieceBytes - filled);
      piece.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  yield { bytes: piece.subarray(0, filled), last: true };
}

function lookThrough(search: Search, bytes: Uint8Array, last: boolean): void {
  const { classifier, anchor, pivot } = search;
  if (search.version !== undefined) return;
  if (anchor.length === 0) {
    search.version = versionOf(classifier, bytes);
    return;
  }
  // What could need bytes of the next piece waits for it.
  const end = last ? bytes.length : bytes.length - anchor.length - windowAfter;
  for (let at = indexOf(bytes, anchor, pivot, 0); at !== -1 && at < end; at = indexOf(bytes, anchor, pivot, at + 1)) {
    if (search.anchors >= maxAnchors) return;
    search.anchors++;
    search.version = versionOf(
      classifier,
      bytes.subarray(Math.max(0, at - windowBefore), at + anchor.length + windowAfter),
    );
    if (search.version !== undefined) return;
  }
}

function versionOf({ pattern }: Classifier, bytes: Uint8Array): string | undefined {
  const match = pattern.exec(latin1.decode(bytes));
  return match?.[1] ?? match?.[2];
}

/** Where the character stands in an anchor that programs hold least of. */
function rarestOf(anchor: string): number {
  let rarest = 0;
  for (let at = 1; at < anchor.length; at++)
    if (byFrequency.indexOf(anchor.charAt(at)) > byFrequency.indexOf(anchor.charAt(rarest))) rarest = at;
  return rarest;
}

/** Anchors have no long repetitions, so looking for one byte and comparing is linear in practice and bounded by both lengths. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array, pivot: number, from: number): number {
  const rarest = wanted[pivot] ?? 0;
  for (let at = bytes.indexOf(rarest, from + pivot); at !== -1; at = bytes.indexOf(rarest, at + 1)) {
    const start = at - pivot;
    let same = 0;
    while (same < wanted.length && bytes[start + same] === wanted[same]) same++;
    if (same === wanted.length) return start;
  }
  return -1;
}
