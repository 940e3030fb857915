import type { Digest } from "./bytes.ts";
import type { Diagnostic, LayerRef } from "./diagnostic.ts";
import type { SecretFinding } from "./finding.ts";
import type { ArtifactKind } from "./image.ts";
import type { Distro, Package } from "./package.ts";

/** A layer as reports list it. */
export interface LayerInfo extends LayerRef {
  /** Digest of the blob as stored. */
  readonly digest: Digest;
  readonly createdBy?: string;
  /** Bytes of the blob as stored. */
  readonly size: number;
  /** Whether it belongs to the base image: by the base image that was named, else as the history suggests; absent when neither tells. */
  readonly base?: boolean;
}

/** What was looked at. */
export interface Artifact {
  readonly name: string;
  readonly kind: ArtifactKind;
  readonly digest?: Digest;
  /** Digests of the indexes that lead to the image, outermost first: it goes by these too. */
  readonly indexDigests?: readonly Digest[];
  /** The version that an SBOM states for its subject, where that is no digest. */
  readonly version?: string;
  /** The package URL that an SBOM states for its subject. */
  readonly purl?: string;
  /** Likewise the ids of the packages that it needs itself; absent where nothing tells. */
  readonly dependencies?: readonly string[];
  /** `linux/amd64`. */
  readonly platform?: string;
  readonly tags?: readonly string[];
  readonly distro?: Distro;
  /** Base first; empty for directories and SBOMs. */
  readonly layers: readonly LayerInfo[];
}

/** What is installed in an artifact. Plain data: store it, and match it again next year without the image. */
export interface Inventory {
  readonly schemaVersion: 2;
  readonly artifact: Artifact;
  /** Sorted by purl, then location. */
  readonly packages: readonly Package[];
  // Of each of these: absent, nobody looked; empty, looked and found nothing.
  /** In files of every layer, also those that later layers removed. Sorted like findings. */
  readonly secrets?: readonly InventorySecret[];
  /** Files that configure something, with secrets replaced by `*`. Sorted by path. */
  readonly configs?: readonly ConfigFile[];
  /** Files with licence texts. Sorted by path. */
  readonly licenseTexts?: readonly LicenseText[];
  /** Sorted by path, layer, code, message. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A secret as an inventory has it, before anybody judges it. */
export interface InventorySecret extends SecretFinding {
  /** A comment in the file that says not to report it: reports list it among what was suppressed. */
  readonly comment?: {
    /** As it is written. */
    readonly text: string;
    /** 1-based. */
    readonly line: number;
    /** The last day on which it holds: `2026-12-31`. */
    readonly until?: string;
  };
}

/** A file that configures something, as `configs` reads it. */
export interface ConfigFile {
  readonly path: string;
  readonly layer?: LayerRef;
  /** At most 1 MiB; secrets are replaced by as many `*`. */
  readonly text: string;
  /** `image-config`: no file, but a Dockerfile made from the image's configuration and history. Absent: a file. */
  readonly format?: "image-config";
  /** Of a Dockerfile that was made, where a line made a layer: which. Lines are 1-based, in order. */
  readonly lineLayers?: readonly { readonly line: number; readonly layer: LayerRef }[];
}

/** A file that has the text of a licence, and which. */
export interface LicenseText {
  readonly path: string;
  readonly layer?: LayerRef;
  readonly licenses: readonly {
    /** SPDX id. */
    readonly id: string;
    /** 0 to 1. */
    readonly confidence: number;
    /** 1-based line where it begins. */
    readonly line?: number;
  }[];
  /** Lines that say whose work it is; at most 50. */
  readonly copyrights?: readonly string[];
}
