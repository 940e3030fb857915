import { imageFromRegistry } from "@plimsoll/image";
import { ScanError } from "@plimsoll/model";
import type { Inventory } from "@plimsoll/model";
import { dockerCredentials, imageStream, machinePlatform, nativeReading } from "@plimsoll/node";
import { analyzeImage } from "plimsoll";
import { parseReference } from "@plimsoll/registry";
import type { Credentials } from "@plimsoll/registry";
import { HttpError } from "../http/http-error.ts";
import { bodyOf } from "../http/request-body.ts";
import { guardedFetch } from "../network/guarded-fetch.ts";
import type { ServiceCore } from "../service-core.ts";

/** How to access a registry. */
export interface RegistryAccess {
  readonly credentials: Credentials;
  /** Whether it speaks HTTP without TLS. */
  readonly plainHttp: boolean;
}

/**
 * The inventory of an image in a registry, read with the credentials of this machine unless `access` has others. Only registries are used, never
 * files or a container engine of this machine.
 * @throws ScanError
 */
export async function indexReference(
  core: ServiceCore,
  reference: string,
  signal: AbortSignal,
  access?: Partial<RegistryAccess>,
): Promise<Inventory> {
  const { credentials, plainHttp = false } = access ?? {};
  const source = imageFromRegistry(reference, {
    ...nativeReading,
    credentials: credentials === undefined ? dockerCredentials() : () => Promise.resolve(credentials),
    ...(plainHttp ? { plainHttp: [parseReference(reference).registry] } : {}),
    defaultPlatform: machinePlatform(),
    fetch: guardedFetch(core.downloads.rules),
  });
  return analyze(core, source, signal);
}

/**
 * The inventory of an uploaded image archive, which is kept in a temporary file while it is read. @throws ScanError; HttpError 413 above `limit`
 * bytes
 */
export async function indexUpload(
  core: ServiceCore,
  request: Request,
  limit: number,
  signal: AbortSignal,
): Promise<Inventory> {
  if (request.body === null) throw new HttpError(400, "there is no body");
  const name = new URL(request.url).searchParams.get("name") ?? "upload";
  try {
    return await analyze(core, imageStream(bodyOf(request, limit), { name }), signal);
  } catch (error) {
    if (error instanceof ScanError && error.cause instanceof HttpError) throw error.cause;
    throw error;
  }
}

function analyze(
  core: ServiceCore,
  source: Parameters<typeof analyzeImage>[0],
  signal: AbortSignal,
): Promise<Inventory> {
  return analyzeImage(source, { cache: core.results.own, scanners: core.scanners, limits: core.limits, signal });
}
