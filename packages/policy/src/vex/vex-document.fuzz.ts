import { ScanError } from "@plimsoll/model";
import { finding, pkg } from "../fixtures/literal-findings.ts";
import { applyPolicies, vexDocument } from "../index.ts";

const left = pkg("pkg:npm/left@1.0");

/** Any text is a policy or a ScanError; and a policy judges. */
export function fuzz(input: Uint8Array): void {
  try {
    const policy = vexDocument(new TextDecoder().decode(input), { name: "fuzz" });
    applyPolicies([finding("CVE-2020-1", left)], [policy], [left]);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}
