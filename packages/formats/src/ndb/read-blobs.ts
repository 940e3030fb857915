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
 * file is no such database, or damaged in more places than are worth telling. Layout: rpm source, `lib/backend/ndb/rpmpkg.c`.
 */
export function* readBlobs(
  file: Uint8Array,
  onProblem: (problem: FormatError) => void = () => {},
): Generator<Uint8Array> {
  const tell = limitProblems("ndb", onProblem);
  if (file.length < slotPageBytes) throw problem("truncated", "the file ends within its first page");
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (view.getUint32(0, true) !== databaseMagic) throw problem("malformed", "the file is no package database");
  if (view.getUint32(4, true) !== 0) throw problem("unsupported", `version ${view.getUint32(4, true)} is not known`);
  const slotPages = view.getUint32(12, true);
  const slots = Math.min(slotPages * slotPageBytes, file.length) / slotBytes;
  if (slotPages * slotPageBytes > file.length) tell(problem("truncated", "the file ends within its slots"));

  let left = file.length;
  for (let slot = firstSlot; slot < Math.floor(slots); slot++) {
    const at = slot * slotBytes;
    const index = view.getUint32(at + 4, true);
    if (view.getUint32(at, true) !== slotMagic) {
      tell(problem("malformed", `slot ${slot} is damaged`));
      continue;
    }
    if (index === 0) continue;
    const blob = readBlob(file, view, index, view.getUint32(at + 8, true) * blockBytes);
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

function problem(kind: "malformed" | "truncated" | "unsupported" | "limit-exceeded", detail: string): FormatError {
  return new FormatError("ndb", kind, detail);
}

function readBlob(file: Uint8Array, view: DataView, index: number, start: number): Uint8Array | FormatError {
  if (start + blobHeader > file.length) return problem("truncated", `package ${index} lies behind the end of the file`);
  if (view.getUint32(start, true) !== blobMagic || view.getUint32(start + 4, true) !== index)
    return problem("malformed", `package ${index} is not where its slot points`);
  const length = view.getUint32(start + 12, true);
  const end = start + blobHeader + length;
  if (end > file.length) return problem("truncated", `package ${index} of ${length} bytes ends behind the file`);
  return file.subarray(start + blobHeader, end);
}
