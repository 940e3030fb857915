import { byteStream, checkOptions, isByteInput, isByteStream, ScanError } from "@plimsoll/model";
import type { ByteInput, ByteStream, Image, ImageSource, OpenOptions, WebStream } from "@plimsoll/model";
import { archiveChecks, imageArchive } from "./archive.ts";
import type { ImageArchiveOptions } from "./archive.ts";
import { spoolToMemory } from "./spool.ts";
import type { Spool } from "./spool.ts";

/** An image as programs have one: a source, or its archive as bytes, as a `Blob` or `File`, or as a stream of either kind. */
export type ImageInput = ImageSource | ByteInput | ByteStream | WebStream;

/**
 * An image from whatever holds one. A `File` gives its name to the image. A stream comes once: it is kept by `spool` for the time
 * the image is open, and a second `open` fails. A source is given back as it is.
 * @throws TypeError for what is none of these.
 */
export function imageFrom(input: ImageInput, options: ImageArchiveOptions = {}): ImageSource {
  checkOptions("imageFrom", options, archiveChecks);
  if (isSource(input)) return input;
  if (isByteInput(input)) {
    const name = options.name ?? ("name" in input && typeof input.name === "string" ? input.name : undefined);
    return imageArchive(input, { ...options, name });
  }
  if (isByteStream(input)) return streamedArchive(byteStream(input), options);
  throw new TypeError(
    "an image is a source such as imageArchive(bytes), or its archive as bytes, as a Blob or as a stream; paths and references need plimsoll/node",
  );
}

function isSource(input: ImageInput): input is ImageSource {
  // Node's streams of files have an `open`, too.
  if (typeof input !== "object" || input === null || !("open" in input) || Symbol.asyncIterator in input) return false;
  return typeof input.open === "function";
}

function streamedArchive(stream: ByteStream, options: ImageArchiveOptions): ImageSource {
  const { name = "stream" } = options;
  const spool: Spool = options.spool ?? spoolToMemory;
  const label = options.label ?? `image from ${name}`;
  let taken = false;
  return {
    label,
    async open(open: OpenOptions = {}): Promise<Image> {
      if (taken) throw new ScanError({ kind: "unsupported-image", label, reason: "a stream can be read only once" });
      taken = true;
      const bytes = await spool(stream, { signal: open.signal });
      try {
        const image = await imageArchive(bytes, { ...options, name, label }).open(open);
        return {
          ...image,
          close: async () => {
            await image.close?.();
            await bytes.close?.();
          },
        };
      } catch (error) {
        await bytes.close?.();
        throw error;
      }
    },
  };
}
