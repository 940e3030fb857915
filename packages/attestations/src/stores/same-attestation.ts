import type { Attestation } from "@plimsoll/model";

const members = ["keyId", "signature", "payload", "certificate", "chain", "logEntry", "timestamp"] as const;

/** Whether two attestations are equal in every member. */
export function sameAttestation(first: Attestation, second: Attestation): boolean {
  return members.every((name) => first[name] === second[name]);
}

/** A copy of an attestation with its known members only, in a fixed order. */
export function plainAttestation(attestation: Attestation): Attestation {
  const entries = members.flatMap((name) => (attestation[name] === undefined ? [] : [[name, attestation[name]]]));
  return Object.fromEntries(entries) as unknown as Attestation; // as: the members are those of an attestation
}
