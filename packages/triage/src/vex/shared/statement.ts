import type { Vulnerability } from "@plimsoll/model";
import type { RunContext } from "./run-context.ts";

/** The four states that all VEX formats know. */
export type VexStatus = "not_affected" | "affected" | "fixed" | "under_investigation";

/** A statement of a VEX document about one vulnerability in some products. */
export interface VexStatement {
  /** All names of the vulnerability. */
  readonly ids: readonly string[];
  readonly status: VexStatus;
  /** Justification and impact, as stated. */
  readonly why?: string | undefined;
  /** Milliseconds since 1970; of two statements about the same, the later one counts. */
  readonly at?: number | undefined;
  readonly products: readonly VexProduct[];
}

/** A product of a statement: tells whether it is the package of a finding, or contains it. */
export interface VexProduct {
  covers(finding: Vulnerability, run: RunContext): boolean;
}

/** What was read from a VEX document. */
export interface VexDocument {
  readonly author?: string | undefined;
  readonly statements: readonly VexStatement[];
  /** Statements that cannot be applied, with the reason. */
  readonly problems: readonly string[];
}
