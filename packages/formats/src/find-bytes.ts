/**
 * Where `wanted` first stands in `bytes` at or after `from`, -1 when nowhere. Looks at every `wanted.length`-th byte as a
 * rule (Horspool's algorithm), which is what makes it worth while to look through whole programs.
 */
export function findBytes(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  const last = wanted.length - 1;
  if (last < 0) return from <= bytes.length ? from : -1;
  // How far to move when the window ends with this byte.
  const shifts = new Uint32Array(256).fill(wanted.length);
  for (let at = 0; at < last; at++) shifts[wanted[at] ?? 0] = last - at;
  for (let at = Math.max(0, from); at + last < bytes.length;) {
    const end = bytes[at + last] ?? 0;
    if (end === wanted[last]) {
      let same = 0;
      while (same < last && bytes[at + same] === wanted[same]) same++;
      if (same === last) return at;
    }
    at += shifts[end] ?? 1;
  }
  return -1;
}
