import type { AffectedPackage, Package } from "@plimsoll/model";
import type { BuildInfo } from "./build-info.ts";

type Facts = Readonly<Record<string, string>>;

/**
 * Which packages of each module are linked into a program, as facts of the module. `packages.<hash of the program's path>`
 * lists them, relative to the module; where there are none, `unlinked.<hash>` has the path of the program instead. Each
 * program has its own fact, because another one may use more of the same module. The key `""` stands for the standard
 * library. No facts when `linked` is not known.
 */
export function linkageOf(
  info: BuildInfo,
  linked: ReadonlySet<string> | undefined,
  path: string,
): (module: string) => Facts {
  const byModule = linked === undefined ? undefined : packagesByModule(info, linked);
  // Obfuscated programs call their packages otherwise than their modules do: nothing is known of them.
  const isPlain = linked?.has("runtime") === true && info.dependencies.some(({ path }) => byModule?.has(path) === true);
  if (byModule === undefined || (!isPlain && info.dependencies.length > 0)) return () => ({});
  const hash = pathHash(path);
  return (module) => {
    const packages = byModule.get(module);
    if (packages === undefined) return { [`unlinked.${hash}`]: path };
    const text = packages.sort().join(" ");
    return text.length > maxListLength ? {} : { [`packages.${hash}`]: text };
  };
}

/** Lists in facts; Kubernetes links some hundred packages of its largest module. */
const maxListLength = 32_768;

/** Packages belong to the module with the longest path that begins theirs; without a dot in its first element, to the standard library. */
function packagesByModule(info: BuildInfo, linked: ReadonlySet<string>): ReadonlyMap<string, string[]> {
  const modules = new Set([...info.dependencies.map(({ path }) => path), ...(info.main?.path ?? "").split("\n", 1)]);
  const found = new Map<string, string[]>();
  const add = (module: string, name: string): void => {
    const known = found.get(module);
    if (known === undefined) found.set(module, [name]);
    else known.push(name);
  };
  for (const path of linked) {
    const unvendored = path.slice(path.lastIndexOf("/vendor/") + 1).replace(/^vendor\//, "");
    const module = prefixesOf(unvendored).find((prefix) => modules.has(prefix));
    if (module !== undefined) add(module, unvendored.slice(module.length + 1) || ".");
    else if (!unvendored.split("/", 1)[0]?.includes(".") && unvendored !== "main") add("", unvendored);
  }
  return found;
}

/** `a/b/c`, `a/b`, `a`. */
function prefixesOf(path: string): readonly string[] {
  const prefixes: string[] = [];
  for (let prefix = path; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/"))))
    prefixes.push(prefix);
  return prefixes;
}

/**
 * Why an advisory may not concern the programs in which a module was found: none of its code is in them, or none of the packages that
 * the advisory names (https://go.dev/doc/security/vuln/database#schema). Undefined where any program has it, or cannot be examined. Use
 * of a package without code, such as of its constants, is not visible, so this is only a doubt.
 */
export function linkageDoubt(pkg: Package, affected: AffectedPackage): string | undefined {
  const { facts = {}, locations } = pkg;
  const imports = affected.qualifiers?.imports?.map(({ path: imported }) => imported) ?? [];
  const programs = locations.map(({ path }) => path);
  if (programs.length === 0) return undefined;
  let doubt = `No code of ${pkg.name} is linked into ${programs.slice(0, 3).join(", ")}`;
  for (const path of programs) {
    const hash = pathHash(path);
    if (facts[`unlinked.${hash}`] === path) continue;
    const packages = facts[`packages.${hash}`]?.split(" ");
    if (packages === undefined || imports.length === 0) return undefined;
    const root = pkg.name === "stdlib" ? "" : `${facts["replaces"] ?? pkg.name}/`;
    const linked = new Set(packages.map((name) => (name === "." ? root.slice(0, -1) : root + name)));
    if (imports.some((name) => linked.has(name))) return undefined;
    doubt = `No code of ${imports.slice(0, 3).join(", ")} is linked into ${programs.slice(0, 3).join(", ")}`;
  }
  return doubt;
}

/** FNV-1a of 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/): fact names hold no paths, which may be long and odd. */
function pathHash(path: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(36);
}
