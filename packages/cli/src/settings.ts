import { statSync } from "node:fs";
import { join } from "node:path";
import type { Command, Option } from "commander";
import { ScanError } from "@plimsoll/model";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { categoryLists, repeated } from "./option-values.ts";
import { readText } from "./read-text.ts";

/** Name of the file that is read where no option names one. */
const usualFile = "plimsoll.yaml";

/**
 * What a file may set that merely lies in the working directory, which may be a stranger's repository: how results look and
 * which of them are shown. What is written, fetched, trusted or run is for files that the user chose.
 */
const harmless: ReadonlySet<string> = new Set([
  "color",
  "format",
  "severity",
  "ignore-unfixed",
  "ignore-status",
  "ignore-paths",
  "pkg-types",
  "owned-packages",
  "list-all-pkgs",
  "dependency-tree",
  "show-suppressed",
  "declared",
  "requested",
  "platform",
  "exit-code",
  "unrated",
  "exit-on-eol",
  "fail-on-new",
  "progress",
  "scanners",
  "skip-dirs",
  "skip-files",
  "ignored-licenses",
  "license-categories",
  "license-confidence-level",
]);

interface SettingsFile {
  readonly file: string;
  /** `named` by the user, their `own` configuration, or merely `found` in the working directory. */
  readonly origin: "named" | "own" | "found";
}

/** Gives every option of a command an environment variable, shown in its help: `--exit-code` is `PLIMSOLL_EXIT_CODE`. */
export function nameVariables(command: Command): void {
  for (const option of command.options) {
    if (option.long === undefined || option.negate) continue;
    option.env(`PLIMSOLL_${option.long.slice(2).replaceAll("-", "_").toUpperCase()}`);
  }
}

/**
 * Sets options from the environment that the command line does not set. (Commander does it itself only for options that were created with a
 * variable.)
 */
export function applyEnvironment(command: Command, env: Terminal["env"]): void {
  for (const option of command.options) {
    const text = option.envVar === undefined ? undefined : env[option.envVar];
    if (option.envVar === undefined || text === undefined || text === "") continue;
    if (option.isBoolean()) {
      if (readSwitch(text, option.envVar, "environment")) setUnlessSaid(command, option, true, "env");
    } else setUnlessSaid(command, option, readTexts(option, [text], option.envVar), "env");
  }
}

/**
 * Sets options that neither the command line nor the environment sets: from `--config FILE` or `PLIMSOLL_CONFIG`, else from the
 * user's own file and then from `plimsoll.yaml` in the working directory, which may choose formats and filters only. Keys are
 * the long options without dashes; a key named like a command holds settings of that command alone. Precedence: command
 * line, environment, files (the command's part first), default. Prints which file was used. `wholeProgram` returns a program with all commands.
 * @throws ScanError `malformed-document`, UsageError for a setting that is no option or has an invalid value.
 */
export async function applySettings(
  command: Command,
  { env, stderr }: Pick<Terminal, "env" | "stderr">,
  wholeProgram: () => Promise<Command>,
): Promise<void> {
  const { config, quiet } = command.optsWithGlobals<{ config?: string | false; quiet?: boolean }>();
  for (const { file, origin } of settingsFiles(config, env)) {
    const leftOut = await applyFile(command, file, origin, wholeProgram);
    // Who did not choose a file must hear that it holds.
    if (origin === "found") stderr.write(`settings: ${file}, found in the working directory\n`);
    else if (quiet !== true) stderr.write(`settings: ${file}\n`);
    for (const key of leftOut)
      stderr.write(
        `warning: ${file}: "${key}" is left out, since nobody named this file; --config ${file} lets it hold\n`,
      );
  }
}

