import { parseJson, textField } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Attestation, AttestationStore, CallOptions, Digest } from "@plimsoll/model";
import {
  digestOf,
  manifestMediaType,
  parseReference,
  pushArtifact,
  readBlob,
  registryRepository,
  resolveManifest,
  registryChecks,
} from "@plimsoll/registry";
import type { ArtifactLayer, Manifest, RegistryOptions, RegistryRepository } from "@plimsoll/registry";
import { decodeUtf8 } from "../base64.ts";
import { cosignLayersOf, cosignTag, keyIdAnnotation, simpleSigningType } from "../cosign.ts";
import { imageDigest } from "../image-name.ts";
import { isBundle } from "../sigstore-bundle.ts";
import { plainAttestation, sameAttestation } from "./same-attestation.ts";

/** Options of {@link registryAttestationStore}. */
export interface RegistryStoreOptions extends RegistryOptions {
  /** Called for referrers that cannot be read, are about another image, or are too many; they are left out. */
  readonly onProblem?: ((message: string) => void) | undefined;
}

const envelopeType = "application/vnd.dsse.envelope.v1+json";
const bundleTypes = /^application\/vnd\.dev\.sigstore\.bundle/;
/** cosign's artifacts of OCI 1.1, whose layers are those of its tags. */
const cosignArtifactType = "application/vnd.dev.cosign.artifact.sig.v1+json";
const emptyConfig = {
  mediaType: "application/vnd.oci.image.config.v1+json",
  content: new TextEncoder().encode("{}"),
};
/** Attestations that cosign has no form for: PGP messages and tokens. */
const ownType = "application/vnd.plimsoll.attestation.v1+json";

/** The most attestations of one image that are read, since each costs a request. Further ones are left out. */
const maxAttestations = 1_000;

/**
 * A store that keeps attestations beside their images in a registry. It reads cosign's tags (`.sig`, `.att`), and among the referrers sigstore
 * bundles, cosign's artifacts and Plimsoll's own. It writes detached signatures, envelopes and bundles as cosign does, and everything else as
 * Plimsoll's own artifact type.
 */
export function registryAttestationStore(options: RegistryStoreOptions = {}): AttestationStore {
  checkOptions("registryAttestationStore", options, { ...registryChecks, onProblem: optionIs.call });
  const { onProblem = () => undefined, ...connection } = options;

  function repositoryOf(image: string): { readonly repository: RegistryRepository; readonly digest: Digest } {
    const { registry, repository } = parseReference(image);
    return { repository: registryRepository(registry, repository, connection), digest: imageDigest(image) };
  }

  return {
    label: "the image's registry",
    async list(image, call = {}) {
      const { repository, digest } = repositoryOf(image);
      const found: Attestation[] = [];
      let isFull = false;
      /** The layers that there is room for; what is left out is told, once. */
      const read = async (manifest: Manifest): Promise<void> => {
        const layers = manifest.layers.filter(holdsAttestation);
        const room = maxAttestations - found.length;
        found.push(...(await readLayers(repository, layers.slice(0, room), call)));
        if (layers.length <= room) return;
        isFull = true;
        onProblem(`${image} has more than ${maxAttestations} attestations; the others are left out`);
      };
      for (const suffix of ["sig", "att"] as const) {
        const manifest = isFull ? undefined : await manifestOfTag(repository, cosignTag(digest, suffix), call);
        if (manifest !== undefined) await read(manifest);
      }
      for (const { digest: referrer } of isFull ? [] : await repository.referrers(digest, call)) {
        if (isFull) break;
        try {
          const { document } = await resolveManifest(repository, referrer, call);
          if (document.kind !== "manifest" || !holdsAttestations(document)) continue;
          if (document.subject?.digest !== digest) {
            onProblem(`the registry lists ${referrer} as about ${digest}, but it is not`);
            continue;
          }
          await read(document);
        } catch (error) {
          if (!(error instanceof ScanError) || !damage.has(error.failure.kind)) throw error;
          onProblem(`${referrer}, which is listed as about ${digest}, cannot be read: ${error.message}`);
        }
      }
      return found.filter((each, index) => found.findIndex((other) => sameAttestation(each, other)) === index);
    },

    async put(image, attestation, call = {}) {
      const { repository, digest } = repositoryOf(image);
      const given = plainAttestation(attestation);
      if (isBundle(given.signature)) {
        const artifactType = "application/vnd.dev.sigstore.bundle.v0.3+json";
        const layers = [{ mediaType: artifactType, content: encode(given.signature) }];
        await putReferrer(repository, digest, { artifactType, layers }, call);
      } else if (given.payload !== undefined && !given.signature.includes("-----BEGIN")) {
        await addToTag(repository, cosignTag(digest, "sig"), signatureLayer(given, given.payload), call);
      } else if (given.signature.trimStart().startsWith("{")) {
        await addToTag(repository, cosignTag(digest, "att"), envelopeLayer(given), call);
      } else {
        const layers = [{ mediaType: ownType, content: encode(JSON.stringify(given)) }];
        await putReferrer(repository, digest, { artifactType: ownType, layers }, call);
      }
    },
  };
}

