import { compressionMagicBytes, decompress, portableDecompressors, sniffCompression } from "@plimsoll/formats";
import { ScanError, defaultLimits, checkOptions, optionIs, randomAccess, workDone } from "@plimsoll/model";
import type {
  ByteInput,
  ByteStream,
  CallOptions,
  ImageSource,
  Limits,
  OpenOptions,
  OptionChecks,
  RandomAccessBytes,
} from "@plimsoll/model";
import { rangeBlob } from "./blobs.ts";
import type { ImageFiles } from "./blobs.ts";
import { openImageFiles, imageFilesChecks } from "./image-files.ts";
import type { ImageFilesOptions } from "./image-files.ts";
import { LayerMeter, LimitError } from "./layer-meter.ts";
import { spoolToMemory } from "./spool.ts";
import type { Spool } from "./spool.ts";
import { archiveError, indexTar } from "./tar-files.ts";

/** How an image archive is read. */
export interface ImageArchiveOptions extends ImageFilesOptions {
  /** How messages name the image. Absent: it is made from the name. */
  readonly label?: string | undefined;
  /** Keeps the plain bytes of a compressed archive, whose members are read in any order. Absent: in memory, up to 512 MiB. */
  readonly spool?: Spool | undefined;
}

/** Checks the options of {@link imageArchive}, and of functions that call it. */
export const archiveChecks: OptionChecks<ImageArchiveOptions> = {
  ...imageFilesChecks,
  label: optionIs.text,
  spool: optionIs.call,
};

/**
 * An image in a tar archive: of `docker save`, an OCI image layout, or both; plain or compressed as a whole.
 * Its own bytes are never held in memory, unless it is compressed as a whole.
 */
export function imageArchive(input: ByteInput, options: ImageArchiveOptions = {}): ImageSource {
  checkOptions("imageArchive", options, archiveChecks);
  const bytes = randomAccess(input);
  const label = options.label ?? `archive ${options.name ?? "in memory"}`;
  return {
    label,
    async open(open = {}) {
      const plain = await plainBytes(bytes, label, options, open);
      try {
        const files = await archiveFiles(plain, label, open);
        return await openImageFiles(files, { name: "archive", ...options }, open);
      } catch (error) {
        await plain.close?.();
        throw error;
      }
    },
  };
}

/** The plain bytes of an archive, with a function that frees the copy that was made of them. Bytes that the caller gave are not closed. */
interface PlainBytes {
  readonly bytes: RandomAccessBytes;
  close?(): Promise<void>;
}

/** The members of a tar archive as files. */
async function archiveFiles(plain: PlainBytes, label: string, options: CallOptions): Promise<ImageFiles> {
  const { bytes } = plain;
  const index = await indexTar(bytes, label, options);
  return {
    label,
    get: async (path) => {
      const member = index.find(path);
      return member && rangeBlob(bytes, member.offset, member.offset + member.size);
    },
    close: async () => plain.close?.(),
  };
}

async function plainBytes(
  bytes: RandomAccessBytes,
  label: string,
  options: ImageArchiveOptions,
  open: OpenOptions,
): Promise<PlainBytes> {
  if (bytes.size === 0) throw new ScanError({ kind: "unsupported-image", label, reason: "it is empty" });
  if (sniffCompression(await headOf(bytes, open)) === undefined) return { bytes };
  const spool: Spool = options.spool ?? spoolToMemory;
  try {
    const spooled = await spool(metered(bytes, options, open), { signal: open.signal });
    return { bytes: spooled, close: async () => spooled.close?.() };
  } catch (error) {
    if (error instanceof LimitError)
      throw new ScanError({ kind: "malformed-image", label, reason: error.message }, { cause: error });
    throw archiveError(error, label);
  }
}

async function headOf(bytes: RandomAccessBytes, options: CallOptions): Promise<Uint8Array> {
  const head = new Uint8Array(compressionMagicBytes);
  let at = 0;
  for await (const chunk of bytes.read(0, compressionMagicBytes, options)) {
    head.set(chunk, at);
    at += chunk.length;
  }
  return head.subarray(0, at);
}

async function* metered(
  bytes: RandomAccessBytes,
  options: ImageArchiveOptions,
  open: OpenOptions,
): AsyncGenerator<Uint8Array> {
  const limits: Limits = open.limits ?? defaultLimits;
  const meter = new LayerMeter({ ...limits, maxLayerBytes: limits.maxTotalBytes }, limits.maxTotalBytes);
  let consumed = 0;
  const stored: ByteStream = (async function* () {
    for await (const chunk of bytes.read(0, bytes.size, open)) {
      consumed += chunk.length;
      yield chunk;
    }
  })();
  for await (const chunk of decompress(stored, options.decompressors ?? portableDecompressors)) {
    open.signal?.throwIfAborted();
    meter.produced(chunk.length, consumed);
    yield chunk;
    await workDone(chunk.length);
  }
}
