import { ScanError } from "@plimsoll/model";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import * as registry from "./ignore-registry.ts";
import { triage, ignoreFile } from "./index.ts";

const left = pkg("pkg:npm/left@1.0");
const formats = Object.values(registry).map(({ id }) => id);

/** Any text is a triage rule, in every format, or a ScanError; and a triage rule judges. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const format of formats) {
    try {
      const rule = ignoreFile(text, { name: "fuzz", format, now: "2026-01-01" });
      triage([finding("CVE-2020-1", left)], [rule], [left]);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
    }
  }
}
