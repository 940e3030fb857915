import { field, record, textField } from "@plimsoll/formats";
import { objectsField, textsField } from "../document-fields.ts";
import type { Fields } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import { productOf } from "./shared/product.ts";
import type { VexDocument, VexProduct, VexStatement, VexStatus } from "./shared/statement.ts";

/** Whether a document is a CycloneDX BOM. */
export function isCyclonedx(document: Fields): boolean {
  return textField(document, "bomFormat") === "CycloneDX";
}

/** Reads the analyses of a CycloneDX 1.4 to 1.7 document: https://cyclonedx.org/capabilities/vex/ */
export function readCyclonedxVex(document: Fields): VexDocument {
  const refs = componentRefs(document);
  const problems: string[] = [];
  const statements = objectsField(document, "vulnerabilities").flatMap(
    (vulnerability, index): readonly VexStatement[] => {
      const analysis = record(field(vulnerability, "analysis"));
      // Without an analysis it is a finding of whoever wrote the BOM, not a statement about it.
      if (analysis === undefined) return [];
      const tell = (problem: string): void => void problems.push(`vulnerabilities[${index}]: ${problem}`);
      const read = readVulnerability(vulnerability, analysis, refs, tell);
      if (typeof read !== "string") return [read];
      tell(read);
      return [];
    },
  );
  return { author: authorOf(document), statements, problems };
}

const states: ReadonlyMap<string, VexStatus> = new Map([
  ["not_affected", "not_affected"],
  ["false_positive", "not_affected"],
  ["resolved", "fixed"],
  ["resolved_with_pedigree", "fixed"],
  ["exploitable", "affected"],
  ["in_triage", "under_investigation"],
]);

function readVulnerability(
  vulnerability: Fields,
  analysis: Fields,
  refs: ReadonlyMap<string, string>,
  tell: Reading["tell"],
): VexStatement | string {
  const status = states.get(textField(analysis, "state") ?? "");
  if (status === undefined) return "no analysis state that CycloneDX knows";
  const ids = [
    ...textsField(vulnerability, "id"),
    ...objectsField(vulnerability, "references").flatMap((reference) => textField(reference, "id") ?? []),
  ];
  if (ids.length === 0) return "no id";
  const why = ["justification", "detail"].flatMap((name) => textField(analysis, name) ?? []).join(": ");
  const updated = readExpiry(textField(analysis, "lastUpdated") ?? textField(analysis, "firstIssued"));
  return {
    ids,
    status,
    why: why === "" ? undefined : why,
    at: typeof updated === "object" ? updated.at : undefined,
    products: objectsField(vulnerability, "affects").flatMap((affected) =>
      readAffected(affected, refs, { status, tell }),
    ),
  };
}

/** How a statement about some versions is read. */
interface Reading {
  readonly status: VexStatus;
  /** Takes what cannot be applied. */
  readonly tell: (problem: string) => void;
}

function readAffected(affected: Fields, refs: ReadonlyMap<string, string>, reading: Reading): readonly VexProduct[] {
  const ref = textField(affected, "ref");
  if (ref === undefined) return [];
  const component = refs.get(ref) ?? linkedComponent(ref);
  if (component === undefined) return [];
  const product = productOf(component);
  const versions = objectsField(affected, "versions");
  if (versions.length === 0) return [product];
  const isMeant = meantOf(versions, reading.status).map((version) => readVersions(version, reading));
  return [
    {
      covers: (finding, run) => isMeant.some((is) => is(finding.package.version)) && product.covers(finding, run),
    },
  ];
}

/**
 * The versions that an analysis is about. Each has a status, which is `affected` where none is stated (CycloneDX 1.4, `affects.versions.status`).
 * What says that there is no danger is not about versions that are affected beside others that are not, nor about those of which nothing is known;
 * what says that there may be some is not about versions that are unaffected. Where all have the same status, all are meant.
 */
function meantOf(versions: readonly Fields[], status: VexStatus): readonly Fields[] {
  const statuses = versions.map((version) => textField(version, "status") ?? "affected");
  if (new Set(statuses).size === 1 && statuses[0] !== "unknown") return versions;
  const isDanger = status === "affected" || status === "under_investigation";
  return versions.filter((_, index) => (statuses[index] === "unaffected") !== isDanger);
}

/**
 * Which versions an entry means: one, or a range (https://github.com/package-url/vers-spec). Nobody knows here how versions of its type are
 * compared: of bounds it is told that they hide nothing, and what takes back a statement takes it back for all versions.
 */
function readVersions(entry: Fields, { status, tell }: Reading): (version: string) => boolean {
  const one = textField(entry, "version");
  if (one !== undefined) return (version) => version === one;
  const range = textField(entry, "range") ?? "";
  const parts = /^vers:[^/]+\/(.+)$/
    .exec(range)?.[1]
    ?.split("|")
    .map((part) => part.trim());
  if (parts?.includes("*") === true) return () => true;
  const named = new Set(
    parts?.flatMap((part) => (/^[<>!]/.test(part) ? [] : (decode(part.replace(/^=/, "")) ?? []))) ?? [],
  );
  if (parts !== undefined && named.size === parts.length) return (version) => named.has(version);
  if (status === "affected" || status === "under_investigation") return () => true;
  tell(`versions are compared only with those that are named, not with the range "${range.slice(0, 200)}"`);
  return (version) => named.has(version);
}

/** BOM-Link, `urn:cdx:<serial>/<version>#<bom-ref>`: the reference leads into another document, but is a purl more often than not. */
function linkedComponent(ref: string): string | undefined {
  const link = ref.startsWith("urn:cdx:") ? ref.slice(ref.indexOf("#") + 1) : ref;
  if (link.startsWith("pkg:")) return link;
  const decoded = decode(link);
  return decoded?.startsWith("pkg:") === true ? decoded : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What each `bom-ref` names: a purl, or, for the component that the whole BOM describes and that has none, its name. */
function componentRefs(document: Fields): ReadonlyMap<string, string> {
  const refs = new Map<string, string>();
  const root = record(field(record(field(document, "metadata")), "component"));
  const add = (component: Fields | undefined, isRoot: boolean): void => {
    const ref = textField(component, "bom-ref");
    const name = textField(component, "purl") ?? (isRoot ? textField(component, "name") : undefined);
    if (ref !== undefined && name !== undefined) refs.set(ref, name);
  };
  add(root, true);
  // Components hold components; a list that grows while it is walked needs no recursion.
  const components = [...objectsField(document, "components"), ...objectsField(root, "components")];
  for (const component of components) {
    add(component, false);
    for (const inner of objectsField(component, "components")) components.push(inner);
  }
  return refs;
}

function authorOf(document: Fields): string | undefined {
  const metadata = record(field(document, "metadata"));
  const supplier = record(field(metadata, "supplier")) ?? record(field(metadata, "manufacturer"));
  return (
    textField(supplier, "name") ??
    objectsField(metadata, "authors").flatMap((author) => textField(author, "name") ?? [])[0]
  );
}
