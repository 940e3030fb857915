// Clair's documents: https://clairproject.org/api/http/v1/.

/** Clair's media types; `older` is how its releases spell them, `name` how its API documents do. */
export interface ClairMediaType {
  readonly name: string;
  readonly older: string;
}

function mediaType(name: string): ClairMediaType {
  return {
    name: `application/vnd.clair.${name}.v1+json`,
    older: `application/vnd.clair.${name.replaceAll("_", "")}.v1+json`,
  };
}

/** Media types by document. */
export const clairMediaTypes: Readonly<
  Record<
    | "manifest"
    | "bulkDelete"
    | "indexReport"
    | "indexState"
    | "vulnerabilityReport"
    | "notificationPage"
    | "vulnerabilitySummaries"
    | "affectedManifests"
    | "updateOperations"
    | "updateDiff",
    ClairMediaType
  >
> = {
  manifest: mediaType("manifest"),
  bulkDelete: mediaType("bulk_delete"),
  indexReport: mediaType("index_report"),
  indexState: mediaType("index_state"),
  vulnerabilityReport: mediaType("vulnerability_report"),
  notificationPage: mediaType("notification_page"),
  vulnerabilitySummaries: mediaType("vulnerability_summaries"),
  affectedManifests: mediaType("affected_manifests"),
  updateOperations: mediaType("update_operations"),
  updateDiff: mediaType("update_diff"),
};

/** All accepted and offered spellings of a document's media type, the documented one first. */
export function spellings({ name, older }: ClairMediaType): readonly string[] {
  return [...new Set([name, older, "application/json"])];
}

/** A manifest that a client asks to index. */
export interface ClairManifest {
  readonly hash: string;
  readonly layers: readonly ClairLayer[];
}

export interface ClairLayer {
  readonly hash: string;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

export interface ClairPackage {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly kind: "BINARY" | "SOURCE";
  readonly source?: ClairPackage;
  readonly module?: string;
  readonly arch?: string;
  readonly cpe?: string;
}

export interface ClairDistribution {
  readonly id: string;
  readonly did?: string;
  readonly name?: string;
  readonly version?: string;
  readonly version_code_name?: string;
  readonly version_id?: string;
  readonly arch?: string;
  readonly cpe?: string;
  readonly pretty_name?: string;
}

export interface ClairRepository {
  readonly id: string;
  readonly name?: string;
  readonly key?: string;
  readonly uri?: string;
}

export interface ClairEnvironment {
  readonly package_db?: string;
  readonly distribution_id?: string;
  readonly introduced_in?: string;
  readonly repository_ids?: readonly string[];
}

/** The result of indexing a manifest. */
export interface ClairIndexReport {
  readonly manifest_hash: string;
  readonly state: string;
  readonly err: string;
  readonly success: boolean;
  readonly packages: Readonly<Record<string, ClairPackage>>;
  readonly distributions: Readonly<Record<string, ClairDistribution>>;
  readonly repository: Readonly<Record<string, ClairRepository>>;
  readonly environments: Readonly<Record<string, readonly ClairEnvironment[]>>;
}

export type ClairSeverity = "Unknown" | "Negligible" | "Low" | "Medium" | "High" | "Critical";

/** The members that vulnerability summaries and vulnerabilities share. */
export interface ClairVulnerabilityCore {
  readonly name: string;
  readonly fixed_in_version?: string;
  readonly severity?: string;
  readonly normalized_severity: ClairSeverity;
  readonly range?: { readonly "["?: string; readonly ")"?: string };
  readonly arch_op?: "equals" | "not equals" | "pattern match";
  readonly package?: Omit<ClairPackage, "id"> & { readonly id?: string };
  readonly distribution?: ClairDistribution;
  readonly repository?: ClairRepository;
}

export interface ClairVulnerability extends ClairVulnerabilityCore {
  readonly id: string;
  readonly updater: string;
  readonly description?: string;
  readonly issued?: string;
  readonly links?: string;
}

/** The vulnerabilities of an indexed manifest. */
export interface ClairVulnerabilityReport extends Pick<
  ClairIndexReport,
  "manifest_hash" | "packages" | "distributions" | "repository" | "environments"
> {
  readonly vulnerabilities: Readonly<Record<string, ClairVulnerability>>;
  readonly package_vulnerabilities: Readonly<Record<string, readonly string[]>>;
  readonly enrichments: Readonly<Record<string, readonly unknown[]>>;
}

const normalized: Readonly<Record<string, ClairSeverity>> = {
  CRITICAL: "Critical",
  HIGH: "High",
  MEDIUM: "Medium",
  LOW: "Low",
  NEGLIGIBLE: "Negligible",
};

/** The severity as Clair names it. */
export function normalizedSeverity(severity: string): ClairSeverity {
  return normalized[severity] ?? "Unknown";
}

/** Both forms that Clair's schema takes: CPE 2.2 URIs and 2.3 formatted strings. Linear, and shorter than any real name may be. */
export function isCpe(text: string): boolean {
  if (text.length > 1_000) return false;
  if (/^cpe:\/[AHOaho]?(:[A-Za-z0-9._\-~%]*){0,6}$/i.test(text)) return true;
  const parts = text.split(/(?<!\\):/);
  return (
    parts.length === 13 &&
    parts[0] === "cpe" &&
    parts[1] === "2.3" &&
    /^[aho*-]$/.test(parts[2] ?? "") &&
    parts.every((part, at) => {
      if (at < 3) return true;
      if (part === "*" || part === "-") return true;
      if (at === 8) return /^[a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?$/.test(part);
      return /^[?*]*([a-zA-Z0-9\-._]|\\[\\*?!"#$%&'()+,/:;<=>@[\]^`{|}~])+[?*]*$/.test(part);
    })
  );
}
