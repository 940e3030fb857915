/**
 * The plimsoll command, callable: `runCli(["image", "app.tar"], terminal)` resolves to the exit code.
 * @module
 */
export { runCli } from "./run-cli.ts";
export type { Terminal } from "./command-line.ts";
