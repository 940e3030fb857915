import { rangesOf } from "../byte-ranges.ts";
import type { ByteRanges } from "../byte-ranges.ts";
import { FormatError } from "../format-error.ts";
import { limitProblems } from "../problem-limit.ts";

// Words as they read in little-endian order: "RpmP", "Slot", "BlbS".
const databaseMagic = 0x506d7052;
const slotMagic = 0x746f6c53;
const blobMagic = 0x53626c42;

const slotPageBytes = 4096;
const slotBytes = 16;
const blockBytes = 16;
/** The first two slots hold the header of the file. */
const firstSlot = 2;
const blobHeader = 16;

/**
 * The blobs of rpm's own package database, such as `usr/lib/sysimage/rpm/Packages.db`, in the order of their slots. `onProblem` is
 * called for damage, and reading goes on with the next slot. Blobs together are never larger than the file. Throws FormatError when the
 * file is no such database, or damaged in more places than are worth telling. A file that is not in memory is read slot page by slot page
 * and blob by blob. Layout: rpm source, `lib/backend/ndb/rpmpkg.c`.
 */
export function* readBlobs(
  content: Uint8Array | ByteRanges,
  onProblem: (problem: FormatError) => void = () => {},
): Generator<Uint8Array> {
  const file = rangesOf(content);
  const tell = limitProblems("ndb", onProblem);
  if (file.size < slotPageBytes) throw problem("truncated", "the file ends within its first page");
  const head = viewOf(file.read(0, slotPageBytes));
  if (head.getUint32(0, true) !== databaseMagic) throw problem("malformed", "the file is no package database");
  if (head.getUint32(4, true) !== 0) throw problem("unsupported", `version ${head.getUint32(4, true)} is not known`);
  const slotPages = head.getUint32(12, true);
  const slots = Math.floor(Math.min(slotPages * slotPageBytes, file.size) / slotBytes);
  if (slotPages * slotPageBytes > file.size) tell(problem("truncated", "the file ends within its slots"));

  let left = file.size;
  let page = head;
  for (let slot = firstSlot; slot < slots; slot++) {
    const at = (slot * slotBytes) % slotPageBytes;
    if (at === 0) page = viewOf(file.read(slot * slotBytes, slot * slotBytes + slotPageBytes));
    const index = page.getUint32(at + 4, true);
    if (page.getUint32(at, true) !== slotMagic) {
      tell(problem("malformed", `slot ${slot} is damaged`));
      continue;
    }
    if (index === 0) continue;
    const blob = readBlob(file, index, page.getUint32(at + 8, true) * blockBytes);
    if (blob instanceof FormatError) tell(blob);
    else if (blob.length > left) {
      tell(problem("limit-exceeded", "packages overlap"));
      return;
    } else {
      left -= blob.length;
      yield blob;
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function problem(kind: "malformed" | "truncated" | "unsupported" | "limit-exceeded", detail: string): FormatError {
  return new FormatError("ndb", kind, detail);
}

function readBlob(file: ByteRanges, index: number, start: number): Uint8Array | FormatError {
  if (start + blobHeader > file.size) return problem("truncated", `package ${index} lies behind the end of the file`);
  const header = viewOf(file.read(start, start + blobHeader));
  if (header.getUint32(0, true) !== blobMagic || header.getUint32(4, true) !== index)
    return problem("malformed", `package ${index} is not where its slot points`);
  const length = header.getUint32(12, true);
  const end = start + blobHeader + length;
  if (end > file.size) return problem("truncated", `package ${index} of ${length} bytes ends behind the file`);
  return file.read(start + blobHeader, end);
}
