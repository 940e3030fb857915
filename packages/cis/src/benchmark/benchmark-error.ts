/** A benchmark, its settings or an option is invalid: the message names the file or option and the reason. */
export class BenchmarkError extends Error {
  override readonly name = "BenchmarkError";
  /** The invalid file or option. */
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, options);
    this.path = path;
  }
}
