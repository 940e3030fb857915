import type { Digest } from "./bytes.ts";
import type { Diagnostic, LayerRef } from "./diagnostic.ts";
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
  /** `linux/amd64`. */
  readonly platform?: string;
  readonly tags?: readonly string[];
  readonly distro?: Distro;
  /** Base first; empty for directories and SBOMs. */
  readonly layers: readonly LayerInfo[];
}

/** What is installed in an artifact. Plain data: store it, and match it again next year without the image. */
export interface Inventory {
  readonly schemaVersion: 1;
  readonly artifact: Artifact;
  /** Sorted by purl, then location. */
  readonly packages: readonly Package[];
  /** Sorted by path, layer, code, message. */
  readonly diagnostics: readonly Diagnostic[];
}
