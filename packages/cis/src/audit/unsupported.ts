/** An audit uses something unsupported, or needs a fact that is not known. The result of its check is unknown. */
export class UnsupportedAudit extends Error {
  override readonly name = "UnsupportedAudit";
  /** What is unsupported, in a few words for statistics: `command openssl`, `shell function`. */
  readonly shape: string;

  constructor(shape: string, detail?: string) {
    super(detail === undefined ? shape : `${shape}: ${detail}`);
    this.shape = shape;
  }
}
