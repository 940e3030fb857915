import { goesBy } from "@plimsoll/model";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";

/** Lists of fingerprints of gitleaks: `.gitleaksignore`. */
export const gitleaksignore: IgnoreDialect<"gitleaksignore"> = {
  id: "gitleaksignore",
  claims: (base) => base.endsWith(".gitleaksignore"),
  read: readGitleaksignore,
};

/**
 * Reads `.gitleaksignore`: one fingerprint of gitleaks a line, `file:rule:line` or, from a history, `commit:file:rule:line`; `#` begins a comment.
 * https://github.com/gitleaks/gitleaks#gitleaksignore
 */
function readGitleaksignore(text: string): IgnoreRules {
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  text.split("\n").forEach((content, index) => {
    const line = index + 1;
    const place = `line ${line}`;
    const entry = content.trim();
    if (entry === "" || entry.startsWith("#")) return;
    const fingerprint = /^(?:[0-9a-f]{7,64}:)?(.+):([^:]+):(\d+)$/.exec(entry);
    if (fingerprint === null) {
      problems.push({ place, line, problem: `${entry.slice(0, 200)} is no fingerprint` });
      return;
    }
    const [, file = "", rule = "", number = ""] = fingerprint;
    const matches = secretAt({ file, rule, line: Number(number) });
    rules.push({ scope: `${rule} in ${file}:${number}`, place, line, matches });
  });
  return { rules, problems };
}

/**
 * Whether a finding is the secret that a fingerprint of gitleaks names: rule, file and line. Gitleaks writes files in archives after a
 * `!`.
 */
export function secretAt(at: {
  readonly file: string;
  readonly rule: string;
  readonly line: number;
}): IgnoreRule["matches"] {
  const path = at.file
    .replaceAll("\\", "/")
    .replace(/^(?:\.?\/)+/, "")
    .replace("!", ":");
  return (finding) =>
    finding.kind === "secret" &&
    goesBy(finding, [at.rule]) &&
    finding.locations.some((location) => location.path === path && location.line === at.line);
}
