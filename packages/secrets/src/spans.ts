/** A part of a text or of bytes, by offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans in order, those that overlap made one. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const before = merged.at(-1);
    if (before !== undefined && start <= before.end) before.end = Math.max(before.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Whether a span overlaps one of many that are in order and disjoint. */
export function overlapsAny(spans: readonly Span[], start: number, end: number): boolean {
  return (spans[firstEndingAfter(spans, start)]?.start ?? Infinity) < end;
}

/** The number of the first of many spans, in order and disjoint, that ends after an offset. */
export function firstEndingAfter(spans: readonly Span[], start: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}
