import type { Package } from "@plimsoll/model";

/**
 * Group and name as SBOM readers put them together again: `@babel` and `core`, `org.apache.commons` and `commons-text`.
 * The purl's namespace says where the name splits, so nothing here depends on the ecosystem.
 */
export function splitGroup(pkg: Pick<Package, "name" | "purl">): { readonly group?: string; readonly name: string } {
  const cut = Math.max(pkg.name.lastIndexOf("/"), pkg.name.lastIndexOf(":"));
  if (cut <= 0 || cut === pkg.name.length - 1 || pkg.name.length > 1000) return { name: pkg.name };
  const group = pkg.name.slice(0, cut);
  const path = /^pkg:[^/@?#]+\/([^@?#]+)\//.exec(pkg.purl.replace("/@", "/%40"))?.[1];
  const same = path !== undefined && path.replaceAll("%40", "@").replaceAll("%2F", "/") === group;
  return same ? { group, name: pkg.name.slice(cut + 1) } : { name: pkg.name };
}
