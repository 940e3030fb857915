import type { SuppressedFinding } from "@plimsoll/model";

/** What a VEX statement said of a suppressed finding. */
export interface VexStatement {
  readonly status: "not_affected" | "fixed";
  /** One of OpenVEX's five justifications (OpenVEX 0.2.0, "Status Justifications"). */
  readonly justification?: string;
}

const justification =
  /\b(?:component_not_present|vulnerable_code_(?:not_present|not_in_execute_path|cannot_be_controlled_by_adversary)|inline_mitigations_already_exist)\b/;

/** Undefined when no VEX document suppressed it: an ignore rule says nothing about exploitability. */
export function vexStatus({ by, reason }: Pick<SuppressedFinding, "by" | "reason">): VexStatement | undefined {
  if (!/^vex\b/.test(by)) return undefined;
  const stated = justification.exec(reason)?.[0];
  if (stated === undefined && /^(?:fixed|resolved)\b/.test(reason)) return { status: "fixed" };
  return { status: "not_affected", ...(stated === undefined ? {} : { justification: stated }) };
}
