import type { Reporter } from "@plimsoll/model";

/** A format that `--format` offers. `Options`: the options that this format understands. */
export interface ReportFormat<Options = object> {
  /** Unique, stable. */
  readonly id: string;
  /** Versions of the standard that it can be written in. Absent: there is one. */
  readonly versions?: readonly string[];
  /** The format lists packages, so it is useful without an advisory database: an SBOM. */
  readonly listsPackages?: true;
  /** Makes the reporter from the caller's options, of which it reads only its own. */
  make(options: Options & { readonly specVersion?: string | undefined }): Reporter;
}
