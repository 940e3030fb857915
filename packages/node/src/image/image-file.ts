import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { imageArchive, imageFrom as imageFromAny, ociLayout, rangeBlob, layerChecks } from "@plimsoll/image";
import type { Blob, ImageFiles, ImageFilesOptions, ImageInput, LayerOptions } from "@plimsoll/image";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { ByteStream, Image, ImageSource, OpenOptions, OptionChecks, Platform, WebStream } from "@plimsoll/model";
import { errorCode, errorMessage } from "../system-errors.ts";
import { fileBytes } from "./file-bytes.ts";
import { layerThreads } from "./layer-threads.ts";
import { nativeReading } from "./native-reading.ts";
import { spoolToDisk } from "./spool-to-disk.ts";

/** The forms of images in files. The form is recognised by content; naming one only excludes the others. */
export type ImageFileKind = "docker-archive" | "oci-archive" | "oci-dir";

export interface ImageFileOptions extends LayerOptions {
  /** Selects one of several images: its tag, or its name with tag. */
  readonly tag?: string | undefined;
  readonly kind?: ImageFileKind | undefined;
  /** Name of the image in the report. Absent: the file's base name. */
  readonly name?: string | undefined;
}

export { nativeReading };

/** One pool of threads for the whole process. */
const machineReading: LayerOptions = { ...nativeReading, readLayer: layerThreads() };

/** The platform `linux` with this machine's architecture, in OCI's names. */
export function machinePlatform(architecture: string = process.arch): Platform {
  const known: Readonly<Record<string, Platform>> = {
    x64: { os: "linux", architecture: "amd64" },
    arm64: { os: "linux", architecture: "arm64", variant: "v8" },
    arm: { os: "linux", architecture: "arm", variant: "v7" },
    ia32: { os: "linux", architecture: "386" },
  };
  return (Object.hasOwn(known, architecture) ? known[architecture] : undefined) ?? { os: "linux", architecture };
}

/** Checks the options of {@link imageFile}, {@link imageFrom} and {@link imageStream}. */
const imageFileChecks: OptionChecks<ImageFileOptions> = {
  ...layerChecks,
  tag: optionIs.text,
  kind: optionIs.oneOf(["docker-archive", "oci-archive", "oci-dir"]),
  name: optionIs.text,
};

/**
 * An image in a file or directory: the output of `docker save`, or an OCI image layout, unpacked or as a tar archive, optionally compressed.
 * Opening throws a ScanError when there is no image.
 */
export function imageFile(path: string, options: ImageFileOptions = {}): ImageSource {
  checkOptions("imageFile", options, imageFileChecks);
  const label = options.kind === undefined ? path : `${options.kind} ${path}`;
  return {
    label,
    expect: async () => void (await isDirectory(path, label)),
    open: async (open = {}) => {
      const named = { ...readingOf(options), name: options.name ?? basename(resolve(path)) };
      if (await isDirectory(path, label)) return openDirectory(path, label, named, open);
      if (options.kind === "oci-dir")
        throw new ScanError({ kind: "unsupported-image", label, reason: "it is a file, not a directory" });
      return openArchive(path, label, named, open);
    },
  };
}

/**
 * An image from a stream that can be read once, such as standard input; its bytes are stored temporarily while it is open.
 * A second `open` needs a second stream and fails.
 */
export function imageStream(stream: ByteStream | WebStream, options: ImageFileOptions = {}): ImageSource {
  checkOptions("imageStream", options, imageFileChecks);
  return readOnMachine(stream, { name: "stdin", ...options });
}

/**
 * An image from an archive as bytes, a `Blob`, a `File` or a stream (stored in a temporary file while it is open); an image source is returned
 * unchanged.
 * @throws TypeError for any other value.
 */
export function imageFrom(input: ImageInput, options: ImageFileOptions = {}): ImageSource {
  checkOptions("imageFrom", options, imageFileChecks);
  return readOnMachine(input, options);
}

function readOnMachine(input: ImageInput, options: ImageFileOptions): ImageSource {
  return imageFromAny(input, { ...readingOf(options), spool: spoolToDisk });
}

/** The options as those of image files: with what this machine is and has, and the kind as a layout. */
function readingOf({ kind, ...options }: ImageFileOptions): ImageFilesOptions {
  const layout = kind === undefined ? undefined : kind === "docker-archive" ? "docker" : "oci";
  // No other thread has the functions that a caller gives.
  const isNative = options.decompressors === undefined && options.createHasher === undefined;
  return { ...(isNative ? machineReading : nativeReading), defaultPlatform: machinePlatform(), ...options, layout };
}

async function isDirectory(path: string, label: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const missing = ["ENOENT", "ENOTDIR"].includes(errorCode(cause) ?? "");
    const reason = missing ? "no such file or directory" : errorMessage(cause);
    throw new ScanError({ kind: missing ? "image-not-found" : "unsupported-image", label, reason }, { cause });
  }
}

async function openArchive(path: string, label: string, options: ImageFilesOptions, open: OpenOptions): Promise<Image> {
  const bytes = await fileBytes(path);
  try {
    const image = await imageArchive(bytes, { ...options, label, spool: spoolToDisk }).open(open);
    return {
      ...image,
      close: async () => {
        await image.close?.();
        await bytes.close();
      },
    };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function openDirectory(
  path: string,
  label: string,
  options: ImageFilesOptions,
  open: OpenOptions,
): Promise<Image> {
  const files = directoryFiles(path, label);
  try {
    return await ociLayout(files, options).open(open);
  } catch (error) {
    await files.close?.();
    throw error;
  }
}

/** The files of a directory, opened when they are asked for and closed together. */
function directoryFiles(root: string, label: string): ImageFiles {
  const opened = new Map<string, Promise<Blob & { close(): Promise<void> }>>();
  return {
    label,
    get: async (path) => {
      const full = join(root, path);
      if (!opened.has(path)) opened.set(path, openBlob(full));
      try {
        return await opened.get(path);
      } catch (error) {
        opened.delete(path);
        if (error instanceof ScanError && error.failure.kind === "image-not-found") return undefined;
        throw error;
      }
    },
    close: async () => {
      const blobs = await Promise.allSettled(opened.values());
      opened.clear();
      for (const blob of blobs) if (blob.status === "fulfilled") await blob.value.close();
    },
  };
}

async function openBlob(path: string): Promise<Blob & { close(): Promise<void> }> {
  const bytes = await fileBytes(path);
  return { ...rangeBlob(bytes, 0, bytes.size), close: bytes.close };
}
