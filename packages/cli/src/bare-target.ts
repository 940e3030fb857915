import { closeSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { Command } from "commander";
import { adviceForCommand } from "./other-command-lines.ts";
import { adviceForReference } from "./other-scanners.ts";
import { withRegistryOptions } from "./registry-flags.ts";
import { withAttestedOptions, withImageOptions, withScanOptions } from "./scan-flags.ts";

/** What a bare target is scanned with, and the target as that command takes it. */
interface Meant {
  readonly command: string;
  readonly target: string;
}

/**
 * Inserts the command before a target without one: `plimsoll nginx:1.27`, `plimsoll ./dir`, `plimsoll bom.json`. The kind of target is recognised
 * from the file at its path, else from its form. A single word that is no path is left unchanged, since it is more likely a mistyped command.
 */
export function withCommand(args: readonly string[], program: Command): readonly string[] {
  const known = new Set(["help", ...program.commands.flatMap((command) => [command.name(), ...command.aliases()])]);
  if (args.some((arg) => known.has(arg))) return args;
  const target = targetIn(args, program);
  const meant = target === undefined ? undefined : meantBy(target);
  if (target === undefined || meant === undefined) return args;
  // An option may have the same value; the target then stands behind it.
  return [meant.command, ...args.with(args.lastIndexOf(target), meant.target)];
}

/** The first word that is no option and no option's value. */
function targetIn(args: readonly string[], program: Command): string | undefined {
  const scan = withAttestedOptions(withRegistryOptions(withScanOptions(withImageOptions(new Command()), [])));
  for (const option of program.options) scan.addOption(option);
  // Values are looked at by the command that gets them.
  for (const option of scan.options) option.argParser((text) => text);
  const { operands, unknown } = scan.parseOptions([...args]);
  return operands[0] ?? unknown.find((word) => word === "-" || !word.startsWith("-"));
}

function meantBy(target: string): Meant | undefined {
  if (target === "-") return { command: "image", target };
  const [, scheme = "", rest = ""] = /^([a-z-]+):(.*)$/s.exec(target) ?? [];
  const found = statSync(target, { throwIfNoEntry: false });
  if (found !== undefined)
    return { command: found.isDirectory() ? directoryCommand(target) : fileCommand(target), target };
  // An image may be called `dir:3.2`; then there is nothing to say about it.
  if (adviceForReference(target) !== undefined) {
    if (scheme === "sbom") return { command: "sbom", target: rest };
    if (scheme === "dir" || scheme === "file") return meantBy(rest);
    if (scheme === "oci-registry") return { command: "image", target: `registry:${rest}` };
    if (scheme === "docker-daemon") return { command: "image", target: `docker:${rest}` };
  }
  if (adviceForCommand(target) !== undefined) return undefined;
  return /^[a-z][a-z-]*$/.test(target) ? undefined : { command: "image", target };
}

function directoryCommand(path: string): string {
  const names = new Set(readdirSync(path));
  if (names.has("oci-layout") || (names.has("manifest.json") && names.has("repositories"))) return "image";
  // What every root file system has, and no project.
  const isRoot = ["etc", "usr"].every((name) => names.has(name)) && (names.has("bin") || names.has("lib"));
  return isRoot ? "rootfs" : "fs";
}

/** Bytes that tell documents from archives, whatever comes before their first word. */
const headBytes = 4096;

function fileCommand(path: string): string {
  const head = headOf(path);
  // As --format json begins.
  if (/^\s*\{\s*"schemaVersion"\s*:\s*\d+\s*,\s*"tool"\s*:/.test(head)) return "convert";
  if (/^\s*[{[]/.test(head))
    return /"bomFormat"|"spdxVersion"|"@context"|"payloadType"|"SPDXID"/.test(head) ? "sbom" : "config";
  if (/^\s*<(?:\?xml|bom)/.test(head) || /^SPDXVersion:/m.test(head)) return "sbom";
  const isText = head !== "" && !/[\0\u{fffd}]/u.test(head);
  return isText ? "config" : "image";
}

function headOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const head = new Uint8Array(headBytes);
    const text = new TextDecoder().decode(head.subarray(0, readSync(file, head, 0, headBytes, 0)), { stream: true });
    return text.replace(/^\ufeff/, "");
  } finally {
    closeSync(file);
  }
}
