/** The part of a policy set that an error is about. */
export type PolicyErrorKind =
  | "match"
  | "location"
  | "path-test"
  | "mutator"
  | "mutation"
  | "expansion"
  | "template"
  | "constraint"
  | "review";

/**
 * An invalid policy, or one that could not be applied. `code` is the name of the error in Gatekeeper's own tests (`ErrUnexpectedToken`,
 * `missingComponents`), where it has one.
 */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly kind: PolicyErrorKind;
  readonly code: string | undefined;

  constructor(kind: PolicyErrorKind, message: string, code?: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}
