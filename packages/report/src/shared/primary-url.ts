import type { Finding, Vulnerability } from "@plimsoll/model";

/** The page about a vulnerability: the first reference that names its id, else OSV's page of it (https://google.github.io/osv.dev/). */
export function primaryUrl(finding: Pick<Vulnerability, "id" | "references">): string {
  return webReferences(finding.references).find((url) => url.includes(finding.id)) ?? osvPage(finding.id);
}

/** The page about a finding of any kind; undefined where the finding has no reference. */
export function pageOf(finding: Finding): string | undefined {
  switch (finding.kind) {
    case "vulnerability":
      return primaryUrl(finding);
    case "misconfiguration":
      return webReferences(finding.references)[0];
    default:
      return undefined;
  }
}

/** The references that are web addresses and nothing else: no scripts, no controls, no spaces. */
export function webReferences(references: readonly string[]): readonly string[] {
  return references.filter(isWebAddress);
}

function isWebAddress(reference: string): boolean {
  return reference.length <= 2048 && /^https?:\/\/[\x21-\x7e]+$/.test(reference) && URL.canParse(reference);
}

function osvPage(id: string): string {
  return `https://osv.dev/vulnerability/${encodeURIComponent(id.slice(0, 200).replace(/\p{Cs}/gu, "\ufffd"))}`;
}
