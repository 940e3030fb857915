// CEL's strings are sequences of code points, JavaScript's of UTF-16 units. Most texts have no surrogate pairs, and the two are the same.
const surrogate = /[\ud800-\udfff]/;

/** How many code points a text has. */
export function codePointCount(text: string): number {
  if (!surrogate.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A text indexed by code point. */
export interface CodePoints {
  readonly length: number;
  slice(from: number, to: number): string;
  /** The code point index of a UTF-16 offset. */
  indexAt(offset: number): number;
  /** The UTF-16 offset of a code point index. */
  offsetAt(index: number): number;
}

/** Indexes a text by code point; this takes linear time only if the text has surrogate pairs. */
export function codePoints(text: string): CodePoints {
  if (!surrogate.test(text))
    return {
      length: text.length,
      slice: (from, to) => text.slice(from, to),
      indexAt: (offset) => offset,
      offsetAt: (index) => index,
    };
  const points = [...text];
  const offsets: number[] = [0];
  for (const point of points) offsets.push((offsets.at(-1) ?? 0) + point.length);
  return {
    length: points.length,
    slice: (from, to) => points.slice(from, to).join(""),
    indexAt: (offset) => offsets.findIndex((start) => start >= offset),
    offsetAt: (index) => offsets[index] ?? text.length,
  };
}
