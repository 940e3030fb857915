import { FormatError, field, parseJson, record, textField } from "@plimsoll/formats";
import { findingKinds, listOfKind, ScanError } from "@plimsoll/model";
import type { Finding, Package, TriageRule } from "@plimsoll/model";
import { objectsField } from "./document-fields.ts";
import type { Fields } from "./document-fields.ts";
import { secretAt } from "./ignore-files/gitleaksignore.ts";
import type { IgnoreRule } from "./ignore-rules.ts";

/** A finding that a baseline has. */
interface KnownFinding {
  /** For people: `CVE-2020-1`, `aws-access-key-id in srv/.env`. */
  readonly scope: string;
}

interface KnownFindings {
  readonly entries: readonly KnownFinding[];
  /** Those entries that are this finding; several, where a report has one fingerprint twice. */
  entriesOf(finding: Finding, pkg: Package | undefined): readonly KnownFinding[];
}

/** The most entries without a finding that are named. */
const mostNamed = 5;

/**
 * A triage rule made of an earlier result: findings that the result has already are suppressed by `baseline`. Reads our JSON report, whose findings
 * are known by fingerprint, and the JSON report of gitleaks (`--report-format json`, whether redacted or not), whose findings are known
 * by rule, file and line or, where lines have moved, by the text around the secret. Entries that match nothing are reported as
 * diagnostics.
 * @throws ScanError `malformed-document` when the text is neither.
 */
export function baseline(text: string, { name }: { readonly name: string }): TriageRule {
  const known = readBaseline(text, name);
  const start = (): TriageRule => {
    const used = new Set<KnownFinding>();
    return {
      id: name,
      start,
      judge: (finding, pkg) => {
        const found = known.entriesOf(finding, pkg);
        found.forEach((entry) => used.add(entry));
        const [first] = found;
        return (
          first && {
            kind: "suppress",
            by: "baseline",
            reason: `known finding of the baseline ${name}`,
            scope: first.scope,
            origin: name,
          }
        );
      },
      remarks: () => {
        const unused = known.entries.filter((entry) => !used.has(entry));
        if (unused.length === 0) return [];
        const named = unused.slice(0, mostNamed).map(({ scope }) => scope);
        const more = unused.length > mostNamed ? ` and ${unused.length - mostNamed} more` : "";
        const verb = unused.length === 1 ? "is" : "are";
        return [
          {
            kind: "diagnostic",
            code: "triage",
            effect: "none",
            message: `${name}: ${unused.length} of its ${known.entries.length} findings ${verb} not there any more: ${named.join(", ")}${more}`,
            location: { path: name },
          },
        ];
      },
    };
  };
  return start();
}

function readBaseline(text: string, name: string): KnownFindings {
  let document: unknown;
  try {
    document = parseJson(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ScanError({ kind: "malformed-document", label: name, reason: error.message }, { cause: error });
  }
  if (Array.isArray(document)) return gitleaksFindings(document);
  const report = record(document);
  if (field(report, "schemaVersion") !== 2)
    throw new ScanError({
      kind: "malformed-document",
      label: name,
      reason: "it is neither a JSON report of this version nor one of gitleaks",
    });
  return reportedFindings(report);
}

function reportedFindings(report: Fields | undefined): KnownFindings {
  const byFingerprint = new Map<string, KnownFinding[]>();
  for (const kind of findingKinds)
    for (const finding of objectsField(report, listOfKind[kind])) {
      const fingerprint = textField(finding, "fingerprint");
      if (fingerprint === undefined) continue;
      const path = textField(record(field(finding, "location")), "path");
      const id = textField(finding, "id") ?? kind;
      const entry = { scope: path === undefined ? id : `${id} in ${path}` };
      const others = byFingerprint.get(fingerprint);
      if (others === undefined) byFingerprint.set(fingerprint, [entry]);
      else others.push(entry);
    }
  return {
    entries: [...byFingerprint.values()].flat(),
    entriesOf: ({ fingerprint }) => byFingerprint.get(fingerprint) ?? [],
  };
}

function gitleaksFindings(items: readonly unknown[]): KnownFindings {
  const entries = items.flatMap((item) => gitleaksFinding(record(item)) ?? []);
  return { entries, entriesOf: (finding, pkg) => entries.filter((entry) => entry.matches(finding, pkg)) };
}

/** As many asterisks stand for a longer secret, too. */
const longestMask = 40;

function gitleaksFinding(finding: Fields | undefined): (KnownFinding & Pick<IgnoreRule, "matches">) | undefined {
  const rule = textField(finding, "RuleID");
  const file = textField(finding, "File");
  const line = field(finding, "StartLine");
  if (rule === undefined || file === undefined || typeof line !== "number") return undefined;
  const secret = textField(finding, "Secret");
  const match = textField(finding, "Match");
  const around =
    secret === undefined || match === undefined || secret === "REDACTED" || match.includes("\n")
      ? undefined
      : match.replace(secret, () => "*".repeat(Math.min(longestMask, secret.length))).trim();
  const scope = `${rule} in ${file}:${line}`;
  const there = secretAt({ file, rule, line });
  if (around === undefined) return { scope, matches: there };
  const elsewhere = secretAt({ file, rule, line: 0 });
  const isMoved: IgnoreRule["matches"] = (found, pkg) =>
    found.kind === "secret" &&
    found.match.includes(around) &&
    elsewhere({ ...found, locations: found.locations.map(({ path }) => ({ path, line: 0 })) }, pkg);
  return { scope, matches: (found, pkg) => there(found, pkg) || isMoved(found, pkg) };
}
