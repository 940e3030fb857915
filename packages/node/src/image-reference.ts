import { connectionChecks } from "./registry/connection-checks.ts";
import { reachRegistries } from "./registry/open-repository.ts";
import { existsSync } from "node:fs";
import { everyPlatformFromRegistry, imageFromRegistry } from "@plimsoll/image";
import type { RegistryImageOptions } from "@plimsoll/image";
import { parseReference } from "@plimsoll/registry";
import type { RegistryOptions } from "@plimsoll/registry";
import type { Cache, CallOptions, Image, ImageSource, OpenOptions, OptionChecks } from "@plimsoll/model";
import { ScanError, checkOptions, callChecks, optionIs } from "@plimsoll/model";
import { imageFromEngine } from "./engine/docker-engine.ts";
import { imageFile, machinePlatform, nativeReading } from "./image/image-file.ts";
import { scratchSpace } from "./image/scratch-space.ts";
import type { TlsOptions } from "./network/system-fetch.ts";

/** Options of {@link imageSource}. */
export interface ImageReferenceOptions {
  /** Selects the image of an archive that contains several. */
  readonly tag?: string | undefined;
  /** Use no registry. A local engine may still be used. */
  readonly offline?: boolean | undefined;
  /** Caches manifests and configurations from registries by their digests. Absent: they are fetched each time. */
  readonly documents?: Cache | undefined;
  /** Access to registries. Absent: the credentials of `docker login`, and the system's trusted certificates. */
  readonly registry?: (RegistryOptions & TlsOptions) | undefined;
}

/** Prefixes that force one kind of source, as Syft and Podman spell them. */
const schemes = {
  "docker-archive": (path, options) => imageFile(path, { tag: options.tag, kind: "docker-archive" }),
  "oci-archive": (path, options) => imageFile(path, { tag: options.tag, kind: "oci-archive" }),
  "oci-dir": (path, options) => imageFile(path, { tag: options.tag, kind: "oci-dir" }),
  registry: (reference, options) => fromRegistry(reference, options),
  docker: (reference) => imageFromEngine(reference, { engine: "docker" }),
  podman: (reference) => imageFromEngine(reference, { engine: "podman" }),
} satisfies Record<string, (rest: string, options: ImageReferenceOptions) => ImageSource>;

function isScheme(name: string): name is keyof typeof schemes {
  return Object.hasOwn(schemes, name);
}

const referenceChecks: OptionChecks<ImageReferenceOptions> = {
  tag: optionIs.text,
  offline: optionIs.flag,
  documents: optionIs.having("get", "set"),
  registry: optionIs.shape(connectionChecks),
};

/**
 * The image source that a reference denotes: a scheme (`docker-archive:`, `oci-archive:`, `oci-dir:`, `registry:`,
 * `docker:`, `podman:`) followed by a path or name; else a path, if it exists; else the local engines and then the registry, in this order. The
 * error lists what was tried.
 */
export function imageSource(reference: string, options: ImageReferenceOptions = {}): ImageSource {
  checkOptions("imageSource", options, referenceChecks);
  const colon = reference.indexOf(":");
  const scheme = reference.slice(0, Math.max(0, colon));
  if (isScheme(scheme)) return schemes[scheme](reference.slice(colon + 1), options);
  if (existsSync(reference) || looksLikePath(reference)) return imageFile(reference, { tag: options.tag });
  const sources = [
    imageFromEngine(reference, { engine: "docker" }),
    imageFromEngine(reference, { engine: "podman" }),
    fromRegistry(reference, options),
  ];
  return { label: `image ${reference}`, open: (openOptions) => openFirst(reference, sources, openOptions) };
}

/** What no reference can be: then a missing file is a missing file, and no registry is asked for it. */
function looksLikePath(text: string): boolean {
  return /^(\.{0,2}\/|[A-Za-z]:\\)|\.(tar|tgz|tar\.\w+)$/.test(text);
}

function fromRegistry(reference: string, { offline, documents, registry = {} }: ImageReferenceOptions): ImageSource {
  parseReference(reference);
  if (offline === true) {
    const error = forbidden(reference);
    return { label: `registry ${reference}`, open: () => Promise.reject(error) };
  }
  return imageFromRegistry(reference, { documents, ...registryOptions(registry) });
}

function registryOptions(registry: RegistryOptions & TlsOptions): RegistryImageOptions {
  return {
    ...nativeReading,
    scratch: scratchSpace,
    defaultPlatform: machinePlatform(),
    ...reachRegistries(registry),
  };
}

function forbidden(reference: string): ScanError {
  const reason = "asking a registry is forbidden by --offline";
  return new ScanError({ kind: "image-not-found", label: `registry ${reference}`, reason });
}

/**
 * One image source for each platform of an image in a registry, in the order of its index. Layers that several platforms share are read once if the
 * scans use the same cache, as they do by default.
 * @throws ScanError when the registry cannot be reached or has no such image.
 */
export async function everyPlatform(
  reference: string,
  options: ImageReferenceOptions & CallOptions = {},
): Promise<readonly ImageSource[]> {
  checkOptions("everyPlatform", options, { ...referenceChecks, ...callChecks });
  const { offline, documents, registry = {}, signal } = options;
  const named = reference.startsWith("registry:") ? reference.slice("registry:".length) : reference;
  if (offline === true) throw forbidden(named);
  return everyPlatformFromRegistry(named, { documents, ...registryOptions(registry) }, { signal });
}

/** The first source that has the image. Only "not there" and "cannot reach" go on to the next; a damaged image does not. */
async function openFirst(
  reference: string,
  sources: readonly ImageSource[],
  options: OpenOptions | undefined,
): Promise<Image> {
  const tried: string[] = [];
  let last: ScanError | undefined;
  for (const source of sources) {
    try {
      return await source.open(options);
    } catch (error) {
      if (!(error instanceof ScanError) || !passing.has(error.failure.kind)) throw error;
      last = error;
      tried.push(
        "reason" in error.failure && error.failure.reason !== undefined
          ? `${source.label}: ${error.failure.reason}`
          : error.message,
      );
    }
  }
  const reason = `there is no such file, and ${tried.join("; ")}`;
  // A registry that refused may well have the image.
  if (last?.failure.kind === "unauthorized")
    throw new ScanError({ kind: "unauthorized", label: reference, reason }, { cause: last });
  throw new ScanError({ kind: "image-not-found", label: reference, reason }, { cause: last });
}

const passing = new Set(["image-not-found", "network", "unauthorized"]);
