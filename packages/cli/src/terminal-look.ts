import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";

/** The values of `--color`. */
export const colorWords = ["auto", "always", "never"] as const;

/** A value of `--color`. */
export type ColorWord = (typeof colorWords)[number];

/** Reads `auto`, `always` or `never`. */
export function colorWord(text: string): ColorWord {
  const found = colorWords.find((word) => word === text);
  if (found === undefined) throw new UsageError(`--color: "${text}" is none of ${colorWords.join(", ")}`);
  return found;
}

/** Settings of terminal output. */
export interface Look {
  readonly color: boolean;
  /** Columns of the terminal; undefined: no limit. */
  readonly width: number | undefined;
  /** Whether ids are terminal links (OSC 8). */
  readonly links: boolean;
}

/**
 * The settings for a result: `--color` decides, then `FORCE_COLOR` and `NO_COLOR` (non-empty), then whether stdout is a terminal. A file is
 * plain unless `--color always` is given. `COLUMNS` is the width of whatever stdout is.
 */
export function lookOf(
  { stdout, env }: Pick<Terminal, "stdout" | "env">,
  { color = "auto", toFile = false }: { readonly color?: ColorWord | undefined; readonly toFile?: boolean },
): Look {
  const onTerminal = !toFile && stdout.isTTY === true;
  const columns = /^[1-9]\d{0,4}$/.test(env["COLUMNS"] ?? "") ? Number(env["COLUMNS"]) : undefined;
  return {
    color: color === "auto" ? !toFile && isColoured(onTerminal, env) : color === "always",
    width: toFile ? undefined : (columns ?? (onTerminal ? stdout.columns : undefined)),
    links: onTerminal && color !== "never" && env["TERM"] !== "dumb" && env["CI"] === undefined,
  };
}

function isColoured(onTerminal: boolean, env: Terminal["env"]): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return onTerminal && env["TERM"] !== "dumb";
}
