import { readJson } from "./read-json.ts";
import type { Inventory } from "@plimsoll/model";
import { sigstoreVerifier } from "@plimsoll/node";
import { attestedEvidence } from "plimsoll";
import type { AttestedEvidence } from "plimsoll";
import { attestationStoreOf, isDirectory } from "./attestation-location.ts";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { readText } from "./read-text.ts";
import type { RegistryFlags } from "./registry-flags.ts";
import type { AttestedFlags } from "./scan-flags.ts";
import { signersIn } from "./trusted-signers.ts";

/** Applies what the signers of `--attested-by` attest about an image to its inventory. */
export async function evidenceBy(
  inventory: Inventory,
  flags: AttestedFlags & RegistryFlags & { readonly attestedBy: readonly string[]; readonly offline?: boolean },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<AttestedEvidence> {
  const { attestedBy, attestations = "registry", trustRoot, offline = false } = flags;
  if (offline && !isDirectory(attestations))
    throw new UsageError(
      "--attested-by: --offline forbids asking where the attestations are; --attestations DIR reads them from a directory",
    );
  const { keys, identities } = await signersIn(attestedBy);
  if (identities.length > 0 && trustRoot === undefined)
    throw new UsageError("--attested-by: keyless signatures need --trust-root trusted_root.json");
  const options = {
    attestations: attestationStoreOf({ ...flags, attestations }, terminal),
    keys,
    identities,
    now: terminal.now(),
    ...(trustRoot === undefined
      ? {}
      : { verifyBundle: sigstoreVerifier(readJson("--trust-root", trustRoot, readText(trustRoot))) }),
  };
  return attestedEvidence(inventory, options, { signal });
}
