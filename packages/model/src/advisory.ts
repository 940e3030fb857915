import type { ByteStream, CallOptions, RandomAccessBytes } from "./bytes.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** One name under which advisories may speak of a package. */
export interface AdvisoryKey {
  /** OSV spelling of ecosystem and release: `Alpine:v3.20`, `npm`. */
  readonly namespace: string;
  readonly name: string;
  /** The version to compare: the source package's for most distributions. */
  readonly version: string;
  /**
   * Set: the namespace has advisories for only some of the packages of this kind, so finding none does not mean that this package has
   * no vulnerabilities.
   */
  readonly selective?: true;
  /** Set: the name was derived from how such software is usually named, not taken from what the package states. */
  readonly guessed?: true;
}

/** A published statement that some packages are vulnerable. */
export interface Advisory {
  readonly id: string;
  /** Feed it came from: `osv/Alpine`. */
  readonly source: string;
  /** Other ids of the very same vulnerability. */
  readonly aliases: readonly string[];
  /** Vulnerabilities that this advisory covers, of which it may name several: the CVEs behind a DSA or an ALSA. */
  readonly upstream?: readonly string[];
  /** RFC 3339, as published. */
  readonly published?: string;
  readonly modified?: string;
  /** Time at which the publisher took the advisory back, RFC 3339. Such an advisory matches nothing. */
  readonly withdrawn?: string;
  readonly summary?: string;
  readonly details?: string;
  readonly severities: readonly AdvisorySeverity[];
  readonly cwes?: readonly string[];
  readonly references: readonly string[];
  readonly affected: readonly AffectedPackage[];
}

/** What an advisory says about one package in one namespace. */
export interface AffectedPackage {
  /** Id of the advisory this belongs to. */
  readonly advisory: string;
  readonly namespace: string;
  readonly name: string;
  /** A version is affected when it lies in any of these ranges. Further conditions are in {@link versions} and {@link expressions}. */
  readonly ranges: readonly AffectedRange[];
  /** Versions that are affected, whatever the ranges say. */
  readonly versions?: readonly string[];
  /** Ranges in the ecosystem's own grammar: a version in any of them, and in none of {@link unaffectedExpressions}, is affected as well. */
  readonly expressions?: readonly string[];
  readonly unaffectedExpressions?: readonly string[];
  /** Versions with the fix, where the feed lists them apart from ranges. */
  readonly patched?: readonly string[];
  /** Severities that hold for this package only. */
  readonly severities?: readonly AdvisorySeverity[];
  /** What the publisher says about a fix where there is none. */
  readonly status?: FixStatus;
  /** Facts that narrow it down; the ecosystem knows what they mean for its packages. */
  readonly qualifiers?: AffectedQualifiers;
}

/** What feeds state, besides versions, about where an entry applies. */
export interface AffectedQualifiers {
  /** Architectures of the builds that are affected, as the distribution spells them: `x86_64`, `aarch64`, `noarch`. */
  readonly arch?: readonly string[];
  /** Operating systems that the code is for, such as `windows` (RustSec). */
  readonly os?: readonly string[];
  /** Paths of the functions that are affected, such as `crate::parse` (RustSec). */
  readonly functions?: readonly string[];
  /** Streams of modules whose builds are affected, `name:stream` (RPM). An empty list: the plain build, which is of no module. */
  readonly modules?: readonly string[];
  /** Names of the binary packages that are affected, where `name` is that of their source. */
  readonly binaries?: readonly string[];
  /** Debian's word for how soon it is looked at, such as `low` or `unimportant`. */
  readonly urgency?: string;
  /** Packages of a Go module that hold the affected code. */
  readonly imports?: readonly AffectedImport[];
  /** Ranges of versions that Go's module proxy does not know, such as `>=1.0 <1.2`; a version in any of them is affected. */
  readonly customRanges?: readonly string[];
  /** RustSec: `unmaintained` and `notice`, facts that are no vulnerability; `unsound`, where safe code can break memory, which is one. */
  readonly informational?: string;
  /** Date on which the support of a distribution's release ends, `YYYY-MM-DD`. */
  readonly endOfLife?: string;
}

/** A package of a Go module that holds affected code: https://go.dev/doc/security/vuln/database#schema. */
export interface AffectedImport {
  /** Import path of the package. */
  readonly path: string;
  /** Functions and methods that are affected; absent: any of the package. */
  readonly symbols?: readonly string[];
  /** Operating systems on which it is affected, as Go names them; absent: all. */
  readonly goos?: readonly string[];
  /** Architectures on which it is affected, as Go names them; absent: all. */
  readonly goarch?: readonly string[];
}

/** From `introduced` (`0` is the beginning of time) up to `end`. */
export interface AffectedRange {
  readonly introduced: string;
  readonly end:
    | { readonly kind: "fixed"; readonly version: string }
    | { readonly kind: "last-affected"; readonly version: string }
    | { readonly kind: "open" };
}

