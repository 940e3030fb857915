import { FormatError, parseJson } from "@plimsoll/formats";
import { findingKinds, goesBy, listOfKind, ScanError } from "@plimsoll/model";
import type { TriageRule } from "@plimsoll/model";
import { field, fieldsOf, objectsField, textField } from "./document-fields.ts";
import type { Fields } from "./document-fields.ts";
import { secretAt } from "./ignore-files/gitleaksignore.ts";
import type { IgnoreRule } from "./ignore-rules.ts";

/** A finding that a baseline has. */
interface KnownFinding {
  readonly scope: string;
  readonly matches: IgnoreRule["matches"];
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
    const byFingerprint = new Map(
      known.flatMap((entry) => ("fingerprint" in entry ? [[entry.fingerprint, entry]] : [])),
    );
    const others = known.filter((entry) => !("fingerprint" in entry));
    return {
      id: name,
      start,
      judge: (finding, pkg) => {
        const found = byFingerprint.get(finding.fingerprint) ?? others.find((entry) => entry.matches(finding, pkg));
        if (found === undefined) return undefined;
        used.add(found);
        return {
          kind: "suppress",
          by: "baseline",
          reason: `known already, from ${name}`,
          scope: found.scope,
          origin: name,
        };
      },
      remarks: () => {
        const unused = known.filter((entry) => !used.has(entry));
        if (unused.length === 0) return [];
        const named = unused.slice(0, mostNamed).map(({ scope }) => scope);
        const more = unused.length > mostNamed ? ` and ${unused.length - mostNamed} more` : "";
        const verb = unused.length === 1 ? "is" : "are";
        return [
          {
            kind: "diagnostic",
            code: "triage",
            effect: "none",
            message: `${name}: ${unused.length} of its ${known.length} findings ${verb} not there any more: ${named.join(", ")}${more}`,
            location: { path: name },
          },
        ];
      },
    };
  };
  return start();
}

function readBaseline(text: string, name: string): readonly (KnownFinding & { readonly fingerprint?: string })[] {
  let document: unknown;
  try {
    document = parseJson(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ScanError({ kind: "malformed-document", label: name, reason: error.message }, { cause: error });
  }
  if (Array.isArray(document)) return document.flatMap((item) => gitleaksFinding(fieldsOf(item)) ?? []);
  const report = fieldsOf(document);
  if (report === undefined || field(report, "schemaVersion") !== 2)
    throw new ScanError({
      kind: "malformed-document",
      label: name,
      reason: "it is neither a JSON report of this version nor one of gitleaks",
    });
  return findingKinds.flatMap((kind) =>
    objectsField(report, listOfKind[kind]).flatMap((finding) => {
      const fingerprint = textField(finding, "fingerprint");
      if (fingerprint === undefined) return [];
      const path = textField(fieldsOf(field(finding, "location")), "path");
      const id = textField(finding, "id") ?? kind;
      return [
        {
          scope: path === undefined ? id : `${id} in ${path}`,
          fingerprint,
          matches: (other: Parameters<KnownFinding["matches"]>[0]) => other.fingerprint === fingerprint,
        },
      ];
    }),
  );
}

/** As many asterisks stand for a longer secret, too. */
const longestMask = 40;

function gitleaksFinding(finding: Fields | undefined): KnownFinding | undefined {
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
  const there = secretAt({ file, rule, line });
  const elsewhere = secretAt({ file, rule, line: 0 });
  return {
    scope: `${rule} in ${file}:${line}`,
    matches: (found, pkg) => {
      if (there(found, pkg)) return true;
      if (around === undefined || found.kind !== "secret" || !goesBy(found, [rule])) return false;
      const path = found.location?.path;
      const moved = { ...found, locations: [{ path: path ?? "", line: 0 }] };
      return elsewhere(moved, pkg) && found.match.includes(around);
    },
  };
}
