// The program: hands the process to the command line and the exit code back.
import { describeError, exitCodes } from "./command-line.ts";
import { runCli } from "./run-cli.ts";
import { safeLines } from "./safe-lines.ts";

const interrupted = new AbortController();
// The first signal lets the command tidy up; the second one ends the process as it always does.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.once(signal, () => {
    process.exitCode = code;
    const reason = new Error("Interrupted");
    interrupted.abort(reason);
    // Somebody may still be waiting for what comes through the pipe.
    // Whoever reads it learns why; nobody else listens, and an error that nobody hears would end the process with a stack.
    if (!process.stdin.isTTY) process.stdin.once("error", () => undefined).destroy(reason);
  });
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `plimsoll … | head` closes our stdout early: that is no error.
  if (error.code === "EPIPE") process.exit(0);
  const described = describeError(Object.assign(error, { path: "the results to stdout" }));
  safeLines(process.stderr).write(`error: ${described}\n`);
  process.exit(exitCodes.failed);
});
// Nobody listens to warnings any more: no reason to stop.
process.stderr.on("error", () => undefined);

void runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interrupted.signal,
  now: () => new Date().toISOString(),
}).then((code) => {
  // A command that ends well all the same was made to be ended so: the service.
  if (code === exitCodes.done) process.exitCode = code;
  else process.exitCode ??= code;
});