/** A severity as somebody stated it. */
export interface AdvisorySeverity {
  /** `cvss-…`: `value` is a vector. `rating`: `value` is a word. */
  readonly system: "cvss-2.0" | "cvss-3.0" | "cvss-3.1" | "cvss-4.0" | "rating";
  readonly value: string;
  /** Who stated it: `nvd`, `ghsa`, `debian`, `alma`. */
  readonly source: string;
}

/** What is known about a fix: every word for it. */
export const fixStatuses = [
  "fixed",
  "affected",
  "will_not_fix",
  "fix_deferred",
  "end_of_life",
  "under_investigation",
] as const;

/** What is known about a fix. */
export type FixStatus = (typeof fixStatuses)[number];

/** What other catalogues know about a CVE. */
export interface Enrichment {
  readonly severities?: readonly AdvisorySeverity[];
  /** How advisories about any package rate the CVE, where no catalogue does: what a finding takes when nobody else rates it. */
  readonly elsewhere?: readonly AdvisorySeverity[];
  readonly cwes?: readonly string[];
  readonly epss?: { readonly probability: number; readonly percentile: number; readonly date: string };
  readonly knownExploited?: { readonly dateAdded: string; readonly dueDate?: string; readonly ransomware?: boolean };
  readonly title?: string;
  readonly description?: string;
  readonly published?: string;
  readonly modified?: string;
}

/** One feed as a store holds it. */
export interface SourceInfo {
  /** `osv/Alpine`, `kev`. */
  readonly id: string;
  /** Number of records that the store has of it. */
  readonly records: number;
  /** Newest `modified` among them, RFC 3339: freshness of the data, not of the file. */
  readonly updatedAt?: string;
  /** When the source was last found to be current, RFC 3339. Absent: nobody noted it, and `updatedAt` is all that is known of its age. */
  readonly checkedAt?: string;
}

/** Advisories that can be looked up by package. Immutable; safe for concurrent use. */
export interface AdvisoryStore {
  /** Names the state of the data. Stores with the same data have the same revision. */
  readonly revision: string;
  readonly sources: readonly SourceInfo[];
  /** Problems of the data as a whole, such as that it could not be updated. Part of every report made with it. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Whether any feed in the store covers this namespace: tells "no advisory" from "nobody looked". */
  covers(namespace: string): boolean;
  /** What is stated under each key; result `i` answers key `i`. Versions are not compared. */
  find(keys: readonly AdvisoryKey[], options?: CallOptions): Promise<readonly (readonly AffectedPackage[])[]>;
  /** The advisories with these ids; undefined where there is none. */
  read(ids: readonly string[], options?: CallOptions): Promise<readonly (Advisory | undefined)[]>;
  /** What KEV, EPSS, the NVD and other catalogues say about these CVEs, in order; undefined for a CVE that none of them has. */
  enrich(cves: readonly string[], options?: CallOptions): Promise<readonly (Enrichment | undefined)[]>;
  /**
   * When the support of a distribution's release ends, `YYYY-MM-DD`; undefined where nothing in the store says so.
   * Absent: the store knows of no releases.
   * @param distribution `ID` of os-release. @param version `VERSION_ID`: `12.5` is of the release `12`.
   */
  endOfSupport?(distribution: string, version: string, options?: CallOptions): Promise<string | undefined>;
  /**
   * Every advisory that goes by an id: as its own, as an alias, or as a vulnerability it covers. Sorted by id. For questions of people:
   * it may read the whole store. Absent: the store cannot be searched.
   */
  named?(id: string, options?: CallOptions): Promise<readonly Advisory[]>;
  /** Releases the underlying file. */
  close?(): Promise<void>;
}

/** A document of a feed, as fetched. */
export interface FeedDocument {
  /** Name within the feed: `Alpine/all.zip`. */
  readonly name: string;
  readonly content: ByteStream;
  /** The same bytes at random, where the source can: archives are then read without holding them. */
  readonly bytes?: RandomAccessBytes;
}

/** One record that a feed's parser yields. */
export type FeedRecord =
  /** `partial`: the document states only part of what the feed says under this id; parts of the same source are joined. */
  | { readonly kind: "advisory"; readonly advisory: Advisory; readonly partial?: boolean }
  /** `whole`: it takes the place of what the feed said of the CVE before, by the time of its modification. Absent: it adds to it. */
  | { readonly kind: "enrichment"; readonly cve: string; readonly enrichment: Enrichment; readonly whole?: boolean }
  /** Left out on purpose, with the reason; counted, so that no record is lost silently. `source` as in {@link Advisory}, absent: the feed's id. */
  | {
      readonly kind: "skipped";
      readonly id: string;
      readonly reason: string;
      readonly source?: string;
      /** When the record last changed, RFC 3339: present when it takes the place of older records with its id. */
      readonly modified?: string;
    }
  | Diagnostic;

/** One feed. Where documents come from is not its business, so that every parser test runs offline. */
export interface AdvisoryFeed {
  /** `osv`, `kev`, `epss`. */
  readonly id: string;
  /** Whether the feed reads a document of this name. */
  accepts(name: string): boolean;
  parse(document: FeedDocument, options?: CallOptions): AsyncIterable<FeedRecord>;
}