function settingsFiles(config: string | false | undefined, env: Terminal["env"]): readonly SettingsFile[] {
  const named = typeof config === "string" ? config : env["PLIMSOLL_CONFIG"];
  if (named !== undefined && named !== "") return [{ file: named, origin: "named" }];
  if (config === false) return [];
  const home = env["HOME"] === undefined ? undefined : join(env["HOME"], ".config");
  const folder = env["XDG_CONFIG_HOME"] || home || env["APPDATA"];
  const own = folder === undefined ? [] : [{ file: join(folder, "plimsoll", usualFile), origin: "own" } as const];
  return [...own, { file: usualFile, origin: "found" } as const].filter(({ file }) => isPlainFile(file));
}

/** Whether the path is a regular file; reading a pipe of that name would block forever. */
export function isPlainFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Gives the settings that do not hold because nobody chose the file. */
async function applyFile(
  command: Command,
  file: string,
  origin: SettingsFile["origin"],
  wholeProgram: () => Promise<Command>,
): Promise<readonly string[]> {
  const settings = await readSettings(file);
  const own = asRecord(settings[command.name()]);
  const leftOut: string[] = [];
  for (const [key, value] of [...Object.entries(own), ...Object.entries(settings)]) {
    if (key === command.name() && typeof value === "object") continue;
    const option = command.options.find((candidate) => candidate.long === `--${key}` && !candidate.negate);
    const negated = command.options.find((candidate) => candidate.long === `--no-${key}`);
    const known = option !== undefined || negated !== undefined;
    if (known && origin === "found" && (!harmless.has(key) || writesFile(key, value))) leftOut.push(key);
    else if (option !== undefined) applyOption(command, option, value, file);
    else if (negated !== undefined) setUnlessSaid(command, negated, readSwitch(value, key, file), "config");
    else if (Object.hasOwn(own, key) || !isKnown(await wholeProgram(), key))
      throw new UsageError(`${file}: "${key}" is no option`);
  }
  return leftOut;
}

/** `format: json=FILE` says where to write. */
function writesFile(key: string, value: unknown): boolean {
  return key === "format" && [value].flat().some((format) => typeof format !== "string" || namesFile(format));
}

async function readSettings(file: string): Promise<Record<string, unknown>> {
  const { FormatError, parseYaml } = await import("@plimsoll/formats");
  try {
    return asRecord(parseYaml(readText(file))[0]);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new ScanError({ kind: "malformed-document", label: file, reason: cause.message }, { cause });
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return value as Record<string, unknown>; // A mapping, whatever it holds.
}

function applyOption(command: Command, option: Option, value: unknown, file: string): void {
  if (option.isBoolean()) {
    if (readSwitch(value, option.name(), file)) setUnlessSaid(command, option, true, "config");
    return;
  }
  const listed = option.parseArg === categoryLists ? listsOf(value) : value;
  const texts = (Array.isArray(listed) ? listed : [listed]).map((part: unknown) => {
    if (typeof part === "string") return part;
    throw new UsageError(`${file}: "${option.long?.slice(2)}" has a value that is neither a text nor a list of texts`);
  });
  setUnlessSaid(command, option, readTexts(option, texts, file), "config");
}

/** A mapping of lists, as an option writes it: `a: [x, y]` is `a=x,y`. */
function listsOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value).map(([key, list]) => `${key}=${Array.isArray(list) ? list.join(",") : String(list)}`);
}

/** `from`: where the texts are from, which an error names: nobody sees it on the command line. */
function readTexts(option: Option, texts: readonly string[], from: string): unknown {
  if (option.variadic || option.parseArg === repeated) return texts;
  try {
    return option.parseArg === undefined ? texts.join(",") : option.parseArg(texts.join(","), undefined);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${from}: ${error.message}`) : error;
  }
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
function isKnown(root: Command, key: string): boolean {
  const all = [root, ...root.commands.flatMap((child) => [child, ...child.commands])];
  return all.some(
    (other) => other.name() === key || other.options.some(({ long }) => long === `--${key}` || long === `--no-${key}`),
  );
}

/** Whether a format asks for a file to be written, `json=report.json`: what nobody may who merely left a settings file lying about. */
function namesFile(format: string): boolean {
  return format.includes("=");
}
