import { cpeAny, parseCpe } from "@plimsoll/formats";

/**
 * Where advisories for a product of Red Hat are looked up, by the product's CPE name in either form:
 * `cpe:/a:redhat:enterprise_linux:9::appstream` → `Red Hat:enterprise_linux:9::appstream`. Undefined for names of other vendors.
 */
export function redHatNamespace(cpe: string): string | undefined {
  const name = parseCpe(cpe);
  if (name === undefined || name.vendor !== "redhat" || !["a", "o"].includes(name.part)) return undefined;
  const fields = [name.product, name.version, name.update, name.edition].map((field) =>
    field === cpeAny ? "" : field,
  );
  while (fields.at(-1) === "") fields.pop();
  return fields.length === 0 ? undefined : `Red Hat:${fields.join(":")}`;
}

/** Whether packages of a namespace of Red Hat are those of a distribution: a release of Enterprise Linux, or its extended support. */
export function isRedHatDistribution(namespace: string): boolean {
  return /^Red Hat:(?:enterprise_linux|rhel_(?:eus|e4s|aus|tus|els|extras\w*|\w+_els)):./.test(namespace);
}
