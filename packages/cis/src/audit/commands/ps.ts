import type { NodeProcess } from "../../facts/node-facts.ts";
import { printed } from "../command.ts";
import type { Command } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { joinLines, readArguments } from "./options.ts";

const heading = "UID          PID    PPID  C STIME TTY          TIME CMD";

/** `ps -ef`, `ps -fC NAME`, `ps -C NAME -o cmd --no-headers`, `ps -C NAME -o pid=`. */
export const ps: Command = (args) => {
  const bsd = args.length === 1 && (args[0] === "aux" || args[0] === "ef" || args[0] === "-aux");
  const { options, operands } = bsd
    ? readArguments("ps", ["-ef"], { flags: ["e", "f"], valued: [] })
    : readArguments("ps", args, { flags: ["e", "f", "A", "w", "--no-headers"], valued: ["C", "o", "p"] });
  if (operands.length > 0 || options.has("p")) throw new UnsupportedAudit("option of ps", operands.join(" "));
  const name = options.get("C")?.[0];
  if (name === undefined && !options.has("e") && !options.has("A"))
    throw new UnsupportedAudit("option of ps", "the processes of one terminal");
  const format = options.get("o")?.[0];
  if (format !== undefined && !/^(cmd|args|command|pid|comm)=?$/.test(format))
    throw new UnsupportedAudit("option of ps", `-o ${format}`);
  return async (_, context) => {
    const processes = await context.facts.processes();
    if (processes === undefined) throw new UnsupportedAudit("unknown processes");
    context.spend(processes.length);
    if (context.facts.processesAre === "declared") context.lookedAtDeclared();
    const chosen = name === undefined ? processes : processes.filter((process) => isNamed(process, name));
    const lines = chosen.map((process) => (format === undefined ? fullLine(process) : field(process, format)));
    const headless = options.has("--no-headers") || format?.endsWith("=") === true;
    const head = headless ? [] : [format === undefined ? heading : format.toUpperCase()];
    return printed(joinLines([...head, ...lines]), chosen.length > 0 ? 0 : 1);
  };
};

/** The kernel keeps fifteen characters of a name; `ps -C` compares those. */
function isNamed(process: NodeProcess, name: string): boolean {
  const program = process.arguments[0] ?? "";
  return program.slice(program.lastIndexOf("/") + 1).slice(0, 15) === name.slice(0, 15);
}

function field(process: NodeProcess, format: string): string {
  if (format.startsWith("pid")) return String(process.pid).padStart(7);
  if (format.startsWith("comm") && !format.startsWith("command"))
    return (process.arguments[0] ?? "").replace(/^.*\//s, "").slice(0, 15);
  return commandLine(process);
}

/** An argument with line breaks would make lines of its own; ps shows them as question marks. */
function commandLine(process: NodeProcess): string {
  return process.arguments.join(" ").replace(/[\n\r\0]/g, "?");
}

function fullLine(process: NodeProcess): string {
  const user = (process.user ?? "root").slice(0, 8).padEnd(8);
  const parent = String(process.parentPid ?? 1).padStart(7);
  return `${user} ${String(process.pid).padStart(7)} ${parent}  0 00:00 ?        00:00:00 ${commandLine(process)}`;
}
