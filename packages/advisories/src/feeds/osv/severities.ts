import { field, textField } from "@plimsoll/formats";
import type { AdvisorySeverity } from "@plimsoll/model";
import { numberField, objectField, objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** Reads `severity[]` of a record or of an `affected` entry: https://ossf.github.io/osv-schema/#severity-field. */
export function readSeverities(holder: JsonObject, source: string): AdvisorySeverity[] {
  return objectsField(holder, "severity").flatMap((severity): AdvisorySeverity[] => {
    const value = textField(severity, "score");
    if (value === undefined) return [];
    const system = systemOf(textField(severity, "type") ?? "", value);
    return [{ system, value, source: textField(severity, "source") ?? source }];
  });
}

/** The vector's own prefix decides; `CVSS_V3` stands for 3.0 and 3.1. Words, such as Ubuntu's priority, are ratings. */
function systemOf(type: string, value: string): AdvisorySeverity["system"] {
  if (value.startsWith("CVSS:3.0/")) return "cvss-3.0";
  if (value.startsWith("CVSS:3.1/")) return "cvss-3.1";
  if (value.startsWith("CVSS:4.0/")) return "cvss-4.0";
  if (type === "CVSS_V2" || /^\(?AV:[LAN]\/AC:[HML]\/Au:/.test(value)) return "cvss-2.0";
  return "rating";
}

/** Ratings of a record that stand outside of `severity[]`: GitHub's, Bitnami's and AlmaLinux' words. */
export function readRecordRatings(record: JsonObject, source: string): AdvisorySeverity[] {
  const stated = textField(objectField(record, "database_specific"), "severity");
  if (stated !== undefined && isWord(stated)) return [{ system: "rating", value: stated, source }];
  // Errata of the Red Hat family open their title with the rating: "Important: openssl security update".
  const summary = /^(Critical|Important|Moderate|Low): /.exec(textField(record, "summary") ?? "")?.[1];
  return summary === undefined ? [] : [{ system: "rating", value: summary, source }];
}

/** Ratings that hold for one package: Debian's urgency, Ubuntu's priority, RustSec's vector, scores without a vector. */
export function readAffectedRatings(affected: JsonObject, source: string): AdvisorySeverity[] {
  const ecosystem = objectField(affected, "ecosystem_specific");
  const database = objectField(affected, "database_specific");
  const ratings: AdvisorySeverity[] = [];
  for (const word of [
    textField(ecosystem, "urgency"),
    textField(ecosystem, "ubuntu_priority"),
    textField(ecosystem, "severity"),
    textField(database, "severity"),
  ]) {
    if (word !== undefined && isWord(word) && !unrated.has(word))
      ratings.push({ system: "rating", value: word, source });
  }
  const cvss = field(database, "cvss");
  if (typeof cvss === "string" && cvss.startsWith("CVSS:")) {
    ratings.push({ system: systemOf("", cvss), value: cvss, source });
  }
  if (ratings.length > 0) return ratings;
  for (const name of ["cvss_v4", "cvss_v3", "cvss_score", "cvss_v2"]) {
    const score = numberField(database, name);
    if (score !== undefined) return [{ system: "rating", value: wordFor(score), source }];
  }
  return ratings;
}

/** Words in the place of a rating that are none. `end-of-life` is a status. */
const unrated = new Set(["not yet assigned", "end-of-life", "undetermined"]);

function isWord(text: string): boolean {
  return text.length <= 40 && /^[A-Za-z][A-Za-z _-]*$/.test(text);
}

/** The qualitative rating of a base score: CVSS v3.1 specification, section 5. */
function wordFor(score: number): string {
  if (score >= 9) return "CRITICAL";
  if (score >= 7) return "HIGH";
  if (score >= 4) return "MEDIUM";
  return score > 0 ? "LOW" : "NONE";
}
