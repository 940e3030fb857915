/** What a built-in function is, and what it may ask of the evaluation. */

import { readSignature, type Declaration } from "../compiler/declarations.ts";
import { typeName, type Value } from "../values/value.ts";

/** What built-in functions get of the evaluation around them. */
export interface BuiltinContext {
  /** Accounts for steps; throws when there were too many. */
  step(count?: number): void;
  /** Accounts for bytes of a result. */
  charge(bytes: number): void;
  /** A value that stays the same within one evaluation. */
  remember<T>(key: string, make: () => T): T;
  /**
   * A value that depends on nothing but its key, like a compiled pattern: it may be kept beyond the evaluation. `cost` is how
   * many steps it counts for in each evaluation, so that what a policy may do does not depend on what was kept.
   */
  keep<T>(kind: string, key: string, cost: number, make: () => T): T;
  /** What was injected, by name: `crypto`, `now`, `random` … */
  readonly environment: Environment;
  /** Is told by a test which of its cases it has come to. */
  readonly onTestCase?: ((path: readonly Value[]) => void) | undefined;
  /** The answer to a call that is awaited; absent where the evaluation cannot wait. */
  readonly awaited?: ((builtin: AsyncBuiltin, args: readonly Value[]) => Value | undefined) | undefined;
}

/** A public key: in PEM (a key or a certificate), or as a JWK. */
export type VerificationKey = {
  readonly keyId: string | undefined;
  /** The algorithm that the key is for. */
  readonly algorithm: string | undefined;
} & ({ readonly pem: string } | { readonly jwk: Readonly<Record<string, unknown>> });

/** A synchronous implementation of what policies may ask of cryptography with keys. */
export interface RegoCrypto {
  /** Whether a text in PEM holds a public key or a certificate. */
  isKey(pem: string): boolean;
  /** Verifies a signature of JWS (RFC 7518: `RS256`, `PS256`, `ES256`, `EdDSA` …); false for unfit keys. */
  verify(algorithm: string, key: VerificationKey, payload: Uint8Array, signature: Uint8Array): boolean;
  /**
   * A private key in PEM (PKCS #1, PKCS #8 or SEC 1, not encrypted) as a JWK; undefined for what is none. Where it is absent, the
   * functions about private keys are refused.
   */
  privateKey?(pem: string): Readonly<Record<string, unknown>> | undefined;
  /** Signs by a private key given as a JWK. */
  sign(algorithm: string, jwk: Readonly<Record<string, unknown>>, payload: Uint8Array): Uint8Array;
}

/** What reaches out of an evaluation: absent unless injected. */
export interface Environment {
  readonly crypto?: RegoCrypto | undefined;
  /** Nanoseconds since 1970; asked once per evaluation. */
  readonly now?: (() => bigint) | undefined;
  /** Uniform numbers in [0, 1). */
  readonly random?: (() => number) | undefined;
  /** Takes what `print` prints. */
  readonly print?: ((text: string) => void) | undefined;
}

/** A built-in function: its types, and what it does. Undefined is Rego's undefined. */
export interface Builtin extends Declaration {
  readonly evaluate: (args: readonly Value[], context: BuiltinContext) => Value | undefined;
  /** Its answers are awaited: it may be undefined for now. */
  readonly awaits?: boolean;
  /** For relations: all results. */
  readonly all?: (args: readonly Value[], context: BuiltinContext) => Iterable<Value>;
}

/** The answer to one call: a value, undefined as in Rego, or why there is none. */
export type AsyncAnswer = Value | undefined | BuiltinError;

/**
 * A built-in function whose answers are awaited. An evaluation by `queryAsync` runs without the answers that it lacks, then all
 * calls of a function that lack one are asked for together, and it runs again, until it lacks none.
 */
export interface AsyncBuiltin extends Declaration {
  /**
   * Answers calls, each given by its arguments, in their order. No call is asked for twice in one query. `signal` is aborted when
   * the query has ended. A promise that is rejected with a BuiltinError stands for that answer to each call; any other reason ends
   * the query as soon as it needs one of the calls.
   */
  readonly answer: (
    calls: readonly (readonly Value[])[],
    options: { readonly signal: AbortSignal },
  ) => Promise<readonly AsyncAnswer[]>;
}

type Evaluate = Builtin["evaluate"];

/** Declares a built-in function by its signature as OPA lists it. */
export function builtin(name: string, signature: string, evaluate: Evaluate): Builtin {
  return { name, ...readSignature(signature), relation: false, deprecated: false, evaluate };
}

/** Declares one that v1 no longer has. */
export function deprecated(name: string, signature: string, evaluate: Evaluate): Builtin {
  return { ...builtin(name, signature, evaluate), deprecated: true };
}

/** Declares one with any number of results. */
export function relation(name: string, signature: string, all: NonNullable<Builtin["all"]>): Builtin {
  return { ...builtin(name, signature, () => undefined), relation: true, all };
}

/** Declares one whose answers are awaited, by its signature as OPA lists it. */
export function asyncBuiltin(name: string, signature: string, answer: AsyncBuiltin["answer"]): AsyncBuiltin {
  return { name, ...readSignature(signature), relation: false, deprecated: false, answer };
}

/** The function that an evaluation calls for one whose answers are awaited. */
export function awaiting(declared: AsyncBuiltin): Builtin {
  const { answer: _, ...declaration } = declared;
  void _;
  return {
    ...declaration,
    awaits: true,
    evaluate: (args, { awaited }) => {
      if (awaited === undefined) throw new RefusedBuiltin("its answers are awaited: ask by queryAsync or testAsync");
      return awaited(declared, args);
    },
  };
}

/** A built-in function failed; without strict errors, the expression is undefined. */
export class BuiltinError extends Error {
  override readonly name = "BuiltinError";
  readonly code: "eval_type_error" | "eval_builtin_error";

  constructor(message: string, code: "eval_type_error" | "eval_builtin_error" = "eval_builtin_error") {
    super(message);
    this.code = code;
  }
}

/** A function cannot be had here at all; never undefined. */
export class RefusedBuiltin extends BuiltinError {}

/** The error for an operand of a wrong type. */
export function operandError(position: number, value: Value, ...wanted: readonly string[]): BuiltinError {
  return operandMessage(position, typeName(value), ...wanted);
}

/** The same with a description of what was given. */
export function operandMessage(position: number, got: string, ...wanted: readonly string[]): BuiltinError {
  const list = wanted.length === 1 ? wanted[0] : `one of {${wanted.join(", ")}}`;
  return new BuiltinError(`operand ${position} must be ${list} but got ${got}`, "eval_type_error");
}
