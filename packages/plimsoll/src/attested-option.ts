import type { IdentifiedKey, SignerIdentity, VerifyBundle } from "@plimsoll/attestations";
import { optionIs } from "@plimsoll/model";
import type { Attestation, AttestationStore, CallOptions, Inventory, OptionChecks, TriageRule } from "@plimsoll/model";

/** The attestations about an image to use, and the signers to trust. */
export interface AttestedOptions {
  /** The attestations, or the store that keeps them. */
  readonly attestations: readonly Attestation[] | AttestationStore;
  /** Keys whose owners are trusted: `authorityKeys` and `identifyKey` of `@plimsoll/attestations` read them. */
  readonly keys?: readonly IdentifiedKey[] | undefined;
  /** Trusted keyless signers (sigstore). Absent: none. */
  readonly identities?: readonly SignerIdentity[] | undefined;
  /** Verifies keyless signatures: `sigstoreVerifier` of `@plimsoll/node`. Absent: they cannot be verified and have no effect. */
  readonly verifyBundle?: VerifyBundle | undefined;
  /** RFC 3339; see `VerifyOptions`. */
  readonly now?: string | undefined;
  /** The image's repository (`registry.example/app`), for a store that finds attestations by it. Absent: taken from the artifact's name. */
  readonly repository?: string | undefined;
}

/** The option of scans for attestations. */
export interface AttestedOption {
  /** Use SBOM and VEX attestations about the image whose signer is trusted; see `attestedEvidence`. Absent: none are used. */
  readonly attested?: AttestedOptions | undefined;
  readonly triage?: readonly TriageRule[] | undefined;
}

/** Checks the options of `attestedEvidence`. */
export const attestedChecks: OptionChecks<AttestedOptions> = {
  attestations: optionIs.either(optionIs.listOf(optionIs.object), optionIs.having("list")),
  keys: optionIs.listOf(optionIs.object),
  identities: optionIs.listOf(optionIs.object),
  verifyBundle: optionIs.call,
  now: optionIs.time,
  repository: optionIs.text,
};

/** The inventory with the effect of {@link AttestedOptions} applied, and the options without `attested`. */
export async function withAttested<Options extends AttestedOption & CallOptions>(
  inventory: Inventory,
  options: Options,
): Promise<{ readonly inventory: Inventory; readonly options: Options }> {
  const { attested, signal, triage = [] } = options;
  if (attested === undefined) return { inventory, options };
  const { attestedEvidence } = await import("./attested-evidence.ts");
  const evidence = await attestedEvidence(inventory, attested, { signal });
  return {
    inventory: evidence.inventory,
    options: { ...options, attested: undefined, triage: [...triage, ...evidence.triage] },
  };
}
