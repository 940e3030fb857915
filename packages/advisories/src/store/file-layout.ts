import { crc32 } from "@plimsoll/formats";

/**
 * Layout of a store file. Everything is little-endian.
 *
 *     header  16 bytes   magic, version u32, zero u32
 *     blocks             of the three tables, see block-table.ts
 *     tail               length of the metadata u32, metadata (deflated JSON), indexes, filter
 *     footer  72 bytes   tail offset u64, tail length u32, CRC-32 of the tail u32, length of the file u64,
 *                        revision (SHA-256 of the tail, 32 bytes), version u32, CRC-32 of all before u32, magic
 *
 * Offsets grow downwards to the end, so a file is written in one pass and opened by reading its end.
 */
export const formatVersion = 1;

const magic = [0x50, 0x4c, 0x4d, 0x53, 0x41, 0x44, 0x56, 0x0a]; // "PLMSADV\n"
const headerBytes = 16;
/** Bytes of the footer at the end of a store file. */
export const footerBytes = 72;

/** Where the tail lies, and what it must be. */
export interface Footer {
  readonly tailOffset: number;
  readonly tailLength: number;
  readonly tailCrc: number;
  readonly fileLength: number;
  /** 32 bytes. */
  readonly revision: Uint8Array;
}

/** The header of a store file. */
export function writeHeader(): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(8, formatVersion, true);
  return bytes;
}

/** The footer of a store file. */
export function writeFooter(footer: Footer): Uint8Array {
  const bytes = new Uint8Array(footerBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(footer.tailOffset), true);
  view.setUint32(8, footer.tailLength, true);
  view.setUint32(12, footer.tailCrc, true);
  view.setBigUint64(16, BigInt(footer.fileLength), true);
  bytes.set(footer.revision.subarray(0, 32), 24);
  view.setUint32(56, formatVersion, true);
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  bytes.set(magic, footerBytes - magic.length);
  return bytes;
}

/** The footer, or what is wrong with it, as a clause for people. `fileLength` is the real length of the file. */
export function readFooter(bytes: Uint8Array, fileLength: number): Footer | string {
  if (bytes.length < footerBytes || magic.some((byte, at) => bytes[footerBytes - magic.length + at] !== byte)) {
    return "it is not an advisory database, or it was cut off";
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, footerBytes);
  const version = view.getUint32(56, true);
  if (version !== formatVersion) {
    return `it has format version ${version}, and this program reads version ${formatVersion}; build or update it anew`;
  }
  if (view.getUint32(60, true) !== crc32(bytes.subarray(0, 60))) return "its end is damaged";
  const footer = {
    tailOffset: Number(view.getBigUint64(0, true)),
    tailLength: view.getUint32(8, true),
    tailCrc: view.getUint32(12, true),
    fileLength: Number(view.getBigUint64(16, true)),
    revision: bytes.slice(24, 56),
  };
  if (footer.fileLength !== fileLength) {
    return `it has ${fileLength} bytes instead of ${footer.fileLength}`;
  }
  return footer.tailOffset + footer.tailLength + footerBytes === fileLength ? footer : "its end is damaged";
}
