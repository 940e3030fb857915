import { isRedHatDistribution, redHatNamespace } from "../shared/red-hat-namespace.ts";
import type { Product } from "./product-tree.ts";

/** What OSV calls a product, which is also how packages are looked up; undefined for products that are no distribution. */
export function namespaceOf({ name, cpe }: Product): string | undefined {
  return redHat(cpe) ?? suse(name);
}

/** Layered products are not looked up. */
function redHat(cpe: string | undefined): string | undefined {
  const namespace = redHatNamespace(cpe ?? "");
  return namespace !== undefined && isRedHatDistribution(namespace) ? namespace : undefined;
}

/** `SUSE Linux Enterprise Server 15 SP5`, `openSUSE Leap 15.6`, `openSUSE Tumbleweed`. */
function suse(name: string): string | undefined {
  const [, open, product = ""] =
    /^(open)?SUSE:? ((?:Linux|Leap|Tumbleweed|Enterprise Storage|Manager)\b.*)$/.exec(name) ?? [];
  return product === "" ? undefined : `${open ?? ""}SUSE:${product}`;
}
