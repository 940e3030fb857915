import type { CallOptions } from "./bytes.ts";
import type { Report } from "./report.ts";

/** A signature about an image, as an authority's note, a registry or a directory holds it. */
export interface Attestation {
  /** Id of the key that made it: a fingerprint for PGP, a URI for PKIX. Empty where the signature names none, as cosign's do. */
  readonly keyId: string;
  /**
   * Without `payload`: a PGP message, a JSON Web Token, a DSSE envelope or a sigstore bundle, each of which carries what it signs.
   * With `payload`: a detached signature, as base64 or ASCII armor.
   */
  readonly signature: string;
  /** What a detached signature signs, as text. */
  readonly payload?: string | undefined;
  /** The signer's certificate in PEM, where cosign made the signature without a key of its own. */
  readonly certificate?: string | undefined;
  /** Certificates between `certificate` and the root, in PEM. */
  readonly chain?: string | undefined;
  /** The transparency log's entry, as the JSON text that cosign keeps beside a signature. */
  readonly logEntry?: string | undefined;
  /** A timestamp of RFC 3161 as the JSON text that cosign keeps beside a signature. */
  readonly timestamp?: string | undefined;
}

/** Where attestations about images are kept: memory, a directory, a registry, a server. */
export interface AttestationStore {
  /** Names the place in messages. */
  readonly label: string;
  /**
   * The attestations of an image, in an order that does not change; nothing about them is verified.
   * @param image With a digest: `registry.example/app@sha256:…`.
   * @throws ScanError where the store cannot be asked, which is not "there are none".
   */
  list(image: string, options?: CallOptions): Promise<readonly Attestation[]>;
  /** Adds one; the same again changes nothing. @throws ScanError where it cannot be kept. */
  put(image: string, attestation: Attestation, options?: CallOptions): Promise<void>;
}

/** Where reports of images are kept, by what they are about. */
export interface ReportStore {
  /** Names the place in messages. */
  readonly label: string;
  /**
   * The newest report of an image; undefined: there is none.
   * @param digest Of the manifest: `sha256:…`.
   * @throws ScanError where the store cannot be asked, or holds something that is no report.
   */
  get(digest: string, options?: CallOptions): Promise<Report | undefined>;
  /** Keeps a report in place of an older one. */
  put(digest: string, report: Report, options?: CallOptions): Promise<void>;
}
