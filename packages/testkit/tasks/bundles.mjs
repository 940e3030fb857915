// When bundles are made anew.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../", import.meta.url));

function newest(files) {
  return Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

/** Whether files that were bundled are newer than every package's compiled form and than the scripts that make them. */
export function isCurrent(bundled, scripts) {
  // The compiler touches a package's record whenever it writes any of its files.
  const records = readdirSync(packages).map((name) => join(packages, name, "dist", "tsconfig.tsbuildinfo"));
  return bundled.every(existsSync) && newest(bundled) >= newest([...records, ...scripts]);
}
