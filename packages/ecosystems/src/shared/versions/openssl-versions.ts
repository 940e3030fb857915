import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigitLists } from "./digits.ts";
import { comparePreReleases } from "./identifiers.ts";

interface OpensslVersion {
  readonly numbers: readonly string[];
  /** The patch letters of 0.9.8 to 1.1.1: `z` is followed by `za`. */
  readonly letters: string;
  readonly pre: readonly string[];
}

const shape = /^(\d+(?:\.\d+)*)([a-z]*)(?:-([0-9A-Za-z.]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** OpenSSL's order: patch letters up to 1.1.1, Semantic Versioning since 3.0. */
export const opensslVersions: VersionScheme = defineVersionScheme<OpensslVersion>({
  id: "openssl",
  parse(text) {
    const match = shape.exec(text);
    if (match === null) return undefined;
    const [, numbers = "", letters = "", pre] = match;
    return { numbers: numbers.split("."), letters, pre: pre === undefined || pre === "fips" ? [] : [pre] };
  },
  compare: (a, b) =>
    compareDigitLists(a.numbers, b.numbers) || compareText(a.letters, b.letters) || comparePreReleases(a.pre, b.pre),
});
