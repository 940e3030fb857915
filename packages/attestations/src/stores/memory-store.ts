import type { Attestation, AttestationStore } from "@plimsoll/model";
import { imageDigest } from "../image-name.ts";
import { sameAttestation } from "./same-attestation.ts";

/** A store that keeps attestations in memory, by the digest of their image. */
export function memoryAttestationStore(): AttestationStore {
  const byDigest = new Map<string, Attestation[]>();
  return {
    label: "memory",
    list: async (image) => [...(byDigest.get(imageDigest(image)) ?? [])],
    async put(image, attestation) {
      const digest = imageDigest(image);
      const kept = byDigest.get(digest) ?? [];
      if (!kept.some((each) => sameAttestation(each, attestation))) kept.push({ ...attestation });
      byDigest.set(digest, kept);
    },
  };
}
