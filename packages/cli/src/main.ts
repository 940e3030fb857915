// The program: hands the process to the command line and the exit code back.
import { runCli } from "./run-cli.ts";

const interrupted = new AbortController();
process.once("SIGINT", () => {
  interrupted.abort(new Error("Interrupted"));
  process.exitCode = 130;
});
// `plimsoll … | head` closes our stdout early: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interrupted.signal,
  now: () => new Date().toISOString(),
});
process.exitCode ??= code;