/** What is wrong with one referrer, and not with the registry. */
const damage: ReadonlySet<string> = new Set([
  "digest-mismatch",
  "malformed-image",
  "malformed-document",
  "limit-exceeded",
  "image-not-found",
]);

function holdsAttestations({ artifactType = "", config, layers }: Manifest): boolean {
  if ([artifactType, config.mediaType].some((type) => type === cosignArtifactType || type === ownType)) return true;
  return bundleTypes.test(artifactType) || layers.some(({ mediaType = "" }) => bundleTypes.test(mediaType));
}

async function manifestOfTag(
  repository: RegistryRepository,
  tag: string,
  call: CallOptions,
): Promise<Manifest | undefined> {
  try {
    const { document } = await resolveManifest(repository, tag, call);
    return document.kind === "manifest" ? document : undefined;
  } catch (error) {
    if (error instanceof ScanError && error.failure.kind === "image-not-found") return undefined;
    throw error;
  }
}

function holdsAttestation(layer: Manifest["layers"][number]): boolean {
  const { mediaType = "" } = layer;
  if (mediaType === envelopeType || mediaType === ownType || bundleTypes.test(mediaType)) return true;
  return cosignLayersOf([layer]).length > 0;
}

async function readLayers(
  repository: RegistryRepository,
  layers: Manifest["layers"],
  call: CallOptions,
): Promise<readonly Attestation[]> {
  const found: Attestation[] = [];
  for (const layer of layers) {
    const { mediaType = "", annotations } = layer;
    const [signature] = cosignLayersOf([layer]);
    const text = decodeUtf8(await readBlob(repository, layer, call));
    if (text === undefined) continue;
    if (signature !== undefined) found.push({ ...signature.attestation, payload: text });
    else if (mediaType === ownType) found.push(...ownAttestation(text));
    else if (bundleTypes.test(mediaType)) found.push({ keyId: "", signature: text });
    else {
      const [beside] = cosignLayersOf([{ ...layer, mediaType: simpleSigningType }], { unsigned: true });
      found.push({ keyId: annotations.get(keyIdAnnotation) ?? "", ...beside?.attestation, signature: text });
    }
  }
  return found;
}

function ownAttestation(text: string): readonly Attestation[] {
  try {
    const value = parseJson(text);
    const signature = textField(value, "signature");
    if (signature === undefined) return [];
    const payload = textField(value, "payload");
    return [{ keyId: textField(value, "keyId") ?? "", signature, ...(payload === undefined ? {} : { payload }) }];
  } catch {
    return [];
  }
}

function signatureLayer(attestation: Attestation, payload: string): ArtifactLayer {
  const annotations = { "dev.cosignproject.cosign/signature": attestation.signature, ...besides(attestation) };
  return { mediaType: simpleSigningType, content: encode(payload), annotations };
}

function envelopeLayer(attestation: Attestation): ArtifactLayer {
  const annotations = { "dev.cosignproject.cosign/signature": "", ...besides(attestation) };
  return { mediaType: envelopeType, content: encode(attestation.signature), annotations };
}

/** What cosign keeps beside a signature, under its names. */
function besides({ keyId, certificate, chain, logEntry, timestamp }: Attestation): Record<string, string> {
  const members: readonly (readonly [string, string | undefined])[] = [
    [keyIdAnnotation, keyId === "" ? undefined : keyId],
    ["dev.sigstore.cosign/certificate", certificate],
    ["dev.sigstore.cosign/chain", chain],
    ["dev.sigstore.cosign/bundle", logEntry],
    ["dev.sigstore.cosign/rfc3161timestamp", timestamp],
  ];
  return Object.fromEntries(members.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

/** Adds a layer to the manifest under a tag of cosign's, beside those that are there. */
async function addToTag(
  repository: RegistryRepository,
  tag: string,
  layer: ArtifactLayer,
  call: CallOptions,
): Promise<void> {
  const present = await manifestOfTag(repository, tag, call);
  const layers: ArtifactLayer[] = [];
  for (const each of present?.layers ?? []) {
    const content = await readBlob(repository, each, call);
    layers.push({ mediaType: each.mediaType ?? "", content, annotations: Object.fromEntries(each.annotations) });
  }
  const known = await Promise.all([...layers, layer].map(fingerprint));
  if (known.slice(0, -1).includes(known.at(-1) ?? "")) return;
  await pushArtifact(repository, { layers: [...layers, layer], tag, config: emptyConfig }, call);
}

async function fingerprint({ mediaType, content, annotations = {} }: ArtifactLayer): Promise<string> {
  const digest = content instanceof Uint8Array ? await digestOf(content) : content.digest;
  return JSON.stringify([mediaType, digest, Object.entries(annotations).sort()]);
}

async function putReferrer(
  repository: RegistryRepository,
  digest: Digest,
  artifact: { readonly artifactType: string; readonly layers: readonly ArtifactLayer[] },
  call: CallOptions,
): Promise<void> {
  const subject = await resolveManifest(repository, digest, call);
  const { mediaType = manifestMediaType, size } = subject;
  await pushArtifact(repository, { ...artifact, subject: { digest, mediaType, size } }, call);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
