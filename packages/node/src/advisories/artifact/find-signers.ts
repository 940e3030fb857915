import {
  inTotoPayloadType,
  readEnvelope,
  readStatement,
  registryAttestationStore,
  verifyAttestation,
} from "@plimsoll/attestations";
import type { PublicKey } from "@plimsoll/attestations";
import { field, parseJson } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import type { Attestation, Digest } from "@plimsoll/model";
import { reachRegistries } from "../../registry/open-repository.ts";
import { nameOfKey } from "../database-keys.ts";
import type { ArtifactOptions } from "./registry-artifact.ts";

/**
 * Finds which of the keys signed an artifact: its manifest, or an index that led to it. Signatures are those of `cosign sign` and `attest sign`,
 * which name repository and digest, so that a signature of another database is not accepted.
 * @param repository registry and path, as signed.
 * @param digests of the manifests that lead to the database, each verified by the one before.
 * @returns names of the keys, at least one.
 * @throws ScanError `unverified`, with the reason for each signature; `invalid-option` for an invalid key; errors of the registry.
 */
export async function findSigners(
  repository: string,
  digests: readonly Digest[],
  keys: readonly PublicKey[],
  options: ArtifactOptions,
): Promise<readonly string[]> {
  const names = keys.map(nameOfKey);
  const signers = new Set<string>();
  const reasons = new Set<string>();
  const store = registryAttestationStore({
    ...reachRegistries(options.registry),
    onProblem: (message) => reasons.add(message),
  });
  for (const digest of digests) {
    const image = `${repository}@${digest}`;
    for (const attestation of await store.list(image, { signal: options.signal })) {
      if (!signsOnly(attestation)) continue;
      for (const [index, key] of keys.entries()) {
        const { verified, reason } = await verifyAttestation(image, attestation, [{ id: "", key }]);
        if (verified) signers.add(names[index] ?? "");
        else reasons.add(reason);
      }
    }
    if (signers.size > 0) return [...signers];
  }
  const [first = "it has no signature"] = reasons;
  const more = reasons.size > 1 ? ` (and ${reasons.size - 1} more)` : "";
  const reason = `none of the ${keys.length} keys signed it: ${first}${more}`;
  throw new ScanError({ kind: "unverified", label: `${repository}@${digests[0]}`, reason });
}

/** What says no more of an artifact than that it is signed: cosign's signatures in bundles. */
const signaturePredicate = "https://sigstore.dev/cosign/sign/v1";

/** A statement says something of an artifact, perhaps that it is bad: who signs that does not sign the artifact. */
function signsOnly({ payload, signature }: Attestation): boolean {
  if (payload !== undefined || !signature.trimStart().startsWith("{")) return true;
  try {
    const document = parseJson(signature);
    const envelope = readEnvelope(JSON.stringify(field(document, "dsseEnvelope") ?? document));
    if (envelope.payloadType !== inTotoPayloadType) return true;
    return readStatement(new TextDecoder().decode(envelope.payload)).predicateType === signaturePredicate;
  } catch {
    return false;
  }
}
