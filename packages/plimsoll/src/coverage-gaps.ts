import type { CoverageGap, Diagnostic, ScannerId } from "@plimsoll/model";

/** Gaps that problems of an inventory leave: what may be missing from it was not looked at either. `scanner`: for one alone. */
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
