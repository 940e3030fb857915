// Secrets of an inventory, with what comments in the files say of them.
import type { Diagnostic, InventorySecret, SecretFinding, SuppressedFinding } from "@plimsoll/model";
import { gapsOf } from "./coverage-gaps.ts";
import type { Scanned, Scanner } from "./scanners.ts";

/** The scanner for secrets, which its detector finds; those that an unexpired ignore comment covers are suppressed. */
export const secrets: Scanner = {
  id: "secret",
  finds: "secret",
  async detectors() {
    return [(await import("@plimsoll/secrets")).secretDetector()];
  },
  scan({ secrets: found, diagnostics, artifact }, { now }) {
    if (found === undefined) {
      const message = `${artifact.name} was not searched for secrets`;
      return Promise.resolve({
        findings: [],
        verdict: "unsupported",
        gaps: [{ scanner: "secret", code: "unsupported-format", message }],
      });
    }
    const gaps = gapsOf(diagnostics, "secret");
    return Promise.resolve({
      ...judgeComments(found, now?.slice(0, 10)),
      verdict: gaps.length === 0 ? "complete" : "partial",
      gaps,
    });
  },
};

function judgeComments(
  found: readonly InventorySecret[],
  today: string | undefined,
): Pick<Scanned, "findings" | "setAside" | "diagnostics"> {
  const findings: SecretFinding[] = [];
  const setAside: SuppressedFinding[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { comment, ...finding } of found) {
    const path = finding.location?.path ?? "";
    const { text = "", line = 0, until } = comment ?? {};
    const isExpired = until !== undefined && today !== undefined && until < today;
    if (isExpired)
      diagnostics.push({
        kind: "diagnostic",
        code: "triage",
        effect: "none",
        message: `the comment ${text} has expired on ${until}`,
        location: { path, line },
      });
    if (comment === undefined || isExpired) findings.push(finding);
    else
      setAside.push({
        finding,
        by: "comment",
        reason: `the comment ${text} in the file`,
        scope: `${finding.id} in ${path}`,
        ...(until === undefined ? {} : { expires: until }),
        origin: `${path}, line ${line}`,
      });
  }
  return { findings, setAside, diagnostics };
}
