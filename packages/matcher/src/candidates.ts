import type {
  Advisory,
  AdvisoryKey,
  AdvisoryStore,
  AffectedPackage,
  CallOptions,
  Diagnostic,
  Distro,
  Package,
} from "@plimsoll/model";
import { compareText, isCve, sortedInTurns, workDone } from "@plimsoll/model";
import { judgeVersion } from "./affected.ts";
import { namedFixes, nearestFix } from "./fixes.ts";
import type { KeyedScheme, Lookup } from "./lookups.ts";
import { spokenOf } from "./vulnerability-ids.ts";
import type { SpokenOf } from "./vulnerability-ids.ts";

/** An advisory entry that affects the version of a package, for one of the vulnerabilities that the advisory is about. */
export interface Candidate {
  readonly lookup: Lookup;
  readonly keyed: KeyedScheme;
  readonly entry: AffectedPackage;
  readonly by: string;
  readonly advisory: Advisory;
  readonly spoken: Spoken;
  /** Every version that the entry names as fixed, without order. */
  readonly namedFixes: readonly string[];
  /** The nearest of {@link namedFixes} for this package's version; undefined when there is none. */
  readonly fix: string | undefined;
  /** The version was not known, and the entry counts because the caller asked for that. */
  readonly assumed: boolean;
}

/** One vulnerability that an advisory is about, with those of its ids that are CVE ids. */
export interface Spoken extends SpokenOf {
  readonly cves: readonly string[];
}

