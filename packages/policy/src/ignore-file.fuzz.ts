import { ScanError } from "@plimsoll/model";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import { applyPolicies, ignoreFile } from "./index.ts";

const left = pkg("pkg:npm/left@1.0");
const formats = ["plimsollignore", "trivyignore", "trivyignore-yaml", "osv-scanner", "grype"] as const;

/** Any text is a policy, in every format, or a ScanError; and a policy judges. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const format of formats) {
    try {
      const policy = ignoreFile(text, { name: "fuzz", format, now: "2026-01-01" });
      applyPolicies([finding("CVE-2020-1", left)], [policy], [left]);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
    }
  }
}
