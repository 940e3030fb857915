import type { SuppressedFinding } from "@plimsoll/model";

/** What a VEX statement said of a suppressed finding. */
export interface VexStatement {
  readonly status: "not_affected" | "fixed";
  /** One of OpenVEX's five justifications (OpenVEX 0.2.0, "Status Justifications"). */
  readonly justification?: string;
  /** The justification in the statement's own words: those of OpenVEX and CSAF, or of CycloneDX. */
  readonly stated?: string;
}

/** Justifications of OpenVEX and CSAF, and of CycloneDX with the former that means the same, where one does (ECMA-424 §10, impact analysis). */
const justifications: ReadonlyMap<string, string | undefined> = new Map([
  ...[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
  ].map((word) => [word, word] as const),
  ["code_not_present", "vulnerable_code_not_present"],
  ["code_not_reachable", "vulnerable_code_not_in_execute_path"],
  ["requires_configuration", undefined],
  ["requires_dependency", undefined],
  ["requires_environment", undefined],
  ["protected_by_compiler", "inline_mitigations_already_exist"],
  ["protected_at_runtime", "inline_mitigations_already_exist"],
  ["protected_at_perimeter", "inline_mitigations_already_exist"],
  ["protected_by_mitigating_control", "inline_mitigations_already_exist"],
]);

/** The VEX status of a suppressed finding. Undefined when no VEX document suppressed it: an ignore rule says nothing about exploitability. */
export function vexStatus({ by, reason }: Pick<SuppressedFinding, "by" | "reason">): VexStatement | undefined {
  if (!/^vex\b/.test(by)) return undefined;
  // The justification is the first word of its kind: what follows is free text.
  const stated = reason.match(/(?<![a-z])[a-z]+(?:_[a-z]+)+/g)?.find((word) => justifications.has(word));
  if (stated === undefined && /^(?:fixed|resolved)/.test(reason)) return { status: "fixed" };
  if (stated === undefined) return { status: "not_affected" };
  const justification = justifications.get(stated);
  return { status: "not_affected", stated, ...(justification === undefined ? {} : { justification }) };
}
