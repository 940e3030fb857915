import type { Reporter } from "@plimsoll/model";

/** A format as `--format` names it. Options are those that it understands of all that a caller may say. */
export interface ReportFormat<Options = object> {
  /** Unique, stable. */
  readonly id: string;
  /** Versions of the standard that it can be written in. Absent: there is one. */
  readonly versions?: readonly string[];
  /** It lists packages, so that it says what it is for without any advisories: an SBOM. */
  readonly listsPackages?: true;
  /** Makes the reporter; it takes its own options out of the caller's. */
  make(options: Options & { readonly specVersion?: string | undefined }): Reporter;
}
