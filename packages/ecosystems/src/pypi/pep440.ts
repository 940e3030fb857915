import { compareText } from "@plimsoll/model";

/** A version with its parts as PEP 440 names them; numbers are digits without leading zeros, of any length. */
export interface Pep440Version {
  readonly kind: "pep440";
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre?: readonly [letter: "a" | "b" | "rc", number: string];
  readonly post?: string;
  readonly dev?: string;
  readonly local?: readonly string[];
}

// Appendix B of PEP 440.
const pattern =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

/** A version by PEP 440; undefined for anything else. */
export function parsePep440(text: string): Pep440Version | undefined {
  if (text.length > 256) return undefined;
  const match = pattern.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const [, epoch, release = "", letter, preNumber, implicitPost, postWord, postNumber, devWord, devNumber, local] =
    match;
  const post = implicitPost ?? (postWord === undefined ? undefined : (postNumber ?? ""));
  return {
    kind: "pep440",
    epoch: canonicalNumber(epoch ?? ""),
    release: release.split(".").map(canonicalNumber),
    ...(letter === undefined ? {} : { pre: [canonicalLetter(letter), canonicalNumber(preNumber ?? "")] as const }),
    ...(post === undefined ? {} : { post: canonicalNumber(post) }),
    ...(devWord === undefined ? {} : { dev: canonicalNumber(devNumber ?? "") }),
    ...(local === undefined
      ? {}
      : { local: local.split(/[-_.]/).map((part) => (isDigits(part) ? canonicalNumber(part) : part)) }),
  };
}

function canonicalNumber(digits: string): string {
  return digits === "" ? "0" : digits.replace(/^0+(?=\d)/, "");
}

function canonicalLetter(word: string): "a" | "b" | "rc" {
  if (word === "a" || word === "alpha") return "a";
  return word === "b" || word === "beta" ? "b" : "rc";
}

/** The normal form of a version by PEP 440. */
export function formatPep440(version: Pep440Version): string {
  const { epoch, release, pre, post, dev, local } = version;
  return [
    epoch === "0" ? "" : `${epoch}!`,
    release.join("."),
    pre === undefined ? "" : pre.join(""),
    post === undefined ? "" : `.post${post}`,
    dev === undefined ? "" : `.dev${dev}`,
    local === undefined ? "" : `+${local.join(".")}`,
  ].join("");
}

/** Order of PEP 440, local version labels included. */
export function comparePep440(a: Pep440Version, b: Pep440Version): number {
  return comparePublic(a, b) || compareLocals(a.local, b.local);
}

/** Order of PEP 440 without local version labels. */
export function comparePublic(a: Pep440Version, b: Pep440Version): number {
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    comparePhases(a, b) ||
    compareOptional(a.post, b.post, "lower") ||
    compareOptional(a.dev, b.dev, "higher")
  );
}

/** Missing numbers count as zero. */
export function compareReleases(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareNumbers(a[at] ?? "0", b[at] ?? "0");
    if (order !== 0) return order;
  }
  return 0;
}

function comparePhases(a: Pep440Version, b: Pep440Version): number {
  const order = phaseOf(a) - phaseOf(b);
  return order === 0 ? compareNumbers(a.pre?.[1] ?? "0", b.pre?.[1] ?? "0") : order;
}

/** A development release of the final version comes before its pre-releases. */
function phaseOf({ pre, post, dev }: Pep440Version): number {
  if (pre !== undefined) return { a: 1, b: 2, rc: 3 }[pre[0]];
  return post === undefined && dev !== undefined ? 0 : 4;
}

function compareOptional(a: string | undefined, b: string | undefined, absent: "lower" | "higher"): number {
  if (a !== undefined && b !== undefined) return compareNumbers(a, b);
  if (a === b) return 0;
  return (a === undefined) === (absent === "lower") ? -1 : 1;
}

function compareLocals(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareLocalParts(a[at] ?? "", b[at] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareLocalParts(a: string, b: string): number {
  if (isDigits(a) && isDigits(b)) return compareNumbers(a, b);
  if (isDigits(a) !== isDigits(b)) return isDigits(a) ? 1 : -1;
  return compareText(a, b);
}

function isDigits(text: string): boolean {
  return /^\d+$/.test(text);
}

function compareNumbers(a: string, b: string): number {
  return a.length === b.length ? compareText(a, b) : a.length - b.length;
}
