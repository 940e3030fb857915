import { imageFromRegistry } from "@plimsoll/image";
import { ScanError } from "@plimsoll/model";
import type { CallOptions, Platform } from "@plimsoll/model";
import { machinePlatform, nativeReading, reachRegistries } from "@plimsoll/node";
import { parseReference, registryRepository } from "@plimsoll/registry";
import type { RegistryOptions } from "@plimsoll/registry";

/** The description of an image for Clair: its digest, and for each layer a URL with the headers to fetch it. */
export interface LayerAddresses {
  readonly hash: string;
  readonly layers: readonly AddressOfLayer[];
}

interface AddressOfLayer {
  readonly hash: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Options of {@link layerAddresses}. */
interface LayerAddressOptions extends CallOptions {
  readonly registry: Parameters<typeof reachRegistries>[0];
  /** The platform of the image. Absent: this machine's. */
  readonly platform?: Platform | undefined;
}

/** Digest of an image of a registry: of the manifest for the platform. @throws ScanError */
export async function digestOfImage(reference: string, options: LayerAddressOptions): Promise<string> {
  const { platform, signal } = options;
  const reached = { ...nativeReading, ...reachRegistries(options.registry), defaultPlatform: machinePlatform() };
  const image = await imageFromRegistry(reference, reached).open({ platform, signal });
  try {
    return digestIn(image, reference);
  } finally {
    await image.close?.();
  }
}

function digestIn({ digest }: { readonly digest?: string | undefined }, reference: string): string {
  if (digest === undefined)
    throw new ScanError({ kind: "malformed-image", label: reference, reason: "it has no digest" });
  return digest;
}

/**
 * The current URLs of the layers of an image in a registry. The first byte of each layer is requested, because registries redirect to storage URLs
 * that are valid for minutes, and require tokens.
 * @throws ScanError
 */
export async function layerAddresses(reference: string, options: LayerAddressOptions): Promise<LayerAddresses> {
  const { registry, repository } = parseReference(reference);
  let answered: { readonly url: string; readonly authorization: string | undefined } | undefined;
  const reached = reachRegistries(options.registry);
  const remember: typeof fetch = async (input, init) => {
    const response = await (reached.fetch ?? fetch)(input, init);
    const { url, headers } = new Request(input, init);
    if (response.ok) answered = { url, authorization: headers.get("authorization") ?? undefined };
    return response;
  };
  const watched: RegistryOptions = { ...reached, fetch: remember };
  const { platform, signal } = options;
  const source = imageFromRegistry(reference, { ...nativeReading, ...watched, defaultPlatform: machinePlatform() });
  const image = await source.open({ platform, signal });
  try {
    const blobs = registryRepository(registry, repository, watched);
    const layers: AddressOfLayer[] = [];
    for (const { digest } of image.layers) {
      answered = undefined;
      const bytes = blobs.blob(digest, undefined, { signal })[Symbol.asyncIterator]();
      await bytes.next();
      await bytes.return?.();
      const found = addressThatAnswered();
      if (found === undefined)
        throw new ScanError({ kind: "network", label: reference, reason: `no address of ${digest}` });
      const headers = found.authorization === undefined ? {} : { Authorization: [found.authorization] };
      layers.push({ hash: digest, uri: found.url, headers });
    }
    return { hash: digestIn(image, reference), layers };
  } finally {
    await image.close?.();
  }

  /** Set by whoever fetches, between two lines of the above. */
  function addressThatAnswered(): typeof answered {
    return answered;
  }
}
