import type { Digest } from "./bytes.ts";

/** Why a scan could not go on. Tagged with `kind`, each kind with the facts that belong to it. */
export type Failure =
  | { readonly kind: "image-not-found"; readonly label: string; readonly reason?: string }
  | { readonly kind: "unsupported-image"; readonly label: string; readonly reason: string }
  | { readonly kind: "malformed-image"; readonly label: string; readonly reason: string }
  | {
      readonly kind: "platform-not-found";
      readonly label: string;
      readonly wanted: string;
      readonly available: readonly string[];
    }
  | { readonly kind: "ambiguous-image"; readonly label: string; readonly choices: readonly string[] }
  | { readonly kind: "digest-mismatch"; readonly what: string; readonly expected: Digest; readonly actual: Digest }
  | { readonly kind: "truncated"; readonly what: string; readonly offset: number }
  | { readonly kind: "limit-exceeded"; readonly what: string; readonly limit: number }
  | { readonly kind: "unauthorized"; readonly label: string; readonly reason: string }
  | { readonly kind: "network"; readonly label: string; readonly reason: string }
  | { readonly kind: "store-missing"; readonly label: string; readonly reason: string }
  | { readonly kind: "store-unreadable"; readonly label: string; readonly reason: string }
  /** Nobody who is believed signed it, as far as can be told. */
  | { readonly kind: "unverified"; readonly label: string; readonly reason: string }
  | { readonly kind: "malformed-document"; readonly label: string; readonly reason: string }
  /** What the caller gave to be asked threw: a listener, a triage rule. The error is the `cause`. */
  | { readonly kind: "callback-failed"; readonly what: string; readonly reason: string }
  | { readonly kind: "invalid-option"; readonly option: string; readonly reason: string };

/** The one error class of Plimsoll: a tagged {@link Failure}, with the underlying error as `cause`. */
export class ScanError extends Error {
  override readonly name = "ScanError";
  readonly failure: Failure;

  constructor(failure: Failure, options?: { readonly cause?: unknown }) {
    super(describeFailure(failure), options);
    this.failure = failure;
  }
}

/** Wraps what a caller's callback threw into a ScanError `callback-failed`; a ScanError is returned as it is. */
export function callbackFailed(what: string, cause: unknown): ScanError {
  if (cause instanceof ScanError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ScanError({ kind: "callback-failed", what, reason }, { cause });
}

/** One sentence for people: the thing, the cause, and the next step where there is one. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case "image-not-found":
      return `No image at ${failure.label}${failure.reason === undefined ? "" : `: ${failure.reason}`}`;
    case "unsupported-image":
      return `Cannot read ${failure.label}: ${failure.reason}`;
    case "malformed-image":
      return `${failure.label} is not a readable image: ${failure.reason}`;
    case "platform-not-found":
      return `${failure.label} has no image for ${failure.wanted}; it has ${fewOf(failure.available) || "none"}`;
    case "ambiguous-image":
      return `${failure.label} holds several images, choose one: ${fewOf(failure.choices)}`;
    case "digest-mismatch":
      return `${failure.what} should have digest ${failure.expected} but its bytes hash to ${failure.actual}`;
    case "truncated":
      return `${failure.what} ends early, at byte ${failure.offset}`;
    case "limit-exceeded":
      return `${failure.what} is larger than the limit of ${failure.limit}`;
    case "unauthorized":
      return `Access to ${failure.label} was refused: ${failure.reason}`;
    case "network":
      return `Cannot reach ${failure.label}: ${failure.reason}`;
    case "store-missing":
      return `No advisory database at ${failure.label}: ${failure.reason}`;
    case "store-unreadable":
      return `Cannot read the advisory database ${failure.label}: ${failure.reason}`;
    case "unverified":
      return `${failure.label} is not trusted: ${failure.reason}`;
    case "malformed-document":
      return `Cannot read ${failure.label}: ${failure.reason}`;
    case "callback-failed":
      return `${failure.what} failed: ${failure.reason}`;
    case "invalid-option":
      return `${failure.option}: ${failure.reason}`;
  }
}

/** How many names a sentence lists: an archive may hold a hundred thousand. */
const maxNamed = 20;

function fewOf(names: readonly string[]): string {
  const more = names.length - maxNamed;
  return [...names.slice(0, maxNamed), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
