/** What part of a policy set an error is about. */
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
 * A policy that is wrong, or that could not be applied. `code` is the class under which Gatekeeper's own tests know the
 * error (`ErrUnexpectedToken`, `missingComponents`), where it has one.
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
