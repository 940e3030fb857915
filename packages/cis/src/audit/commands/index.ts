import type { Command } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { awk } from "./awk.ts";
import { cat, stat } from "./files.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { journalctl } from "./journalctl.ts";
import { jq } from "./jq/jq.ts";
import { kubectl } from "./kubectl.ts";
import { ps } from "./ps.ts";
import { sed } from "./sed.ts";
import { shell } from "./shell.ts";
import { doubleBracketTest, test } from "./test-expression.ts";
import { cut, echo, head, nothing, paste, printf, sort, tail, tr, uniq, wc } from "./text.ts";
import { xargs } from "./xargs.ts";

/** Every command that audits may use, by name: what is not here has no plan. */
const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["[", test],
  ["[[", doubleBracketTest],
  [":", nothing(0)],
  ["awk", awk],
  ["bash", shell],
  ["cat", cat],
  ["cut", cut],
  ["echo", echo],
  ["egrep", (args) => grep(["-E", ...args])],
  ["false", nothing(1)],
  ["find", find],
  ["grep", grep],
  ["head", head],
  ["journalctl", journalctl],
  ["jq", jq],
  ["kubectl", kubectl],
  ["more", cat],
  ["oc", kubectl],
  ["paste", paste],
  ["printf", printf],
  ["ps", ps],
  ["sed", sed],
  ["set", nothing(0)],
  ["sh", shell],
  ["sort", sort],
  ["stat", stat],
  ["tail", tail],
  ["test", test],
  ["tr", tr],
  ["true", nothing(0)],
  ["uniq", uniq],
  ["wc", wc],
  ["xargs", xargs],
]);

/** The command of a name, with or without a folder of programs before it. @throws UnsupportedAudit */
export function commandNamed(name: string): Command {
  const word = /^(?:\/usr)?(?:\/local)?\/s?bin\/([^/]+)$/.exec(name)?.[1] ?? name;
  const command = commands.get(word);
  if (command === undefined) throw new UnsupportedAudit(`command ${word.slice(0, 40)}`);
  return command;
}
