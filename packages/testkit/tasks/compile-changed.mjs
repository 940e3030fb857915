// What the test runner does first: threads and programs that tests start are the compiled ones, since Node 20 runs no TypeScript, and
// they have to be what is tested, not what was built some time ago. `npm test` has just built, and says so.
import { join } from "node:path";
import { bundleLibraries, root, runTool } from "./steps.mjs";

/** Compiles what changed below a folder with a `tsconfig.json`. What the compiler objects to is shown; the tests run all the same. */
export function compileChanged(folder = root) {
  runTool("typescript/bin/tsc", ["-b", join(folder, "tsconfig.json")]);
}

export function setup() {
  if (process.env.PLIMSOLL_BUILT === "1") return;
  compileChanged();
  bundleLibraries();
}
