import type { AffectedPackage } from "@plimsoll/model";

/** Statements that differ in the architecture alone as one with all of them; where one holds for every architecture, that one. */
export function uniteArches<T extends Omit<AffectedPackage, "advisory">>(statements: readonly T[]): readonly T[] {
  const united = new Map<string, { readonly first: T; readonly arches: Set<string> | undefined }>();
  for (const statement of statements) {
    const { arch, ...qualifiers } = statement.qualifiers ?? {};
    const key = JSON.stringify([statement.namespace, statement.name, statement.ranges, statement.status, qualifiers]);
    const known = united.get(key);
    if (known === undefined)
      united.set(key, { first: statement, arches: arch === undefined ? undefined : new Set(arch) });
    else if (arch === undefined) united.set(key, { first: statement, arches: undefined });
    else for (const each of arch) known.arches?.add(each);
  }
  return [...united.values()].map(({ first, arches }) => {
    const { arch: _, ...qualifiers } = first.qualifiers ?? {};
    const { qualifiers: __, ...rest } = first;
    const all = arches === undefined ? qualifiers : { ...qualifiers, arch: [...arches].sort() };
    // as: what was taken out is put back, with more architectures
    return (Object.keys(all).length === 0 ? rest : { ...rest, qualifiers: all }) as T;
  });
}
