import { everyEcosystem } from "@plimsoll/ecosystems";
import { match } from "@plimsoll/matcher";
import { severities } from "@plimsoll/model";
import type { AdvisoryStore, CallOptions, Distro, Severity, Vulnerability } from "@plimsoll/model";
import { syntheticInventory } from "./matchable-package.ts";
import type { MatchablePackage } from "./matchable-package.ts";

/** The stored form of a vulnerability in a package: what is needed to find out what an update changed, and to notify about it. */
export interface KnownFinding {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly severity: Severity;
  readonly status: Vulnerability["status"];
  readonly fixedVersion?: string;
  readonly knownExploited?: true;
  /** The name that was looked up. */
  readonly namespace: string;
  readonly name: string;
  /** Id of the advisory that the finding is based on. */
  readonly advisory: string;
}

/** A difference between the stored findings of a package and the current ones. */
export interface FindingChange {
  readonly kind: "added" | "removed" | "changed";
  readonly before?: KnownFinding;
  readonly after?: KnownFinding;
}

/** The rank of a severity; 0 is the worst. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}

/** Packages matched in one go: keeps what the matcher holds at a time small. */
const packagesPerMatch = 500;

/** Matches packages of one distribution; returns the findings of each, sorted by id, under the keys of `packages`. */
export async function matchPackages(
  packages: ReadonlyMap<string, MatchablePackage>,
  distro: Distro | undefined,
  store: AdvisoryStore,
  options: CallOptions = {},
): Promise<ReadonlyMap<string, readonly KnownFinding[]>> {
  const found = new Map<string, KnownFinding[]>([...packages.keys()].map((key) => [key, []]));
  const entries = [...packages];
  for (let at = 0; at < entries.length; at += packagesPerMatch) {
    const inventory = syntheticInventory(new Map(entries.slice(at, at + packagesPerMatch)), distro);
    const { vulnerabilities } = await match(inventory, store, { ecosystems: everyEcosystem, signal: options.signal });
    for (const vulnerability of vulnerabilities) found.get(vulnerability.package.id)?.push(toKnown(vulnerability));
  }
  return new Map([...found].map(([key, list]) => [key, list.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))]));
}

function toKnown(vulnerability: Vulnerability): KnownFinding {
  const { id, aliases, severity, status, fixedVersion, knownExploited, explanation } = vulnerability;
  return {
    id,
    aliases,
    severity,
    status,
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    ...(knownExploited === undefined ? {} : { knownExploited: true }),
    namespace: explanation.key.namespace,
    name: explanation.key.name,
    advisory: explanation.advisory,
  };
}

/** The differences between two lists of findings. Two findings are the same vulnerability if they share an id or alias. */
export function findingChanges(
  before: readonly KnownFinding[],
  after: readonly KnownFinding[],
): readonly FindingChange[] {
  const earlier = new Map(before.flatMap((finding) => idsOf(finding).map((id) => [id, finding] as const)));
  const stayed = new Set<KnownFinding>();
  const changes: FindingChange[] = [];
  for (const finding of after) {
    const old = idsOf(finding)
      .map((id) => earlier.get(id))
      .find((candidate) => candidate !== undefined && !stayed.has(candidate));
    if (old === undefined) changes.push({ kind: "added", after: finding });
    else {
      stayed.add(old);
      if (saysOther(old, finding)) changes.push({ kind: "changed", before: old, after: finding });
    }
  }
  return [
    ...changes,
    ...before.flatMap((finding) => (stayed.has(finding) ? [] : [{ kind: "removed", before: finding } as const])),
  ];
}

function idsOf({ id, aliases }: KnownFinding): readonly string[] {
  return [id, ...aliases];
}

function saysOther(a: KnownFinding, b: KnownFinding): boolean {
  return (
    a.id !== b.id ||
    a.severity !== b.severity ||
    a.status !== b.status ||
    a.fixedVersion !== b.fixedVersion ||
    a.knownExploited !== b.knownExploited
  );
}
