/** What is wrong with the bytes. */
export type FormatProblem = "malformed" | "truncated" | "unsupported" | "limit-exceeded";

/** Thrown by every reader of this package for bytes it cannot read: never anything else, whatever the bytes are. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  /** `gzip`, `tar`, `zip`, `elf`, `sqlite` … */
  readonly format: string;
  readonly problem: FormatProblem;
  /** Byte offset where reading stopped, where known. */
  readonly offset: number | undefined;

  constructor(
    format: string,
    problem: FormatProblem,
    detail: string,
    options?: { readonly offset?: number; readonly cause?: unknown },
  ) {
    super(`${format}: ${detail}`, options?.cause === undefined ? undefined : { cause: options.cause });
    this.format = format;
    this.problem = problem;
    this.offset = options?.offset;
  }
}
