import type { Property } from "@plimsoll/formats";

/** Versions of the standard that can be written (ECMA-424; https://cyclonedx.org/docs/). */
export const cycloneDxVersions = ["1.4", "1.5", "1.6", "1.7"] as const;

/** One of them. */
export type CycloneDxVersion = (typeof cycloneDxVersions)[number];

/** The part of a CycloneDX BOM that we write, as its JSON form spells it. */
export interface Bom {
  readonly $schema: string;
  readonly bomFormat: "CycloneDX";
  readonly specVersion: CycloneDxVersion;
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp?: string;
    readonly tools: { readonly components: readonly Component[] } | readonly { name: string; version: string }[];
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
  readonly vulnerabilities?: readonly BomVulnerability[];
}

export interface Component {
  readonly "bom-ref"?: string;
  readonly type: "application" | "container" | "file" | "library" | "machine-learning-model" | "operating-system";
  readonly supplier?: { readonly name: string };
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly scope?: "required" | "optional" | "excluded";
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly LicenseChoice[];
  readonly cpe?: string;
  readonly purl?: string;
  readonly properties?: readonly Property[];
  readonly evidence?: {
    readonly identity?: Identity | readonly Identity[];
    readonly occurrences?: readonly { readonly location: string; readonly line?: number }[];
    /** What the texts beside the package are. */
    readonly licenses?: readonly LicenseChoice[];
    readonly copyright?: readonly { readonly text: string }[];
  };
}

export interface Identity {
  readonly field: "purl";
  readonly confidence: number;
  readonly methods: readonly { readonly technique: string; readonly confidence: number; readonly value: string }[];
}

/** Where a licence comes from: the package's metadata (`declared`), or the licence texts beside it (`concluded`). */
export type Acknowledgement = "declared" | "concluded";

export type LicenseChoice =
  | {
      readonly license:
        | { readonly id: string; readonly acknowledgement?: Acknowledgement }
        | { readonly name: string; readonly acknowledgement?: Acknowledgement };
    }
  | { readonly expression: string; readonly acknowledgement?: Acknowledgement };

export interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}

export interface BomVulnerability {
  readonly "bom-ref": string;
  readonly id: string;
  readonly source?: { readonly name: string; readonly url?: string };
  readonly references?: readonly {
    readonly id: string;
    readonly source: { readonly name: string; readonly url: string };
  }[];
  readonly ratings?: readonly Rating[];
  readonly cwes?: readonly number[];
  readonly description?: string;
  readonly detail?: string;
  readonly recommendation?: string;
  readonly advisories?: readonly { readonly url: string }[];
  readonly published?: string;
  readonly updated?: string;
  readonly analysis?: { readonly state?: string; readonly justification?: string; readonly detail: string };
  readonly affects: readonly {
    readonly ref: string;
    readonly versions?: readonly { readonly version: string; readonly status: "affected" | "unaffected" }[];
  }[];
  readonly properties?: readonly Property[];
}

export interface Rating {
  readonly source?: { readonly name: string };
  readonly score?: number;
  readonly severity: string;
  readonly method?: string;
  readonly vector?: string;
}
