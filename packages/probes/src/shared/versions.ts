import { checkOptions, optionIs } from "@plimsoll/model";
import { exposure } from "./exposure.ts";
import type { Exposure } from "./exposure.ts";

/** The component with the version: the API server and its kubelets, or the client. */
export type VersionedComponent = "api-server" | "kubectl";

/** The first releases with the fix, oldest minor first. Versions below the first are affected whatever their minor. */
const fixedReleases: Readonly<
  Record<VersionedComponent, readonly (readonly [id: string, fixed: readonly string[]])[]>
> = {
  "api-server": [
    ["KHV022", ["1.10.11", "1.11.5", "1.12.3"]],
    ["KHV023", ["1.11.8", "1.12.6", "1.13.4"]],
    ["KHV024", ["1.13.10", "1.14.6", "1.15.3"]],
    ["KHV025", ["1.13.10", "1.14.6", "1.15.3"]],
    ["KHV026", ["1.13.9", "1.14.5", "1.15.2"]],
  ],
  kubectl: [
    ["KHV027", ["1.12.9", "1.13.6", "1.14.2"]],
    ["KHV028", ["1.11.9", "1.12.7", "1.13.5", "1.14.0"]],
  ],
};

/** Whether a version is a vendor's: it has a suffix, and may have fixes that its number does not show. */
export function isVendorVersion(version: string): boolean {
  return /[+~-]/.test(version);
}

/** The known vulnerabilities of a version. For vendors' versions the result is empty unless `includePatched` is set. */
export function versionExposures(
  version: string,
  component: VersionedComponent,
  options: { readonly includePatched?: boolean | undefined; readonly location?: string | undefined } = {},
): readonly Exposure[] {
  checkOptions("versionExposures", options, { includePatched: optionIs.flag, location: optionIs.text });
  if (isVendorVersion(version) && options.includePatched !== true) return [];
  return fixedReleases[component]
    .filter(([, fixed]) => isAffected(version, fixed))
    .map(([id]) =>
      exposure(id, { location: options.location ?? component, evidence: `version ${version}`, probe: "versions" }),
    );
}

function isAffected(version: string, fixed: readonly string[]): boolean {
  const [oldest = ""] = fixed;
  const sameMinor = fixed.find((release) => minorOf(release) === minorOf(version));
  return (
    (!fixed.includes(version) && sameMinor !== undefined && isOlder(version, sameMinor)) || isOlder(version, oldest)
  );
}

function minorOf(version: string): string {
  const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
  return `${major}.${/^\d+/.exec(minor)?.[0] ?? minor}`;
}

/** A release and what follows it, as PEP 440 has it: `1.2.3`, `1.2.3-rc.1`, `1.2.3-4`, `1.2.3+abc`. */
const regular =
  /^v?(\d+(?:\.\d+)*)([-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?(-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?([-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i;

/** Whether a version comes before a plain release. What is no regular version is compared by an older order of text. */
function isOlder(version: string, release: string): boolean {
  if (version.length > 200) return false;
  const match = regular.exec(version);
  if (match === null) return compareParts(textParts(version.replace(/^v+|v+$/g, "")), textParts(release)) < 0;
  const difference = compareNumbers((match[1] ?? "").split("."), release.split("."));
  if (difference !== 0) return difference < 0;
  return match[2] !== undefined || (match[4] !== undefined && match[3] === undefined);
}

function compareNumbers(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = Number(a[at] ?? 0) - Number(b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const words: Readonly<Record<string, string>> = { pre: "c", preview: "c", "-": "final-", rc: "c", dev: "@" };

/** The parts that setuptools compared versions by before PEP 440: a word before `final` makes a version older. */
function textParts(version: string): readonly string[] {
  const parts: string[] = [];
  for (const piece of [...version.toLowerCase().split(/(\d+|[a-z]+|\.|-)/), "final"]) {
    if (piece === "" || piece === ".") continue;
    if (/^\d/.test(piece)) {
      parts.push(piece.padStart(8, "0"));
      continue;
    }
    const part = `*${Object.hasOwn(words, piece) ? (words[piece] ?? piece) : piece}`;
    if (part < "*final") while (parts.at(-1) === "*final-") parts.pop();
    while (parts.at(-1) === "00000000") parts.pop();
    parts.push(part);
  }
  return parts;
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left = "", right = ""] = [a[at], b[at]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