/** The result of judging every package against every entry under its keys. */
export interface CandidateSearch {
  /** By package, in the order of the lookups; each list sorted by advisory id. */
  readonly byPackage: readonly (readonly Candidate[])[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How to treat informational advisories and packages without a version. */
export interface CandidateOptions extends CallOptions {
  readonly distro: Distro | undefined;
  /** Whether advisories that are no vulnerabilities (`unmaintained`, `notice`) count. */
  readonly informational: "omit" | "report";
  /** Whether a package without a version counts as affected by every advisory under its name. */
  readonly unversioned: "unknown" | "affected";
}

/** Comparing a version with what an advisory says takes about as long as looking at so many bytes. */
const bytesPerEntry = 1_024;

/** Looks all keys up in one batch and judges each entry. */
export async function findCandidates(
  lookups: readonly Lookup[],
  store: AdvisoryStore,
  options: CandidateOptions,
): Promise<CandidateSearch> {
  const entriesOf = await findEntries(lookups, store, options);
  const unreadable = new UnreadableVersions();
  const hits: (readonly Hit[])[] = [];
  for (const lookup of lookups) {
    hits.push(judgeLookup(lookup, entriesOf, unreadable, options));
    const entries = lookup.keys.reduce((count, { key }) => count + entriesOf(key).length, 0);
    await workDone(bytesPerEntry * (1 + entries));
  }

  const wanted = new Set<string>();
  for (const ofPackage of hits) for (const { entry } of ofPackage) wanted.add(entry.advisory);
  const ids = await sortedInTurns([...wanted], compareText);
  const advisories = ids.length === 0 ? [] : await store.read(ids, options);
  const byId = new Map<string, ToldApart>();
  for (const [index, id] of ids.entries()) {
    byId.set(id, tellApart(advisories[index] ?? bareAdvisory(id)));
    await workDone(bytesPerEntry);
  }
  const byPackage: (readonly Candidate[])[] = [];
  for (const ofPackage of hits) {
    byPackage.push(expand(ofPackage, byId));
    await workDone(bytesPerEntry * ofPackage.length);
  }
  return { byPackage, diagnostics: unreadable.diagnostics() };
}

type Hit = Pick<Candidate, "lookup" | "keyed" | "entry" | "by" | "assumed">;

/** An advisory with the vulnerabilities it is about: none once it was withdrawn. */
interface ToldApart {
  readonly advisory: Advisory;
  readonly spoken: readonly Spoken[];
}

type EntriesOf = (key: AdvisoryKey) => readonly AffectedPackage[];

async function findEntries(lookups: readonly Lookup[], store: AdvisoryStore, options: CallOptions): Promise<EntriesOf> {
  const keys = new Map<string, AdvisoryKey>();
  for (const lookup of lookups) {
    for (const { key } of lookup.keys) keys.set(`${key.namespace}\n${key.name}`, key);
    await workDone(bytesPerEntry);
  }
  const found = keys.size === 0 ? [] : await store.find([...keys.values()], options);
  const entries = new Map([...keys.keys()].map((text, index) => [text, found[index] ?? []]));
  return (key) => entries.get(`${key.namespace}\n${key.name}`) ?? [];
}

function judgeLookup(
  lookup: Lookup,
  entriesOf: EntriesOf,
  unreadable: UnreadableVersions,
  options: CandidateOptions,
): readonly Hit[] {
  const hits: Hit[] = [];
  const settled = settledEntries(lookup, entriesOf, options);
  for (const keyed of lookup.keys) {
    for (const entry of entriesOf(keyed.key)) {
      const speaks = settled === undefined ? appliesTo(lookup, entry, options) : settled.has(entry);
      if (!speaks) continue;
      const uncertain = lookup.ecosystem.applicability?.uncertain?.(lookup.package, entry, options.distro);
      if (uncertain !== undefined) {
        unreadable.addUncertain(lookup.package, entry, uncertain);
        continue;
      }
      if (keyed.key.version === "") {
        // Some schemes order the empty text, before everything: that is no version to be warned of.
        if (options.unversioned === "affected")
          hits.push({ lookup, keyed, entry, by: "version not known", assumed: true });
        else unreadable.add(lookup.package, keyed, entry, "");
        continue;
      }
      const verdict = judgeVersion(entry, keyed.key.version, keyed.scheme);
      if (verdict.kind === "affected") hits.push({ lookup, keyed, entry, by: verdict.by, assumed: false });
      else if (verdict.kind === "unknown") unreadable.add(lookup.package, keyed, entry, verdict.unreadable);
    }
  }
  return hits;
}

/** Whether an entry is about a package, whatever its version. */
function appliesTo(
  { package: pkg, ecosystem }: Lookup,
  entry: AffectedPackage,
  { informational, distro }: CandidateOptions,
): boolean {
  if (informational === "omit" && isInformational(entry)) return false;
  return ecosystem.applicability?.rejects?.(pkg, entry, distro) === undefined;
}

/** Those that count of the entries which apply, where the ecosystem knows whose word settles the others; undefined where all count. */
function settledEntries(
  lookup: Lookup,
  entriesOf: EntriesOf,
  options: CandidateOptions,
): ReadonlySet<AffectedPackage> | undefined {
  const { package: pkg, ecosystem, keys } = lookup;
  const { applicability } = ecosystem;
  if (applicability?.settles === undefined) return undefined;
  const applying = keys.flatMap(({ key }) => entriesOf(key).filter((entry) => appliesTo(lookup, entry, options)));
  return new Set(applying.length < 2 ? applying : applicability.settles(pkg, applying, options.distro));
}

/**
 * Whether an entry states a fact about a package that is no vulnerability, as RustSec's `informational` does. That safe code can break memory
 * (`unsound`) is one: of these advisories many have a CVE and a score (decision 0248).
 */
export function isInformational(entry: AffectedPackage): boolean {
  const value = entry.qualifiers?.informational;
  return value !== undefined && value !== "" && value !== "unsound";
}

/** Stores hand out the same advisory again as long as they remember it: then it was told apart before. */
const toldApart = new WeakMap<Advisory, ToldApart>();

function tellApart(advisory: Advisory): ToldApart {
  const known = toldApart.get(advisory);
  if (known !== undefined) return known;
  const spoken = advisory.withdrawn === undefined ? spokenOf(advisory) : [];
  const told = {
    advisory,
    spoken: spoken.map(({ ids, shared }) => ({ ids, shared, cves: ids.filter(isCve) })),
  };
  toldApart.set(advisory, told);
  return told;
}

function expand(hits: readonly Hit[], advisories: ReadonlyMap<string, ToldApart>): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const hit of hits) {
    const told = advisories.get(hit.entry.advisory);
    if (told === undefined) continue;
    const { lookup, keyed, entry, by, assumed } = hit;
    const { advisory } = told;
    const named = namedFixes(entry, keyed.scheme);
    const fix = nearestFix(entry, keyed.key.version, keyed.scheme, named);
    // Copying each hit with a spread took a tenth of all matching.
    for (const spoken of told.spoken)
      candidates.push({ lookup, keyed, entry, by, assumed, advisory, spoken, namedFixes: named, fix });
  }
  return candidates.sort(
    (a, b) =>
      compareText(a.advisory.id, b.advisory.id) ||
      compareText(a.by, b.by) ||
      compareText(a.keyed.key.namespace, b.keyed.key.namespace),
  );
}

