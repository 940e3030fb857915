import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "../shared/versions/digits.ts";

interface HackageVersion {
  readonly numbers: readonly string[];
  /** How the numbers were joined: dots, or hyphens where someone misspelled it. */
  readonly joints: string;
}

/**
 * Haskell's order (Package Versioning Policy): lists of numbers from the left, of two that agree the longer one is newer.
 * A version misspelled with hyphens is placed right after the proper spelling.
 */
export const hackageVersions: VersionScheme = defineVersionScheme<HackageVersion>({
  id: "hackage",
  parse: (text) =>
    /^\d+(?:[.-]\d+)*$/.test(text)
      ? { numbers: text.split(/[.-]/), joints: text.replaceAll(/\d+/g, "").replaceAll("-", "~") }
      : undefined,
  compare(a, b) {
    for (let index = 0; index < Math.min(a.numbers.length, b.numbers.length); index++) {
      const order = compareDigits(a.numbers[index] ?? "", b.numbers[index] ?? "");
      if (order !== 0) return order;
    }
    return a.numbers.length - b.numbers.length || compareText(a.joints, b.joints);
  },
});
