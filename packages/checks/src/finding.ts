import type { Location, Severity } from "@plimsoll/model";

/** A place in a text; both numbers are 1-based, columns count UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Replaces what is from `start` (inclusive) to `end` (exclusive) by `text`. */
export interface TextEdit {
  readonly path: string;
  readonly start: TextPosition;
  readonly end: TextPosition;
  readonly text: string;
}

/** A line of a file. */
export interface SnippetLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Whether it is among those that cause the finding. */
  readonly cause?: boolean;
}

/** What a check says about one document or object. */
export interface CheckFinding {
  readonly kind: "misconfiguration";
  readonly engine: "checks" | "rego";
  readonly subject: "file" | "image-config";
  readonly id: string;
  readonly aliases: readonly string[];
  readonly severity: Severity;
  readonly status: "fail" | "pass" | "unknown";
  readonly title: string;
  readonly message: string;
  readonly description: string;
  readonly resolution: string;
  readonly references: readonly string[];
  readonly resource: { readonly type: string; readonly name: string; readonly namespace?: string };
  readonly location: Location & { readonly endLine?: number };
  readonly locations: readonly Location[];
  readonly snippet?: readonly SnippetLine[];
  readonly fix?: { readonly edits: readonly TextEdit[] };
  readonly explanation: { readonly rule: string; readonly notes?: readonly string[] };
}
