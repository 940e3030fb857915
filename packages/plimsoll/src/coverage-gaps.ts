import type { CoverageGap, Diagnostic, ScannerId } from "@plimsoll/model";

/** The coverage gaps that follow from the diagnostics of an inventory. `scanner`: only those of one scanner. */
export function gapsOf(diagnostics: readonly Diagnostic[], scanner?: ScannerId): readonly CoverageGap[] {
  return diagnostics
    .filter(({ effect }) => effect === "incomplete")
    .map(({ code, message, location }) => ({
      ...(scanner === undefined ? {} : { scanner }),
      code,
      message,
      ...(location === undefined ? {} : { path: location.path }),
    }));
}
