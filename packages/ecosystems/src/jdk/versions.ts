import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigitLists } from "../shared/versions/digits.ts";
import { comparePreReleases } from "../shared/versions/identifiers.ts";

interface JavaVersion {
  readonly numbers: readonly string[];
  readonly pre: readonly string[];
}

/** `1.8.0_292`, `1.8.0-update_292`, `1.6.0`: the numbering up to Java 8. */
const legacy = /^1\.(\d+)(?:\.(\d+))?(?:(?:_|-update_?)(\d+))?(.*)$/s;

/** `8u292`. */
const short = /^(\d+)u(\d+)(.*)$/s;

/** JEP 322: `11.0.12`, `17.0.9+9-LTS`, `9-ea`. */
const modern = /^(\d+(?:\.\d+)*)(.*)$/s;

/**
 * The order of Java releases over both numberings (JEP 223 and 322): `1.8.0_292` is `8.0.292`; build numbers do not count,
 * an early access build comes before its release.
 */
export const jvmVersions: VersionScheme = defineVersionScheme<JavaVersion>({
  id: "jvm",
  parse(text) {
    const old = legacy.exec(text);
    if (old !== null && /^(?:[-+.].*)?$/s.test(old[4] ?? "")) {
      return { numbers: [old[1] ?? "", old[2] ?? "", old[3] ?? ""], pre: preRelease(old[4] ?? "") };
    }
    const update = short.exec(text);
    if (update !== null) return { numbers: [update[1] ?? "", "", update[2] ?? ""], pre: preRelease(update[3] ?? "") };
    const [, numbers, rest = ""] = modern.exec(text) ?? [];
    if (numbers === undefined || !/^(?:[-+_].*)?$/s.test(rest)) return undefined;
    return { numbers: numbers.split("."), pre: preRelease(rest) };
  },
  compare: (a, b) => compareDigitLists(a.numbers, b.numbers) || comparePreReleases(a.pre, b.pre),
});

/** The pre-release of what follows the numbers: `-ea`, `-ea-b02`, `-beta1+5`; builds (`-b08`, `+7`) and vendor suffixes are none. */
function preRelease(rest: string): readonly string[] {
  const [, word] = /^-([A-Za-z]+\d*)(?![0-9A-Za-z])/.exec(rest) ?? [];
  return word === undefined || /^b\d+$/.test(word) || /^lts$/i.test(word) ? [] : [word];
}
