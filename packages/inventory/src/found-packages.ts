import { workDone } from "@plimsoll/model";
import type {
  ArtifactKind,
  Diagnostic,
  Distro,
  Ecosystem,
  FoundPackage,
  LayerRef,
  PackageLocation,
} from "@plimsoll/model";
import { outerPath } from "./image-path.ts";
import { problemOf } from "./observe-file.ts";
import type { Statement } from "./survivors.ts";

/** One mention of a package, with its purl. */
export interface Found {
  readonly ecosystem: Ecosystem;
  readonly package: FoundPackage;
  readonly purl: string;
  /** The purl with the name in its one spelling: equal for mentions of one package. */
  readonly identity: string;
  readonly location: PackageLocation;
  /** Index of the layer that introduced it there; known also where locations do not show layers. */
  readonly layer: number;
  /** The file that mentions it: within it, keys name its neighbours. */
  readonly file: string;
  readonly analyzer: string;
  /** Does not count where a package of the distribution owns the file. */
  readonly yieldsToOwner: boolean;
}

/** Naming a package takes about as long as looking at so many bytes. */
const bytesPerName = 2_048;

/**
 * Names every package that was found. Mentions by analyzers that belong to no single ecosystem are reported instead. Packages that
 * documents such as SBOMs name go to their ecosystem, if it is among the given ones; operating-system packages among them count only
 * where no package database was found.
 */
export async function namePackages(
  statements: readonly Statement[],
  distro: Distro | undefined,
  layerRef: (layer: number) => LayerRef | undefined,
  { ecosystems, kind }: { readonly ecosystems: readonly Ecosystem[]; readonly kind: ArtifactKind },
): Promise<{ readonly found: readonly Found[]; readonly diagnostics: readonly Diagnostic[] }> {
  const found: Found[] = [];
  const diagnostics: Diagnostic[] = [];
  const byId = new Map(ecosystems.map((each) => [each.id, each]));
  const firstHand = new Set(
    statements.flatMap(({ planned, observation }) =>
      observation.kind === "package" && observation.ecosystem === undefined ? (planned.ecosystem?.id ?? []) : [],
    ),
  );
  for (const { planned, path, observation, layer } of statements) {
    if (observation.kind !== "package" || !isFor(observation.onlyFor, distro)) continue;
    await workDone(bytesPerName);
    const { id: analyzer, evidence } = planned;
    const told = observation.ecosystem === undefined ? undefined : byId.get(observation.ecosystem);
    // Nobody asked for packages of an ecosystem that is not given.
    if (told === undefined && observation.ecosystem !== undefined) continue;
    if (told?.class === "os" && firstHand.has(told.id)) continue;
    const ecosystem = told ?? planned.ecosystem;
    const ref = layerRef(layer);
    const location: PackageLocation = {
      path: placeOf(path, observation.at),
      ...(ref === undefined ? {} : { layer: ref }),
      ...(observation.line === undefined ? {} : { line: observation.line }),
      evidence,
    };
    const complain = (problem: Diagnostic): void => {
      const place = { path, ...(ref === undefined ? {} : { layer: ref }) };
      diagnostics.push({ ...problem, location: place, analyzer });
    };
    if (ecosystem === undefined) {
      complain(problemOf(new Error("it belongs to several ecosystems but reports packages"), analyzer, path));
      continue;
    }
    const pkg = withOrigin(observation.package, kind);
    const purl = purlOf(ecosystem, pkg, distro, complain);
    const normal = ecosystem.normalName?.(pkg.name) ?? pkg.name;
    found.push({
      ecosystem,
      package: pkg,
      purl,
      identity: normal === pkg.name ? purl : purlOf(ecosystem, { ...pkg, name: normal }, distro, complain),
      location,
      layer,
      file: path,
      analyzer,
      yieldsToOwner: planned.analyzer.yieldsTo?.owner === true,
    });
  }
  return { found, diagnostics };
}

/** In a source tree what states itself is the project; elsewhere it may have been unpacked from a registry. */
function withOrigin(found: FoundPackage, kind: ArtifactKind): FoundPackage {
  if (found.origin !== "manifest") return found;
  const { origin: _, ...rest } = found;
  return kind === "filesystem" ? { ...rest, origin: "project" } : rest;
}

/** Whether a distribution is the one with this id, or descends from it; any is, where none is asked for. */
function isFor(id: string | undefined, distro: Distro | undefined): boolean {
  return id === undefined || distro === undefined || distro.id === id || distro.idLike?.includes(id) === true;
}

/** Where a package was found: in the file, inside of it, or at another path that the analyzer names. */
function placeOf(path: string, at: string | undefined): string {
  if (at === undefined || at === "") return path;
  if (at.startsWith("!/")) return path + at;
  return at.startsWith("/") ? at.slice(1) : at;
}

function purlOf(
  ecosystem: Ecosystem,
  pkg: FoundPackage,
  distro: Distro | undefined,
  complain: (problem: Diagnostic) => void,
): string {
  try {
    return ecosystem.purl(pkg, distro);
  } catch (error) {
    complain(problemOf(error, `${ecosystem.id} purl`, `${pkg.name} ${pkg.version}`));
    return `pkg:generic/${encode(pkg.name)}@${encode(pkg.version)}`;
  }
}

/** As encodeURIComponent, which would throw for lone surrogates. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** The evidence file of a mention, without what follows inside of it. */
export function evidenceFile({ location }: Found): string {
  return outerPath(location.path);
}
