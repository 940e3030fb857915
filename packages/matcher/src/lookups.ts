import type {
  AdvisoryKey,
  AdvisoryStore,
  CoverageGap,
  Distro,
  Ecosystem,
  Package,
  VersionScheme,
} from "@plimsoll/model";
import { compareText, isOfRegistry, keysOfPackage, workDone } from "@plimsoll/model";

/** A package with the keys under which advisories may be about it. */
export interface Lookup {
  readonly package: Package;
  readonly ecosystem: Ecosystem;
  readonly keys: readonly KeyedScheme[];
}

/** A key with the scheme that compares its version. */
export interface KeyedScheme {
  readonly key: AdvisoryKey;
  readonly scheme: VersionScheme;
}

/** Which packages are looked up under which keys, and which are not. */
export interface LookupPlan {
  readonly lookups: readonly Lookup[];
  readonly gaps: readonly CoverageGap[];
  /** How many packages can be looked up: with a key that the store covers. */
  readonly covered: number;
  /** The namespaces of all keys, sorted. */
  readonly namespaces: readonly string[];
  /** Packages left to the advisories of the operating-system package that owns them, by id, with the reason. */
  readonly leftToOwner: ReadonlyMap<string, string>;
  /** The lookups of those packages, had they not been left to their owners. */
  readonly setAside: readonly Lookup[];
}

/** What planning needs to know. */
export interface PlanOptions {
  readonly ecosystems: readonly Ecosystem[];
  readonly distro: Distro | undefined;
  readonly ownedPackages: "distribution" | "both";
}

/** Naming what a package goes by takes about as long as looking at so many bytes. */
const bytesPerPackage = 1_024;

/** Finds out under which keys every package is to be looked up, and why some cannot be. */
export async function planLookups(
  packages: readonly Package[],
  store: AdvisoryStore,
  options: PlanOptions,
): Promise<LookupPlan> {
  const ecosystems = new Map(options.ecosystems.map((ecosystem) => [ecosystem.id, ecosystem]));
  const gaps = new GapCounter();
  const covers = memoized((namespace: string) => store.covers(namespace));
  const known = new Map<string, Lookup>();
  const lookups: Lookup[] = [];
  const namespaces = new Set<string>();

  for (const pkg of packages) {
    await workDone(bytesPerPackage);
    const ecosystem = ecosystems.get(pkg.ecosystem);
    if (ecosystem === undefined) {
      gaps.add("no-advisories", `No ecosystem "${pkg.ecosystem}" was given to match its packages with`);
      continue;
    }
    const keys = keysOfPackage(ecosystem, pkg, options.distro);
    for (const { namespace } of keys) namespaces.add(namespace);
    const covered = keys.filter(({ namespace }) => covers(namespace));
    if (covered.length === 0) {
      const gap = whyNot(ecosystem, pkg, keys, options.distro);
      if (gap !== undefined) gaps.add(gap.code, gap.message);
      continue;
    }
    if (covered.every(({ selective }) => selective === true)) {
      const missing = namespacesOf(keys.filter((key) => !covered.includes(key)));
      const holds = `the database holds advisories for only some of these packages (${namespacesOf(covered)})`;
      gaps.add(
        "no-advisories",
        missing === "" ? `Of ${pkg.name}, ${holds}` : `Of ${pkg.name}, ${holds}, and none for ${missing}`,
      );
    }
    const lookup: Lookup = {
      package: pkg,
      ecosystem,
      keys: covered.map((key) => ({ key, scheme: ecosystem.applicability?.schemeFor?.(key) ?? ecosystem.versions })),
    };
    known.set(pkg.id, lookup);
    lookups.push(lookup);
  }

  const leftToOwner = new Map<string, string>();
  if (options.ownedPackages === "distribution") {
    for (const { package: pkg, ecosystem } of lookups) {
      const reason = ownerDecides(pkg, ecosystem, known);
      if (reason !== undefined) leftToOwner.set(pkg.id, reason);
      await workDone(bytesPerPackage);
    }
  }
  return {
    lookups: lookups.filter(({ package: pkg }) => !leftToOwner.has(pkg.id)),
    gaps: gaps.list(),
    covered: lookups.length,
    namespaces: [...namespaces].sort(compareText),
    leftToOwner,
    setAside: lookups.filter(({ package: pkg }) => leftToOwner.has(pkg.id)),
  };
}

function whyNot(
  ecosystem: Ecosystem,
  pkg: Package,
  keys: readonly AdvisoryKey[],
  distro: Distro | undefined,
): { readonly code: string; readonly message: string } | undefined {
  // Nobody but its makers speaks of what is theirs alone; of copies of what is public somebody might.
  if (pkg.origin === "project" || pkg.origin === "path") return undefined;
  if (!isOfRegistry(pkg))
    return {
      code: "third-party-package",
      message:
        "Packages from repositories and archives do not come from a registry, so no advisories of registries apply to them",
    };
  const own = ecosystem.lookupGap?.(pkg, distro);
  if (own !== undefined) return own;
  if (keys.length === 0) return undefined;
  return { code: "no-advisories", message: `The database holds no advisories for ${namespacesOf(keys)}` };
}

/** Each namespace once, sorted, for people. */
function namespacesOf(keys: readonly AdvisoryKey[]): string {
  return [...new Set(keys.map(({ namespace }) => namespace))].toSorted(compareText).join(", ");
}

/**
 * Why the distribution's advisories speak for a package: all places where it was found belong to packages of the operating system
 * that are the distribution's and can be looked up. Where those cannot be, the package speaks for itself: better said twice than not at all.
 */
function ownerDecides(pkg: Package, ecosystem: Ecosystem, known: ReadonlyMap<string, Lookup>): string | undefined {
  if (ecosystem.class === "os" || pkg.locations.length === 0) return undefined;
  const owners = new Set<string>();
  for (const { ownedBy } of pkg.locations) {
    const owner = ownedBy === undefined ? undefined : known.get(ownedBy);
    if (owner === undefined || owner.ecosystem.class !== "os") return undefined;
    owners.add(`${owner.package.name} ${owner.package.version}`);
  }
  return `Its files belong to ${[...owners].toSorted(compareText).join(", ")}; the distribution's advisories decide`;
}

/** Counts the packages behind each distinct sentence. */
class GapCounter {
  readonly #gaps = new Map<string, { readonly code: string; readonly message: string; packages: number }>();

  add(code: string, message: string): void {
    const key = `${code}\n${message}`;
    const gap = this.#gaps.get(key);
    if (gap === undefined) this.#gaps.set(key, { code, message, packages: 1 });
    else gap.packages++;
  }

  list(): readonly CoverageGap[] {
    return [...this.#gaps.values()];
  }
}

function memoized<T>(ask: (name: string) => T): (name: string) => T {
  const answers = new Map<string, T>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask(name);
    answers.set(name, answer);
    return answer;
  };
}
