/** CRC-64 as in xz (ECMA-182, reflected), in two halves: JavaScript's integers end at 53 bits. */
export class Crc64 {
  private low = -1;
  private high = -1;

  add(bytes: Uint8Array): void {
    let { low, high } = this;
    for (let at = 0; at < bytes.length; at++) {
      const index = (low ^ (bytes[at] ?? 0)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
      high = (high >>> 8) ^ (highs[index] ?? 0);
    }
    this.low = low;
    this.high = high;
  }

  /** Whether the sum is the one in these eight bytes, lowest first. */
  isIn(bytes: Uint8Array): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    return view.getInt32(0, true) === ~this.low && view.getInt32(4, true) === ~this.high;
  }
}

const lows = new Int32Array(256);
const highs = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = (low & 1) !== 0;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (!odd) continue;
    low ^= 0xd7870f42;
    high ^= 0xc96c5795;
  }
  lows[byte] = low;
  highs[byte] = high;
}
