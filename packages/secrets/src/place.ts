/** A place in the file, and where it is in the buffer. */
export interface Place {
  line: number;
  column: number;
  offset: number;
  /** Offset of the next line feed, as far as it was looked for: at or behind `offset`, or -1. */
  feed: number;
}

/** Moves a place forward to an offset. Columns count UTF-16 units: two for what takes four bytes, none for what continues. */
export function advance(place: Place, bytes: Uint8Array, offset: number): void {
  let at = place.offset;
  const nextFeed = (from: number): number => {
    const feed = bytes.indexOf(10, from);
    return feed === -1 ? bytes.length : feed;
  };
  // An endless line with many findings is looked through once.
  if (place.feed < at) place.feed = nextFeed(at);
  while (place.feed < offset) {
    place.line++;
    place.column = 1;
    at = place.feed + 1;
    place.feed = nextFeed(at);
  }
  for (; at < offset; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte & 0xc0) !== 0x80) place.column += byte >= 0xf0 ? 2 : 1;
  }
  place.offset = offset;
}
