import { FormatError, field, record, textField } from "@plimsoll/formats";
import type { AdvisoryFeed, CallOptions, Enrichment, FeedDocument, FeedRecord } from "@plimsoll/model";
import { documentJson, malformed } from "../shared/document-text.ts";

/** CISA's catalogue of known exploited vulnerabilities: https://www.cisa.gov/known-exploited-vulnerabilities-catalog. */
export const kev: AdvisoryFeed = {
  id: "kev",
  accepts: (name) => /(?:^|\/)known_exploited_vulnerabilities\.json$/.test(name),
  parse,
};

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  let catalogue: unknown;
  try {
    catalogue = await documentJson(document, options);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
    return;
  }
  const entries = field(record(catalogue), "vulnerabilities");
  if (!Array.isArray(entries)) {
    yield malformed(document.name, "no list of vulnerabilities");
    return;
  }
  for (const [index, entry] of entries.entries()) yield readEntry(entry, `${document.name}#${index}`);
}

function readEntry(value: unknown, path: string): FeedRecord {
  const entry = record(value);
  const cve = textField(entry, "cveID");
  const dateAdded = textField(entry, "dateAdded");
  if (cve === undefined || dateAdded === undefined) return malformed(path, "an entry without CVE or date");
  const dueDate = textField(entry, "dueDate");
  const ransomware = textField(entry, "knownRansomwareCampaignUse") === "Known";
  const title = textField(entry, "vulnerabilityName");
  const description = textField(entry, "shortDescription");
  const enrichment: Enrichment = {
    knownExploited: { dateAdded, ...(dueDate === undefined ? {} : { dueDate }), ...(ransomware ? { ransomware } : {}) },
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
  return { kind: "enrichment", cve, enrichment };
}
