import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const extensions = /\.(?:ya?ml|json)$/;

/**
 * The texts of YAML and JSON files by path: one file, or those of a folder, with `below` those of its folders, too.
 * A path that ends in `/...` means the folder with all its subfolders, as in gator.
 */
export function readPolicyFiles(
  path: string,
  { below }: { readonly below: boolean },
): readonly (readonly [string, string])[] {
  const start = path.replace(/\/?\.\.\.$/, "") || ".";
  if (!statSync(start).isDirectory()) return [[start, readFileSync(start, "utf8")]];
  return readdirSync(start, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inner = join(start, entry.name);
      if (entry.isDirectory()) return below ? readPolicyFiles(inner, { below }) : [];
      return entry.isFile() && extensions.test(entry.name) ? [[inner, readFileSync(inner, "utf8")] as const] : [];
    });
}
