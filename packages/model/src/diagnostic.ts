import type { Digest } from "./bytes.ts";

/** A layer as results point at it. */
export interface LayerRef {
  /** Position in the image, base layer is 0. */
  readonly index: number;
  /** Digest of the uncompressed layer tar. */
  readonly diffId: Digest;
}

/** Where something was seen. */
export interface Location {
  /** Path in the image without a leading slash; a file inside an archive follows after `!/`. */
  readonly path: string;
  /** Absent outside of images. */
  readonly layer?: LayerRef;
  /** First line, 1-based, where the format has lines. */
  readonly line?: number;
  /** First column in that line, 1-based, in UTF-16 code units. */
  readonly column?: number;
  /** Last line. Absent: the first. */
  readonly endLine?: number;
  /** The column behind the last one. */
  readonly endColumn?: number;
}

/** What kind of problem a {@link Diagnostic} reports. Stable: programs may switch on it. */
export type DiagnosticCode =
  /** A file does not keep to its format; what could be read of it is kept. */
  | "malformed-file"
  /** A version or a bound of an advisory cannot be read, so the two were not compared. */
  | "malformed-version"
  /** A layer is damaged or missing; what came before the damage is kept. */
  | "malformed-layer"
  /** An advisory cannot be used as it is. */
  | "malformed-advisory"
  /** Something is larger than a limit and was skipped. */
  | "limit-exceeded"
  /** A file is of a kind or version that is not read. */
  | "unsupported-format"
  /** What a manifest asks for cannot be worked out without files that are not there. */
  | "unresolved-dependencies"
  /** The file system refused to give a file. */
  | "unreadable-file"
  /** The distribution cannot be identified, or is not known to Plimsoll. */
  | "unknown-distro"
  /** The distribution is known, and its packages cannot be matched. */
  | "unsupported-distro"
  /** The database holds nothing for a distribution, release or ecosystem. */
  | "no-advisories"
  /** The version of a package, or its module stream, is not known. */
  | "unknown-version"
  /** A package does not come from the distribution, so its advisories do not apply. */
  | "third-party-package"
  /** Advisories are older than they should be. */
  | "stale-advisories"
  /** Bytes are not those that their digest names. */
  | "digest-mismatch"
  /** A configuration file cannot be understood wholly: a template cannot be rendered, a value is not known. */
  | "unresolved-configuration"
  /** A check failed on a document; the other checks were run. */
  | "check-failed"
  /** An analyzer failed on a file; the other analyzers were run. */
  | "analyzer-failed"
  /** An attestation about the image is signed by nobody who is trusted, and was not used. */
  | "untrusted-attestation"
  /** A choice of severities left out findings that nobody has rated. */
  | "unrated-findings"
  /** A rule matched nothing, has expired or cannot be understood. */
  | "triage";

/** A problem that did not stop the scan. */
export interface Diagnostic {
  readonly kind: "diagnostic";
  readonly code: DiagnosticCode;
  /** `incomplete`: the result may lack something because of it. */
  readonly effect: "none" | "incomplete";
  /** One sentence for people: what, and why. */
  readonly message: string;
  readonly location?: Location;
  /** Id of the analyzer that reported it. */
  readonly analyzer?: string;
}
