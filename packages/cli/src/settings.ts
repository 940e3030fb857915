import { existsSync } from "node:fs";
import type { Command, Option } from "commander";
import { FormatError, parseYaml } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { repeated } from "./option-values.ts";
import { readText } from "./read-text.ts";

/** The file that is read when nobody names another. */
const usualFile = "plimsoll.yaml";

/** Gives every option of a command its environment variable, which its help then shows: `--exit-code` is `PLIMSOLL_EXIT_CODE`. */
export function nameVariables(command: Command): void {
  for (const option of command.options) {
    if (option.long === undefined || option.negate) continue;
    option.env(`PLIMSOLL_${option.long.slice(2).replaceAll("-", "_").toUpperCase()}`);
  }
}

/** Fills in from the environment what the command line did not say. Commander would, for options that were born with a variable. */
export function applyEnvironment(command: Command, env: Terminal["env"]): void {
  for (const option of command.options) {
    const text = option.envVar === undefined ? undefined : env[option.envVar];
    if (option.envVar === undefined || text === undefined || text === "") continue;
    if (option.isBoolean()) {
      if (readSwitch(text, option.envVar, "environment")) setUnlessSaid(command, option, true, "env");
    } else setUnlessSaid(command, option, readTexts(option, [text]), "env");
  }
}

/**
 * Fills in what neither the command line nor the environment said from `--config FILE`, else from `plimsoll.yaml` in the
 * working directory. Its keys are the long options without dashes; a key named like a command holds settings of that
 * command alone. Precedence: command line, environment, file (the command's part first), default.
 * @throws ScanError `malformed-document`, UsageError for a setting that is no option or has a wrong value.
 */
export function applySettings(command: Command): void {
  const named = command.optsWithGlobals<{ config?: string }>().config;
  const file = named ?? (existsSync(usualFile) ? usualFile : undefined);
  if (file === undefined) return;
  const settings = readSettings(file);
  const own = asRecord(settings[command.name()]);
  for (const [key, value] of [...Object.entries(own), ...Object.entries(settings)]) {
    if (key === command.name() && typeof value === "object") continue;
    const option = command.options.find((candidate) => candidate.long === `--${key}` && !candidate.negate);
    const negated = command.options.find((candidate) => candidate.long === `--no-${key}`);
    if (option !== undefined) applyOption(command, option, value, file);
    else if (negated !== undefined) setUnlessSaid(command, negated, readSwitch(value, key, file), "config");
    else if (Object.hasOwn(own, key) || !isKnownElsewhere(command, key))
      throw new UsageError(`${file}: "${key}" is no option`);
  }
}

function readSettings(file: string): Record<string, unknown> {
  try {
    return asRecord(parseYaml(readText(file))[0]);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new ScanError({ kind: "malformed-document", label: file, reason: cause.message }, { cause });
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function applyOption(command: Command, option: Option, value: unknown, file: string): void {
  if (option.isBoolean()) {
    if (readSwitch(value, option.name(), file)) setUnlessSaid(command, option, true, "config");
    return;
  }
  const texts = (Array.isArray(value) ? value : [value]).map((part) => {
    if (typeof part === "string") return part;
    throw new UsageError(`${file}: "${option.long?.slice(2)}" has no value that an option could have`);
  });
  setUnlessSaid(command, option, readTexts(option, texts), "config");
}

function readTexts(option: Option, texts: readonly string[]): unknown {
  if (option.variadic || option.parseArg === repeated) return texts;
  return option.parseArg === undefined ? texts.join(",") : option.parseArg(texts.join(","), undefined);
}

/** Every scalar of the file is text: see `parseYaml`. */
function readSwitch(value: unknown, key: string, file: string): boolean {
  if (value !== "true" && value !== "false") throw new UsageError(`${file}: "${key}" is true or false`);
  return value === "true";
}

function setUnlessSaid(command: Command, option: Option, value: unknown, source: "env" | "config"): void {
  const key = option.attributeName();
  const said = command.getOptionValueSource(key);
  if (said === undefined || said === "default") command.setOptionValueWithSource(key, value, source);
}

/** One file serves all commands: a setting of another one is no mistake. */
function isKnownElsewhere(command: Command, key: string): boolean {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const all = [root, ...root.commands.flatMap((child) => [child, ...child.commands])];
  return all.some(
    (other) => other.name() === key || other.options.some(({ long }) => long === `--${key}` || long === `--no-${key}`),
  );
}
