const encoder = new TextEncoder();

/** UTF-8 of a text; a lone surrogate becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Whether every surrogate has its partner, so that the text survives UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Order of well-formed texts by their UTF-8 bytes: as by code units, except that surrogates come last. */
export function compareAsBytes(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const leftPair = left >= 0xd800 && left <= 0xdfff;
    const rightPair = right >= 0xd800 && right <= 0xdfff;
    if (leftPair !== rightPair) return leftPair ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

/** Order of `key` and the bytes of `other` from `start` to `end`. */
export function compareBytes(key: Uint8Array, other: Uint8Array, start: number, end: number): number {
  const length = Math.min(key.length, end - start);
  for (let at = 0; at < length; at++) {
    const order = (key[at] ?? 0) - (other[start + at] ?? 0);
    if (order !== 0) return order;
  }
  return key.length - (end - start);
}