/** A store may know that an advisory affects a package and have lost its text: the finding stays. */
function bareAdvisory(id: string): Advisory {
  return { id, source: "unknown", aliases: [], severities: [], references: [], affected: [] };
}

/** Collects what could not be compared, so that each text is reported once with the number of advisories left unjudged. */
class UnreadableVersions {
  readonly #found = new Map<
    string,
    { readonly sample: Diagnostic; readonly advisories: Set<string>; readonly message: string }
  >();

  add(pkg: Package, { key, scheme }: KeyedScheme, entry: AffectedPackage, text: string): void {
    const ofPackage = text === key.version;
    const message = ofPackage
      ? text === ""
        ? `${pkg.name} has no version to compare`
        : `Cannot compare version "${shorten(text)}" of ${pkg.name}: not a version of the scheme ${scheme.id}`
      : `Cannot compare "${shorten(text)}", a bound that ${entry.advisory} gives for ${key.name}: not a version of the scheme ${scheme.id}`;
    const [place] = pkg.locations;
    const id = ofPackage ? `${pkg.id}\n${message}` : message;
    const known = this.#found.get(id);
    if (known !== undefined) {
      known.advisories.add(entry.advisory);
      return;
    }
    const sample: Diagnostic = {
      kind: "diagnostic",
      code: "malformed-version",
      effect: "incomplete",
      message,
      ...(ofPackage && place !== undefined ? { location: bareLocation(place) } : {}),
    };
    this.#found.set(id, { sample, advisories: new Set([entry.advisory]), message });
  }

  addUncertain(pkg: Package, entry: AffectedPackage, reason: string): void {
    const message = `Cannot tell whether advisories are about ${pkg.name} ${shorten(pkg.version)}: ${reason}`;
    const id = `${pkg.id}\n${message}`;
    const known = this.#found.get(id);
    if (known !== undefined) {
      known.advisories.add(entry.advisory);
      return;
    }
    const [place] = pkg.locations;
    const sample: Diagnostic = {
      kind: "diagnostic",
      code: "unknown-version",
      effect: "incomplete",
      message,
      ...(place === undefined ? {} : { location: bareLocation(place) }),
    };
    this.#found.set(id, { sample, advisories: new Set([entry.advisory]), message });
  }

  diagnostics(): readonly Diagnostic[] {
    return [...this.#found.values()].map(({ sample, advisories, message }) => ({
      ...sample,
      message: `${message}; ${advisories.size === 1 ? "1 advisory was" : `${advisories.size} advisories were`} not judged`,
    }));
  }
}

function bareLocation({ path, layer, line }: Package["locations"][number]): NonNullable<Diagnostic["location"]> {
  return { path, ...(layer === undefined ? {} : { layer }), ...(line === undefined ? {} : { line }) };
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
