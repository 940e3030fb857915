import { layerChecks } from "./layer.ts";
import { ScanError, formatPlatform, checkOptions, optionIs } from "@plimsoll/model";
import type { Image, ImageSource, OpenOptions, Platform, OptionChecks } from "@plimsoll/model";
import type { ImageFiles } from "./blobs.ts";
import { dockerManifestName, dockerPlatforms, openDockerArchive } from "./docker-archive.ts";
import type { LayerOptions } from "./layer.ts";
import { ociIndexName, openOciLayout } from "./oci-layout.ts";

/** Which image named files hold, and how it is read. */
export interface ImageFilesOptions extends LayerOptions {
  /** What the user called the image; absent: the label. */
  readonly name?: string | undefined;
  /** Which image, where there are several: its tag, or its name with tag. */
  readonly tag?: string | undefined;
  /** The format of the files. Absent: it is recognised by the index file, `manifest.json` or `index.json`. */
  readonly layout?: "docker" | "oci" | undefined;
  /** Taken from an image index when the caller of `open` asks for none; absent: `linux/amd64`. */
  readonly defaultPlatform?: Platform | undefined;
}

/**
 * Opens the image in a set of named files: those of `docker save`, of an OCI image layout, or of both at once.
 * @throws ScanError
 */
export async function openImageFiles(
  files: ImageFiles,
  options: ImageFilesOptions,
  open: OpenOptions = {},
): Promise<Image> {
  const all = { ...options, ...open, name: options.name ?? files.label };
  const isDocker = options.layout !== "oci" && (await files.get(dockerManifestName, open)) !== undefined;
  const isOci = options.layout !== "docker" && (await files.get(ociIndexName, open)) !== undefined;
  if (isDocker) {
    // Docker's own list knows the tags; the index beside it may know further platforms.
    const image = await openDockerArchive(files, options.tag, all);
    if (image !== undefined) return closing(image, files);
    if (!isOci)
      throw new ScanError({
        kind: "platform-not-found",
        label: files.label,
        wanted: open.platform === undefined ? "" : formatPlatform(open.platform),
        available: await dockerPlatforms(files, all),
      });
  }
  if (isOci) return closing(await openOciLayout(files, options.tag, all), files);
  throw new ScanError({
    kind: "unsupported-image",
    label: files.label,
    reason: "it has neither a manifest.json (docker save) nor an index.json (OCI image layout)",
  });
}

function closing(image: Image, files: ImageFiles): Image {
  return { ...image, close: async () => files.close?.() };
}

/** The checks of {@link ImageFilesOptions}. */
export const imageFilesChecks: OptionChecks<ImageFilesOptions> = {
  ...layerChecks,
  name: optionIs.text,
  tag: optionIs.text,
  layout: optionIs.oneOf(["docker", "oci"]),
  defaultPlatform: optionIs.platform,
};

/** An OCI image layout, or an unpacked `docker save` archive, whose files are read by name. */
export function ociLayout(files: ImageFiles, options: ImageFilesOptions = {}): ImageSource {
  checkOptions("ociLayout", options, imageFilesChecks);
  return { label: files.label, open: (open) => openImageFiles(files, options, open) };
}
