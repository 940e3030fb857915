import { defineVersionScheme } from "@plimsoll/model";
import type { RangeBound, VersionScheme } from "@plimsoll/model";
import { genericVersions } from "../shared/versions/generic-versions.ts";

/**
 * Ranges as nginx writes them in its advisories (https://nginx.org/en/security_advisories.html): `1.5.0+, 1.4.1+`,
 * `0.6.18-1.20.0`. What is fixed in a stable branch, whose second number is even, stays fixed within that branch.
 */
export const nginxVersions: VersionScheme = defineVersionScheme<string>({
  id: "nginx",
  parse: (text) => (genericVersions.isValid(text) ? text : undefined),
  compare: (a, b) => genericVersions.compare(a, b) ?? 0,
  bounds(range) {
    const alternatives = range.split(",").map((part) => boundsOf(part.trim()));
    return alternatives.includes(undefined)
      ? undefined
      : alternatives.flatMap((each) => (each === undefined ? [] : [each]));
  },
});

function boundsOf(part: string): readonly RangeBound[] | undefined {
  if (part === "all") return [{ comparator: "*", version: "" }];
  const [, from, to, plus] = /^(\d+(?:\.\d+)*)(?:-(\d+(?:\.\d+)*)|(\+))?$/.exec(part) ?? [];
  if (from === undefined) return undefined;
  if (to !== undefined)
    return [
      { comparator: ">=", version: from },
      { comparator: "<=", version: to },
    ];
  if (plus === undefined) return [{ comparator: "=", version: from }];
  const [major = "0", minor = "0"] = from.split(".");
  const isStable = BigInt(minor.slice(-1)) % 2n === 0n;
  const next = `${major}.${BigInt(minor) + 1n}.0`;
  return [{ comparator: ">=", version: from }, ...(isStable ? [{ comparator: "<" as const, version: next }] : [])];
}
