/** An audit does something that has no plan, or asks for a fact that nobody knows. Its check is unknown. */
export class UnsupportedAudit extends Error {
  override readonly name = "UnsupportedAudit";
  /** What it is, short enough to be counted: `command openssl`, `shell function`. */
  readonly shape: string;

  constructor(shape: string, detail?: string) {
    super(detail === undefined ? shape : `${shape}: ${detail}`);
    this.shape = shape;
  }
}
