import { field, parseJson, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import { canonicalRepository, parseImageName } from "./image-name.ts";

/**
 * The payload of a signature about an image: Red Hat's simple signing format, which Kritis, skopeo and cosign share.
 * https://github.com/containers/image/blob/main/docs/containers-signature.5.md
 */
export interface SigningPayload {
  readonly critical: {
    /** The repository, never the tag. */
    readonly identity: { readonly "docker-reference": string };
    readonly image: { readonly "docker-manifest-digest": string };
    readonly type: string;
  };
  readonly optional?: Readonly<Record<string, unknown>>;
}

/** An image as a payload names it. */
export interface SignedImage {
  readonly name: string;
  readonly digest: string;
}

/** `critical.type` of Kritis, skopeo and gpg. */
const atomicSignature = "atomic container signature";

/**
 * The payload to sign for an image.
 * @throws ScanError where the reference has no digest: a tag can move, so a signature would be meaningless.
 */
export function createPayload(image: string): SigningPayload {
  const name = parseImageName(image);
  if (name?.digest === undefined) {
    throw new ScanError({ kind: "invalid-option", option: "image", reason: `${image} has no digest to sign` });
  }
  return {
    critical: {
      identity: { "docker-reference": name.repository },
      image: { "docker-manifest-digest": name.digest },
      type: atomicSignature,
    },
  };
}

/** The image that a payload names; undefined where the text is not a payload of this format. */
export function readPayload(text: string): SignedImage | undefined {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  const critical = field(value, "critical");
  const name = textField(field(critical, "identity"), "docker-reference");
  const digest = textField(field(critical, "image"), "docker-manifest-digest");
  return name === undefined || digest === undefined ? undefined : { name, digest };
}

/** Whether two images have the same name and digest; other members of a payload are ignored. */
export function sameImage(first: SignedImage, second: SignedImage): boolean {
  return first.digest === second.digest && canonicalRepository(first.name) === canonicalRepository(second.name);
}

/** Why a signed text is not about the image; undefined when it is. */
export function payloadMismatch(text: string, image: SignedImage): string | undefined {
  const signed = readPayload(text);
  if (signed === undefined) return "what is signed is not a statement about an image";
  if (sameImage(signed, image)) return undefined;
  return `what is signed is about ${signed.name}@${signed.digest}, not ${image.name}@${image.digest}`;
}
