import type { PurlParts } from "./purl.ts";

/** Types whose namespace says who distributes the package, and whether it belongs to an operating system. */
const distributionTypes: ReadonlySet<string> = new Set([
  "alpm",
  "apk",
  "deb",
  "ebuild",
  "opkg",
  "qpkg",
  "rpm",
  "yocto",
]);

/** Types whose tools write a colon between namespace and name. */
const colonTypes: ReadonlySet<string> = new Set(["maven"]);

/** Types whose subpath is part of the name: a pod within a pod. */
const subpathTypes: ReadonlySet<string> = new Set(["cocoapods"]);

/** Whether packages of this purl type belong to an operating system distribution (purl-spec, type definitions). */
export function isDistributionPurl(type: string): boolean {
  return distributionTypes.has(type);
}

/** The name as the type's own tools write it: `@babel/core`, `org.apache.commons:commons-text`, `musl`. */
export function nativePurlName({ type, namespace = "", name, subpath = "" }: PurlParts): string {
  if (namespace === "" || distributionTypes.has(type))
    return subpathTypes.has(type) && subpath !== "" ? `${name}/${subpath}` : name;
  return `${namespace}${colonTypes.has(type) ? ":" : "/"}${name}`;
}
