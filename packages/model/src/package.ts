import type { Location } from "./diagnostic.ts";

/**
 * How a package is known: its own installation record, or a file that asks for it. `requested`: the file asks for a range, and the
 * version is a guess within it (the fact `requirement` has the range as written).
 */
export type Evidence = "installed" | "declared" | "requested";

/**
 * Where a package comes from when it does not come from a registry. `project`: the project itself or a member of its workspace. `path`:
 * a directory or file beside it. `repository`: a version control system. `archive`: an address. `manifest`: only its own manifest names
 * it, in a place where no installer put it. In a source tree that is the project; elsewhere it may be unpacked from a registry.
 * Analyzers report `manifest`; inventories hold what it was taken for.
 */
export type Origin = "project" | "path" | "repository" | "archive" | "manifest";

/**
 * Whether a package comes from its ecosystem's registry, as far as is known, so that the registry's advisories are about it. A package
 * from elsewhere may only share the name.
 */
export function isOfRegistry({ origin }: Pick<FoundPackage, "origin">): boolean {
  return origin === undefined;
}

/**
 * A package with `module` and `kind` in their fields, where earlier versions wrote them among its `facts`; any other package as it is.
 * For whoever reads stored inventories, reports and bills of materials.
 */
export function withTypedFacts<P extends Pick<Package, "facts" | "module" | "kind">>(pkg: P): P {
  const { modularitylabel, ...otherThanModule } = pkg.facts ?? {};
  if (modularitylabel !== undefined)
    return { ...pkg, facts: otherThanModule, ...(modularitylabel === "" ? {} : { module: modularitylabel }) };
  const { kind, ...otherThanKind } = pkg.facts ?? {};
  return kind === "machine-learning-model" ? { ...pkg, facts: otherThanKind, kind } : pkg;
}

/** What an analyzer knows about one package. The runner adds where, and the purl once the distribution is known. */
export interface FoundPackage {
  readonly name: string;
  /** The version as the package states it. Only the version scheme of its ecosystem understands it. */
  readonly version: string;
  /** The source package that it was built from. Advisories of distributions name this one. */
  readonly source?: { readonly name: string; readonly version: string };
  /** Architecture, in the words of the ecosystem: `x86_64`, `amd64`, `noarch`. */
  readonly architecture?: string;
  /** As the package states them: SPDX expressions where it does, free text where not. */
  readonly licenses?: readonly string[];
  /** Who made or published it, as the package states. */
  readonly supplier?: string;
  /** Content checksums by OCI algorithm name, hex. */
  readonly hashes?: Readonly<Record<string, string>>;
  /** CPE 2.3 names, where the evidence gives them. */
  readonly cpes?: readonly string[];
  /** Name of this package among its neighbours in the same file, for `dependsOn` and ownership; absent: `name`. */
  readonly key?: string;
  /** Keys of what it depends on, resolved within the same file, else by name within the ecosystem. */
  readonly dependsOn?: readonly string[];
  /** `dev`: only for development. `optional`: may be absent at run time. Absent: needed. */
  readonly scope?: "dev" | "optional";
  /** Set where name or version were guessed from what an artifact says of itself. Absent: they are stated. */
  readonly confidence?: "approximate";
  /** Where it comes from, when that is no registry. Absent: from a registry, as far as is known. */
  readonly origin?: Origin;
  /** What it is, when it is no software. */
  readonly kind?: "machine-learning-model";
  /**
   * The module that it was built for, as rpm labels it: `name:stream:version:context`. Absent: a plain build, as far as is
   * known.
   */
  readonly module?: string;
  /** What it is to the project of the lock file: the project itself, a member of its workspace, a direct or an indirect dependency. */
  readonly relationship?: "root" | "workspace" | "direct" | "indirect";
  /** Ecosystem-specific facts that purl, advisory keys or applicability are computed from; also printed. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** A place where a package was found. */
export interface PackageLocation extends Location {
  readonly evidence: Evidence;
  /** Id of the operating-system package that put this file there. */
  readonly ownedBy?: string;
}

/** A package of an inventory. */
export interface Package extends Omit<FoundPackage, "key" | "dependsOn"> {
  /** Stable within the inventory: its purl, unless two packages share one. */
  readonly id: string;
  /** Id of the ecosystem that found it. */
  readonly ecosystem: string;
  /** As the ecosystem says: `os` packages belong to the distribution. Absent: not known. */
  readonly class?: "os" | "library";
  readonly purl: string;
  /** Sorted by path; `layer` is the one that introduced this version at this path. */
  readonly locations: readonly PackageLocation[];
  /** Ids of packages of the same inventory. */
  readonly dependencies?: readonly string[];
  /** Ids of analyzers that reported it. */
  readonly foundBy?: readonly string[];
}

/** The operating system distribution of an artifact. */
export interface Distro {
  /** `ID` of os-release, lower-case: `alpine`, `debian`, `rhel`. */
  readonly id: string;
  readonly versionId?: string;
  readonly codename?: string;
  readonly name?: string;
  readonly prettyName?: string;
  readonly idLike?: readonly string[];
  readonly variantId?: string;
  readonly cpeName?: string;
  /** Date of the end of security support, `YYYY-MM-DD`. */
  readonly endOfLife?: string;
  /** Extended or special update channels in force: `esm-infra`, `esm-apps`, `eus`. */
  readonly channels?: readonly string[];
  /** Further facts that advisory keys depend on, such as Red Hat content sets. */
  readonly facts?: Readonly<Record<string, string>>;
}
