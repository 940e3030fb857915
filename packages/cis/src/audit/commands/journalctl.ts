import { printed } from "../command.ts";
import type { Command } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { joinLines, readArguments } from "./options.ts";

/** `journalctl [-m] -u UNIT …`. */
export const journalctl: Command = (args) => {
  const { options, operands } = readArguments("journalctl", args, {
    flags: ["m", "D", "--no-pager", "--merge"],
    valued: ["u", "--unit"],
  });
  const units = options.get("u") ?? options.get("--unit") ?? [];
  if (units.length === 0 || operands.length > 0) throw new UnsupportedAudit("option of journalctl", "no unit");
  return async (_, context) => {
    const lines: string[] = [];
    for (const unit of units) {
      const journal = await context.facts.journal?.(unit.replace(/\.service$/, ""));
      if (journal === undefined) throw new UnsupportedAudit("unknown journal", unit);
      for (const line of journal) lines.push(line);
    }
    context.spend(lines.length);
    return printed(lines.length === 0 ? "-- No entries --\n" : joinLines(lines));
  };
};
