import { ScanError } from "@plimsoll/model";

/** The program's access to its environment, which tests can replace. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A signal that Ctrl-C aborts. */
  readonly signal: AbortSignal;
  /** The current time, RFC 3339. */
  now(): string;
}

/** Exit codes of the program; `--exit-code` adds its own. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Wrong usage, such as an invalid value of an option. Shown in one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A word that an option knows. @throws UsageError for another one. */
export function oneOf<const T extends string>(option: string, text: string, known: readonly T[]): T {
  const value = known.find((candidate) => candidate === text.trim());
  if (value === undefined) throw new UsageError(`${option}: "${text}" is none of ${known.join(", ")}`);
  return value;
}

/** An error in one line: what went wrong, and what to do if known. */
export function describeError(error: unknown): string {
  if (error instanceof ScanError) return `${error.message}${hint(error)}`;
  return describeSystemError(error) ?? (error instanceof Error ? error.message : String(error));
}

/** What the operating system refuses, in words, with the next step where there is one. */
const systemReasons: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "no space is left there; make some, or name another place"],
  ["EDQUOT", "the quota is used up; make space, or name another place"],
  ["EROFS", "the file system is read-only; name another place"],
  ["EACCES", "permission was denied"],
  ["EPERM", "that is not permitted"],
  ["ENOENT", "there is no such file or directory"],
  ["ENOTDIR", "a part of the path is no directory"],
  ["EISDIR", "it is a directory"],
  ["EMFILE", "too many files are open; `ulimit -n` allows more"],
]);

/** What a system call was for, where its name says it to programmers alone. */
const deeds: ReadonlyMap<string, string> = new Map([
  ["mkdir", "write"],
  ["rename", "write"],
  ["lstat", "read"],
  ["opendir", "read"],
  ["scandir", "read"],
  ["stat", "read"],
]);

function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path }: NodeJS.ErrnoException = error;
  const reason = systemReasons.get(code ?? "");
  if (reason === undefined) return undefined;
  const what = deeds.get(syscall ?? "open") ?? syscall;
  return `Cannot ${what} ${path ?? "a file"}: ${reason}`;
}

/** Runs `work`. An error of the operating system names `path` in its message, not the temporary file beside it. */
export async function sayingOf<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) Object.assign(error, { path, syscall: "write" });
    throw error;
  }
}

function hint(error: ScanError): string {
  switch (error.failure.kind) {
    case "image-not-found":
      // Whoever asked a registry knows how images are named.
      return error.message.includes("registry")
        ? ""
        : ". Give a path to an image archive or layout directory; `plimsoll image --help` has examples";
    case "unsupported-image":
      return ". An image is what `docker save` writes or an OCI layout, packed or not; other directories are for `plimsoll fs` and `plimsoll rootfs`";
    case "ambiguous-image":
      return ". Choose with --tag";
    case "platform-not-found":
      return ". Choose with --platform";
    case "store-missing":
      return error.message.includes("plimsoll db") ? "" : ". `plimsoll db update` fetches the default one";
    default:
      return "";
  }
}
