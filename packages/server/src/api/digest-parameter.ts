import { isDigest } from "@plimsoll/model";
import type { ImageKey } from "../catalog/image-key.ts";
import { HttpError } from "../http/http-error.ts";
import type { Call, Parameter } from "../http/route.ts";

/** The parameter in the path of routes that are about one image. */
export const digestParameter: Parameter = {
  name: "digest",
  in: "path",
  description: "Digest of the manifest, or of the SBOM.",
  schema: { type: "string", pattern: "^sha(256|512):[a-f0-9]+$" },
  required: true,
};

/** The image that a call is about: of the caller's tenant. @throws HttpError 400 for what is no digest. */
export function imageOf(call: Call): ImageKey {
  return { tenant: call.actor.tenant, digest: digestOf(call) };
}

/** The digest in the path of a call. @throws HttpError 400 for what is none. */
export function digestOf({ parameters }: Call): string {
  const digest = parameters["digest"];
  if (!isDigest(digest)) throw new HttpError(400, "that is no digest");
  return digest;
}
