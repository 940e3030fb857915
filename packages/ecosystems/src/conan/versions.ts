import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { parseNativeRange } from "../shared/versions/native-range.ts";
import { compareDigits } from "../shared/versions/digits.ts";

interface ConanVersion {
  readonly main: readonly string[];
  /** Undefined: a release. Empty: a hyphen with nothing behind it, the first of all pre-releases. */
  readonly pre: readonly string[] | undefined;
  readonly build: readonly string[] | undefined;
}

const digitsOnly = /^\d+$/;

/**
 * Conan 2's order (conans/model/version.py): dot-separated items, numbers by value, anything else as text; trailing zeros
 * do not count; what follows `-` is a pre-release, what follows `+` a build, which does count.
 */
export const conanVersions: VersionScheme = defineVersionScheme<ConanVersion>({
  id: "conan",
  parse(text) {
    if (!/^[0-9A-Za-z.*_~-]+(?:\+[0-9A-Za-z.*_~+-]*)?$/.test(text)) return undefined;
    const plus = text.indexOf("+");
    const head = plus === -1 ? text : text.slice(0, plus);
    const hyphen = head.indexOf("-");
    const main = hyphen === -1 ? head : head.slice(0, hyphen);
    return {
      main: items(main),
      pre: hyphen === -1 ? undefined : items(head.slice(hyphen + 1)),
      build: plus === -1 ? undefined : items(text.slice(plus + 1)),
    };
  },
  compare(a, b) {
    const main = compareItems(a.main, b.main);
    if (main !== 0) return main;
    if (a.pre === undefined || b.pre === undefined) {
      if (a.pre !== b.pre) return a.pre === undefined ? 1 : -1;
    } else {
      const pre = compareItems(a.pre, b.pre);
      if (pre !== 0) return pre;
    }
    if (a.build === undefined || b.build === undefined)
      return Number(b.build === undefined) - Number(a.build === undefined);
    return compareItems(a.build, b.build);
  },
  // Conan 2, "Version ranges"; options behind a comma say nothing about versions.
  bounds: (range) =>
    parseNativeRange(
      range
        .replace(/^\s*\[([^[\]]*)\]\s*$/, "$1")
        .replaceAll(/,\s*[a-z_]+(?:\s*=\s*\w+)?/gi, " ")
        .replaceAll(/(^|\s)\*(?=\s|$)/g, "$1>=0.0.0"),
      { upper: "-" },
    ),
});

function items(text: string): readonly string[] {
  const parts = text.split(".");
  let end = parts.length;
  while (end > 0 && /^0*$/.test(parts[end - 1] ?? "")) end--;
  return parts.slice(0, end);
}

function compareItems(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const left = a[index] ?? "";
    const right = b[index] ?? "";
    const order =
      digitsOnly.test(left) && digitsOnly.test(right) ? compareDigits(left, right) : compareText(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
