import { isDistributionPurl } from "@plimsoll/formats";
import type { Package } from "@plimsoll/model";

/**
 * Whether a package belongs to the distribution. Inventories that do not say so are judged by the purl: its type is one
 * of distributions, or it carries the `distro` qualifier (purl-spec, PURL-TYPES apk, deb, rpm).
 */
export function packageClass(pkg: Pick<Package, "class" | "purl">): "os" | "library" {
  if (pkg.class !== undefined) return pkg.class;
  const type = /^pkg:([^/@?#]+)\//.exec(pkg.purl)?.[1] ?? "";
  return isDistributionPurl(type) || /[?&]distro=/.test(pkg.purl) ? "os" : "library";
}
