import type { AffectedPackage, Package } from "@plimsoll/model";

/** Why an advisory entry for a package of this name does not apply to this build of it; undefined when it does. */
export function rejects(pkg: Package, affected: AffectedPackage): string | undefined {
  return (
    rejectsArchitecture(pkg, affected) ??
    rejectsBinary(pkg, affected) ??
    rejectsModule(pkg, affected) ??
    rejectsFlavour(pkg, affected)
  );
}

/** SUSE names the source and lists the binaries of the product that are concerned. */
function rejectsBinary({ name }: Package, { namespace, qualifiers }: AffectedPackage): string | undefined {
  const stated = qualifiers?.binaries;
  if (stated === undefined || !/^(?:open)?SUSE:/.test(namespace) || stated.includes(name)) return undefined;
  return `the advisory does not list ${name} among the packages of its source`;
}

function rejectsArchitecture({ architecture }: Package, { qualifiers }: AffectedPackage): string | undefined {
  const stated = qualifiers?.arch;
  if (stated === undefined || architecture === undefined || architecture === "noarch") return undefined;
  return stated.includes(architecture) || stated.includes("noarch")
    ? undefined
    : `the advisory is for ${stated.join(", ")}, the package for ${architecture}`;
}

/** Marks in releases of modular builds: Red Hat's `.module+el8`, AlmaLinux's `.module_el8`. */
const modularRelease = /\.module[+_]/;

/**
 * Streams of a module have versions of their own, so that comparing across them says nothing. Labels are
 * `name:stream:version:context`; Oracle's packages have none and are told by their release.
 */
function rejectsModule(pkg: Package, { qualifiers, ...affected }: AffectedPackage): string | undefined {
  const label = pkg.module ?? "";
  const stream = label.split(":", 2).join(":");
  const modular = label !== "" || modularRelease.test(pkg.version);
  const stated = qualifiers?.modules;
  if (stated !== undefined && stated.length > 0 && label !== "" && !stated.includes(stream))
    return `the advisory is for the module ${stated.join(", ")}, the package is of ${stream}`;
  if (speaksOf(modular, stated, boundsOf(affected))) return undefined;
  return modular
    ? `the package is of the module ${stream === "" ? "its release names" : stream}, the advisory for the plain build`
    : "the advisory is for a module, the package is not built for one";
}

/** Why it cannot be decided whether an entry about a module applies to this package: one of the two does not name its stream. */
export function uncertain(pkg: Package, { qualifiers, ...affected }: AffectedPackage): string | undefined {
  const label = pkg.module ?? "";
  // Oracle tells builds of streams apart by their releases.
  if ((label === "" && !modularRelease.test(pkg.version)) || affected.namespace.startsWith("Oracle Linux:"))
    return undefined;
  if (label === "") return "it is of a module whose stream is not known";
  const isModular = boundsOf(affected).some((bound) => modularRelease.test(bound));
  return isModular && qualifiers?.modules === undefined
    ? "it is of a module, and the advisory does not name its stream"
    : undefined;
}

/** Whether a statement is about builds of modules, or about plain ones: by what it says, else by its versions. */
function speaksOf(modular: boolean, stated: readonly string[] | undefined, bounds: readonly string[]): boolean {
  if (stated !== undefined) return modular === stated.length > 0;
  return bounds.length === 0 || bounds.some((bound) => modularRelease.test(bound) === modular);
}

/** Oracle publishes fixes of the same packages in flavours whose releases are not comparable. */
function rejectsFlavour(pkg: Package, { namespace, ...affected }: AffectedPackage): string | undefined {
  if (!namespace.startsWith("Oracle Linux:")) return undefined;
  const installed = flavourOf(pkg.version);
  const stated = boundsOf(affected).map(flavourOf);
  return stated.length === 0 || stated.includes(installed)
    ? undefined
    : `the package is of the ${installed} flavour, the advisory of ${[...new Set(stated)].join(" and ")}`;
}

/** `ksplice1` and `ksplice2` are flavours of their own. */
function flavourOf(version: string): string {
  return /\.(ksplice\d*)/.exec(version)?.[1] ?? (version.includes("_fips") ? "fips" : "plain");
}

function boundsOf({ ranges, patched }: Pick<AffectedPackage, "ranges" | "patched">): readonly string[] {
  return [...ranges.flatMap(({ end }) => (end.kind === "open" ? [] : [end.version])), ...(patched ?? [])];
}
