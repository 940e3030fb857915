import type { Finding } from "@plimsoll/model";

/** Where to read on: the first reference that names the vulnerability, else OSV's page of it (https://google.github.io/osv.dev/). */
export function primaryUrl(finding: Pick<Finding, "id" | "references">): string {
  return webReferences(finding.references).find((url) => url.includes(finding.id)) ?? osvPage(finding.id);
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
