// When bundles are made anew, and of what.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../", import.meta.url));

/** Where in a package's `dist` its bundle for Node lies, laid out like the modules that it stands for. */
export const bundledFolder = "bundled";

const times = (files) => files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);

/**
 * Whether every file of a bundle is there, and the oldest of them is newer than what it is made of: who writes them may be stopped in the
 * middle, and a thread's file of an older build would be left.
 */
export function isNewer(bundled, sources) {
  return bundled.every(existsSync) && Math.min(...times(bundled)) >= Math.max(...times(sources));
}

/** Whether files that were bundled are newer than every package's compiled form and than the scripts that make them. */
export function isCurrent(bundled, scripts) {
  // The compiler touches a package's record whenever it writes any of its files.
  const records = readdirSync(packages).map((name) => join(packages, name, "dist", "tsconfig.tsbuildinfo"));
  return isNewer(bundled, [...records, ...scripts]);
}
