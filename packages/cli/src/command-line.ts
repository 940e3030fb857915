import { ScanError } from "@plimsoll/model";

/** What the program touches of the world, so that tests can stand in for it. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** RFC 3339. */
  now(): string;
}

/** Exit codes of the program; `--exit-code` adds its own. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** An option's value that means nothing. Shown in one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** One line for people: what went wrong, and what to do where we know. */
export function describeError(error: unknown): string {
  if (error instanceof ScanError) return `${error.message}${hint(error)}`;
  return error instanceof Error ? error.message : String(error);
}

function hint(error: ScanError): string {
  switch (error.failure.kind) {
    case "image-not-found":
      return ". Give a path to an image archive or layout directory; `plimsoll image --help` has examples";
    case "unsupported-image":
      return ". Plimsoll reads what `docker save` writes and OCI image layouts, packed or not";
    case "ambiguous-image":
      return ". Choose with --tag";
    case "platform-not-found":
      return ". Choose with --platform";
    case "store-missing":
      return ". Make one with `plimsoll db build --from OSV-MIRROR --output FILE` and pass it with --db FILE";
    default:
      return "";
  }
}
