/** A benchmark, its settings or what was asked of it is wrong: the message names the file or the option and says why. */
export class BenchmarkError extends Error {
  override readonly name = "BenchmarkError";
  /** The file or option that is wrong. */
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, options);
    this.path = path;
  }
}
