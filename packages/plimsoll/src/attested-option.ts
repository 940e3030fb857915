import type { IdentifiedKey, SignerIdentity, VerifyBundle } from "@plimsoll/attestations";
import { optionIs } from "@plimsoll/model";
import type { Attestation, AttestationStore, CallOptions, Inventory, OptionChecks, TriageRule } from "@plimsoll/model";

/** What others have attested about an image, and whose word is taken for it. */
export interface AttestedOptions {
  /** The attestations themselves, or where they are kept. */
  readonly attestations: readonly Attestation[] | AttestationStore;
  /** Keys whose owners are trusted: `authorityKeys` and `identifyKey` of `@plimsoll/attestations` read them. */
  readonly keys?: readonly IdentifiedKey[] | undefined;
  /** Signers without a key of their own (sigstore) who are trusted. Absent: nobody. */
  readonly identities?: readonly SignerIdentity[] | undefined;
  /** Verifies keyless signatures: `sigstoreVerifier` of `@plimsoll/node`. Absent: they cannot be verified, and change nothing. */
  readonly verifyBundle?: VerifyBundle | undefined;
  /** RFC 3339; see `VerifyOptions`. */
  readonly now?: string | undefined;
  /** The image's repository (`registry.example/app`), for a store that keeps attestations by it. Absent: as the artifact is called. */
  readonly repository?: string | undefined;
}

/** The option of scans that asks for it. */
export interface AttestedOption {
  /** SBOM and VEX attestations about the image feed the scan where their signer is trusted; see `attestedEvidence`. Absent: none is asked for. */
  readonly attested?: AttestedOptions | undefined;
  readonly triage?: readonly TriageRule[] | undefined;
}

/** Of `attestedEvidence`. */
export const attestedChecks: OptionChecks<AttestedOptions> = {
  attestations: optionIs.either(optionIs.listOf(optionIs.object), optionIs.having("list")),
  keys: optionIs.listOf(optionIs.object),
  identities: optionIs.listOf(optionIs.object),
  verifyBundle: optionIs.call,
  now: optionIs.time,
  repository: optionIs.text,
};

/** An inventory with what its option {@link AttestedOptions} adds, and the options that are left then. */
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
