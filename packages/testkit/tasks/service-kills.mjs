// `npm run service-kills [-- -t "PostgreSQL"]`: kills the service's process at every place that packages/server/src/updates/killed-process.test.ts names, on the embedded database and on
// PostgreSQL where it is there. `npm test` does it at two of them.
import { runTool } from "./steps.mjs";

process.exitCode = runTool(
  "vitest/vitest.mjs",
  [
    "run",
    "--config",
    "packages/testkit/vitest.config.mjs",
    "--reporter=verbose",
    "packages/server/src/updates/killed-process.test.ts",
    ...process.argv.slice(2),
  ],
  { env: { ...process.env, PLIMSOLL_KILLS: "all" } },
);
