/** Bytes before the frames, and before the page in each frame. */
const headerBytes = 32;
const frameHeaderBytes = 24;

/**
 * The pages that committed transactions left in a write-ahead log (fileformat2 §4). A log whose header, salts or
 * checksums do not fit counts up to there, as SQLite itself recovers; it never makes the database unreadable.
 */
export function readWal(wal: Uint8Array, pageSize: number): ReadonlyMap<number, Uint8Array> {
  const committed = new Map<number, Uint8Array>();
  if (wal.length < headerBytes) return committed;
  const view = new DataView(wal.buffer, wal.byteOffset, wal.length);
  const magic = view.getUint32(0);
  if ((magic & 0xfffffffe) !== 0x377f0682 || view.getUint32(8) !== pageSize) return committed;
  const littleEndian = (magic & 1) === 0;
  let sum = checksum(view, 0, 24, littleEndian, [0, 0]);
  if (sum[0] !== view.getUint32(24) || sum[1] !== view.getUint32(28)) return committed;

  let pending = new Map<number, Uint8Array>();
  const frameBytes = frameHeaderBytes + pageSize;
  for (let at = headerBytes; at + frameBytes <= wal.length; at += frameBytes) {
    if (view.getUint32(at + 8) !== view.getUint32(16) || view.getUint32(at + 12) !== view.getUint32(20)) break;
    sum = checksum(view, at, 8, littleEndian, sum);
    sum = checksum(view, at + frameHeaderBytes, pageSize, littleEndian, sum);
    if (sum[0] !== view.getUint32(at + 16) || sum[1] !== view.getUint32(at + 20)) break;
    pending.set(view.getUint32(at), wal.subarray(at + frameHeaderBytes, at + frameBytes));
    // A size of the database ends a transaction.
    if (view.getUint32(at + 4) === 0) continue;
    for (const [number, page] of pending) committed.set(number, page);
    pending = new Map();
  }
  return committed;
}

/** Fibonacci-weighted sums of pairs of words (fileformat2 §4.2). */
function checksum(
  view: DataView,
  start: number,
  length: number,
  littleEndian: boolean,
  [first, second]: readonly [number, number],
): readonly [number, number] {
  let a = first;
  let b = second;
  for (let at = start; at < start + length; at += 8) {
    a = (a + view.getUint32(at, littleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0;
  }
  return [a, b];
}
