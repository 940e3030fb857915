import { ScanError } from "@plimsoll/model";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import { triage, vexDocument } from "./index.ts";

const left = pkg("pkg:npm/left@1.0");

/** Any text is a triage rule or a ScanError; and a triage rule judges. */
export function fuzz(input: Uint8Array): void {
  try {
    const rule = vexDocument(new TextDecoder().decode(input), { name: "fuzz" });
    triage([finding("CVE-2020-1", left)], [rule], [left]);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}
