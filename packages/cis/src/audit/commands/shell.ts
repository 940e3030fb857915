import type { Command } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";

/** `sh -c SCRIPT`. */
export const shell: Command = (args) => {
  const at = args.findIndex((word) => /^-[a-z]*c$/.test(word));
  const script = args[at + 1];
  if (at === -1 || script === undefined) throw new UnsupportedAudit("shell script", args.join(" ").slice(0, 40));
  if (args.length > at + 2) throw new UnsupportedAudit("shell positional parameters");
  return (input, context) => context.script(script, input);
};
