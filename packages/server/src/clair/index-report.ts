import { isDigest } from "@plimsoll/model";
import type { Inventory, Package } from "@plimsoll/model";
import { isCpe } from "./documents.ts";
import type {
  ClairDistribution,
  ClairEnvironment,
  ClairIndexReport,
  ClairPackage,
  ClairRepository,
} from "./documents.ts";

/** The state of an index. */
export interface IndexProgress {
  readonly digest: string;
  readonly state: string;
  readonly error: string;
  readonly inventory?: Inventory | undefined;
}

/** Clair's name of the state of a finished index. */
export const indexFinished = "IndexFinished";

/** An inventory as Clair's index report. */
export function clairIndexReport({ digest, state, error, inventory }: IndexProgress): ClairIndexReport {
  return {
    manifest_hash: digest,
    state,
    err: error,
    success: state === indexFinished,
    ...contentsOf(inventory),
  };
}

/** Ids of packages in a document, by the ids of the inventory. */
export function documentIds(packages: readonly Package[]): ReadonlyMap<string, string> {
  return new Map(packages.map(({ id }, at) => [id, String(at + 1)]));
}

type Contents = Pick<ClairIndexReport, "packages" | "distributions" | "repository" | "environments">;

/** The members that index reports and vulnerability reports share. */
export function contentsOf(inventory: Inventory | undefined): Contents {
  if (inventory === undefined) return { packages: {}, distributions: {}, repository: {}, environments: {} };
  const distribution = clairDistribution(inventory);
  const ids = documentIds(inventory.packages);
  const repositories = repositoriesOf(inventory.packages);
  const layers = inventory.artifact.layers.map(({ digest }) => digest);
  return {
    packages: Object.fromEntries(
      inventory.packages.map((pkg) => [ids.get(pkg.id), clairPackage(pkg, ids.get(pkg.id) ?? "")]),
    ),
    distributions: distribution === undefined ? {} : { [distribution.id]: distribution },
    repository: Object.fromEntries([...repositories.values()].map((repository) => [repository.id, repository])),
    environments: Object.fromEntries(
      inventory.packages.map((pkg) => [
        ids.get(pkg.id),
        environmentsOf(pkg, { layers, distribution, repository: repositories.get(pkg.ecosystem) }),
      ]),
    ),
  };
}

/** The distribution in Clair's form; its id in documents is always `1`. */
export function clairDistribution({ artifact }: Inventory): ClairDistribution | undefined {
  const { distro, platform } = artifact;
  if (distro === undefined) return undefined;
  const { id: did, name, versionId, codename, prettyName, cpeName } = distro;
  const arch = platform?.split("/")[1];
  const version =
    versionId === undefined ? undefined : codename === undefined ? versionId : `${versionId} (${codename})`;
  return {
    id: "1",
    did,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(codename === undefined ? {} : { version_code_name: codename }),
    ...(versionId === undefined ? {} : { version_id: versionId }),
    ...(arch === undefined ? {} : { arch }),
    ...(cpeName !== undefined && isCpe(cpeName) ? { cpe: cpeName } : {}),
    ...(prettyName === undefined ? {} : { pretty_name: prettyName }),
  };
}

/** A package in Clair's form. */
export function clairPackage(pkg: Package, id: string): ClairPackage {
  const { name, version, source, architecture, cpes } = pkg;
  // Clair's module is `name:stream`.
  const module = pkg.module?.split(":", 2).join(":");
  const [cpe] = (cpes ?? []).filter(isCpe);
  return {
    id,
    name,
    version,
    kind: "BINARY",
    ...(source === undefined
      ? {}
      : { source: { id: `${id}s`, name: source.name, version: source.version, kind: "SOURCE" } }),
    ...(module === undefined ? {} : { module }),
    ...(architecture === undefined ? {} : { arch: architecture }),
    ...(cpe === undefined ? {} : { cpe }),
  };
}

/** Registries of language packages, one for each ecosystem. */
function repositoriesOf(packages: readonly Package[]): ReadonlyMap<string, ClairRepository> {
  const ecosystems = new Set(packages.filter((pkg) => pkg.class !== "os").map(({ ecosystem }) => ecosystem));
  return new Map([...ecosystems].sort().map((name, at) => [name, { id: String(at + 1), name }]));
}

function environmentsOf(
  pkg: Package,
  context: {
    readonly layers: readonly string[];
    readonly distribution: ClairDistribution | undefined;
    readonly repository: ClairRepository | undefined;
  },
): readonly ClairEnvironment[] {
  return pkg.locations.map(({ path, layer }) => {
    const introduced = layer === undefined ? undefined : context.layers[layer.index];
    return {
      package_db: path,
      ...(context.distribution === undefined ? {} : { distribution_id: context.distribution.id }),
      ...(isDigest(introduced) ? { introduced_in: introduced } : {}),
      ...(context.repository === undefined ? {} : { repository_ids: [context.repository.id] }),
    };
  });
}
