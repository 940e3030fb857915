// Where results go: `--format X`, `--format X=FILE` as often as one likes, and `--output FILE`, for every command alike.
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { writeOutput } from "./output.ts";

/** A format and file for a result. */
export interface OutputTarget {
  readonly format: string;
  /** Absent: to stdout. */
  readonly file: string | undefined;
}

/** The part about files in the help of options for formats. */
export const formatFileHelp = "a file may follow, as in json=report.json; may be repeated";

/** `json=report.json`. @throws UsageError where nothing follows the `=`. */
export function splitTarget(text: string): OutputTarget {
  const at = text.indexOf("=");
  if (at >= 0 && at === text.length - 1) throw new UsageError(`--format ${text}: there is no file behind the "="`);
  return { format: at < 0 ? text : text.slice(0, at), file: at < 0 ? undefined : text.slice(at + 1) };
}

/**
 * Assigns the files of `--output` to the targets without a file, in order.
 * @throws UsageError for a file that is left over, and when two results would be written to the same file.
 */
export function placed(targets: readonly OutputTarget[], outputs: readonly string[]): readonly OutputTarget[] {
  const files = [...outputs];
  const all = targets.map(({ format, file }) => ({ format, file: file ?? files.shift() }));
  if (files[0] !== undefined)
    throw new UsageError(`--output ${files[0]}: every report has a file already; --format FORMAT=FILE adds a report`);
  const [, again] = all.filter(({ file }) => file === undefined);
  if (again !== undefined)
    throw new UsageError(`--format: only one report can go to stdout; --format ${again.format}=FILE writes to a file`);
  const places = all.map(({ file }) => file);
  const twice = places.find((file, at) => places.indexOf(file) !== at);
  if (twice !== undefined) throw new UsageError(`--format: two reports would be written to ${twice}`);
  return all;
}

/** Options of commands with their own formats, as commander parses them. */
export interface TargetFlags {
  /** Each a format, or `FORMAT=FILE`. Absent: the usual one. */
  readonly format?: readonly string[] | undefined;
  readonly output?: string | undefined;
}

/**
 * The targets of a command with its own formats, the first of which is the default. `read` may translate other names of formats.
 * @throws UsageError for an unknown format, and where {@link placed} throws one.
 */
export function outputTargets<T extends string>(
  known: readonly [T, ...T[]],
  { format = [known[0]], output }: TargetFlags,
  read: (text: string) => OutputTarget = splitTarget,
): readonly (OutputTarget & { readonly format: T })[] {
  const targets = placed(format.map(read), output === undefined ? [] : [output]);
  return targets.map((target) => {
    const found = known.find((name) => name === target.format);
    if (found === undefined) throw new UsageError(`--format: "${target.format}" is none of ${known.join(", ")}`);
    return { ...target, format: found };
  });
}

/**
 * Writes a result to every target, files first, so that they exist when a reader of stdout sees the result. Nothing is written if rendering any of
 * them fails.
 */
export async function writeTargets<T extends OutputTarget>(
  targets: readonly T[],
  render: (target: T) => Iterable<string> | Promise<Iterable<string>>,
  terminal: Terminal,
): Promise<void> {
  const made = await Promise.all(targets.map(async (target) => [await render(target), target.file] as const));
  for (const [text, file] of made.toSorted(([, a], [, b]) => Number(a === undefined) - Number(b === undefined)))
    await writeOutput(text, file, terminal);
}
