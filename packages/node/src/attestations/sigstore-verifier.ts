import { parseJson } from "@plimsoll/formats";
import { createRequire } from "node:module";
import type { BundleVerification, VerifyBundle } from "@plimsoll/attestations";
import { ScanError } from "@plimsoll/model";

/** The functions of `@sigstore/verify` 3, `@sigstore/bundle` 4 and `@sigstore/protobuf-specs` 0.5 that are used here. */
interface Sigstore {
  readonly bundleFromJSON: (document: unknown) => unknown;
  readonly trustedRootFromJson: (document: unknown) => TrustedRoot;
  readonly toTrustMaterial: (root: TrustedRoot) => unknown;
  readonly toSignedEntity: (bundle: unknown, artifact?: Uint8Array) => unknown;
  readonly Verifier: new (material: unknown, thresholds: Thresholds) => { verify(entity: unknown): Signer };
}

interface TrustedRoot {
  readonly certificateAuthorities: readonly unknown[];
  readonly timestampAuthorities: readonly unknown[];
  readonly tlogs: readonly unknown[];
  readonly ctlogs: readonly unknown[];
}

interface Thresholds {
  readonly tlogThreshold: number;
  readonly ctlogThreshold: number;
  readonly timestampThreshold: number;
}

interface Signer {
  readonly identity?: {
    readonly subjectAlternativeName?: string;
    readonly extensions?: { readonly issuer?: string };
  };
}

const absent = "keyless signatures cannot be verified: the package @sigstore/verify is not installed";

/**
 * Verifies sigstore bundles with a given trust root: certificate chain, certificate transparency, log entry, timestamps and signature. A log entry
 * is required if the root has transparency logs, a signed certificate timestamp if it has certificate logs. The caller decides whether the signer
 * is trusted. Needs the optional package `@sigstore/verify`; without it nothing is verified, and the reason says so.
 * @param trustedRoot The document of sigstore's `trusted_root.json`, parsed.
 * @throws ScanError `malformed-document` for an invalid trust root.
 */
export function sigstoreVerifier(trustedRoot: unknown, load: () => Sigstore | undefined = loadSigstore): VerifyBundle {
  const sigstore = load();
  if (sigstore === undefined) return async () => ({ verified: false, reason: absent });
  const root = readRoot(sigstore, trustedRoot);
  const material = readMaterial(sigstore, root);
  const verifier = new sigstore.Verifier(material, {
    tlogThreshold: Math.min(1, root.tlogs.length),
    ctlogThreshold: Math.min(1, root.ctlogs.length),
    timestampThreshold: 1,
  });
  return async (text, artifact): Promise<BundleVerification> => {
    try {
      const bundle = sigstore.bundleFromJSON(parseJson(text));
      const bytes = artifact === undefined ? undefined : Buffer.from(artifact);
      const { identity } = verifier.verify(sigstore.toSignedEntity(bundle, bytes));
      const subject = identity?.subjectAlternativeName ?? "";
      const issuer = identity?.extensions?.issuer ?? "";
      if (subject === "" || issuer === "")
        return { verified: false, reason: "the certificate of the bundle names no signer and issuer" };
      return { verified: true, signer: { subject, issuer } };
    } catch (error) {
      // The library throws for whatever a hostile bundle holds; none of it is verified.
      const why = error instanceof Error ? error.message.slice(0, 200) : "unknown reason";
      return { verified: false, reason: `the bundle is not verified: ${why}` };
    }
  };
}

function readRoot(sigstore: Sigstore, document: unknown): TrustedRoot {
  let root: TrustedRoot;
  try {
    root = sigstore.trustedRootFromJson(document);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message.slice(0, 200) : "it cannot be read");
  }
  if (root.certificateAuthorities.length === 0) throw malformed("it names no certificate authority");
  // A certificate lives for minutes: without a trusted time nothing says that it was valid.
  if (root.tlogs.length === 0 && root.timestampAuthorities.length === 0)
    throw malformed("it names neither a transparency log nor a timestamp authority");
  return root;
}

function readMaterial(sigstore: Sigstore, root: TrustedRoot): unknown {
  try {
    return sigstore.toTrustMaterial(root);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message.slice(0, 200) : "a key of it cannot be read");
  }
}

function malformed(reason: string): ScanError {
  return new ScanError({ kind: "malformed-document", label: "sigstore trust root", reason });
}

/** The optional package with the two that it brings along; they are resolved from where it lies. */
function loadSigstore(): Sigstore | undefined {
  const load = createRequire(import.meta.url);
  const optional: string = "@sigstore/verify";
  try {
    const beside = createRequire(load.resolve(optional));
    // as: what these packages have under these names is stated above and exercised by the tests.
    const verify = load(optional) as Pick<Sigstore, "toTrustMaterial" | "toSignedEntity" | "Verifier">;
    // as: likewise
    const bundle = beside("@sigstore/bundle") as Pick<Sigstore, "bundleFromJSON">;
    // as: likewise
    const specs = beside("@sigstore/protobuf-specs") as {
      readonly TrustedRoot: { readonly fromJSON: Sigstore["trustedRootFromJson"] };
    };
    return {
      ...verify,
      Verifier: verify.Verifier,
      bundleFromJSON: bundle.bundleFromJSON,
      trustedRootFromJson: (document) => specs.TrustedRoot.fromJSON(document),
    };
  } catch {
    return undefined;
  }
}
