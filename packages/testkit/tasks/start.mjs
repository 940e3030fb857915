// `npm start`: set everything up, then scan the example image offline; with arguments, pass them to the command line.
import { build, install, run, say } from "./steps.mjs";

const args = process.argv.slice(2);
const status = install() || build();

if (status !== 0) process.exitCode = status;
else if (args.length > 0)
  process.exitCode = run(process.execPath, ["packages/plimsoll/bin/plimsoll.js", ...args], { stdio: "inherit" });
else {
  say("");
  process.exitCode = run(process.execPath, ["examples/first-scan/first-scan.mjs"], { stdio: "inherit" });
}
