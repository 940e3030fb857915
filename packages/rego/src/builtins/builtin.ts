/** Declarations of built-in functions, and what their implementations may use. */

import { readSignature, type Declaration } from "../compiler/declarations.ts";
import { typeName, type Value } from "../values/value.ts";

/** The part of an evaluation that built-in functions can use. */
export interface BuiltinContext {
  /** Counts steps (absent: 1). @throws {RegoError} `limit_exceeded` when the limit is passed */
  step(count?: number): void;
  /** Counts bytes of memory that a result takes. @throws {RegoError} `limit_exceeded` */
  charge(bytes: number): void;
  /** A value made once and kept for the rest of this evaluation. */
  remember<T>(key: string, make: () => T): T;
  /**
   * A value that depends only on its key, such as a compiled pattern, and may be cached across evaluations. It counts as `cost` steps in every
   * evaluation, so that limits do not depend on what is cached.
   */
  keep<T>(kind: string, key: string, cost: number, make: () => T): T;
  /** The environment that the caller supplied: `crypto`, `now`, `random`, `print`. */
  readonly environment: Environment;
  /** Called by a test for each case that it reaches. */
  readonly onTestCase?: ((path: readonly Value[]) => void) | undefined;
  /** The answer to a call of an asynchronous built-in function; absent in a synchronous evaluation. */
  readonly awaited?: ((builtin: AsyncBuiltin, args: readonly Value[]) => Value | undefined) | undefined;
}

/** A public key: in PEM (a key or a certificate), or as a JWK. */
export type VerificationKey = {
  readonly keyId: string | undefined;
  /** The algorithm that the key is for. */
  readonly algorithm: string | undefined;
} & ({ readonly pem: string } | { readonly jwk: Readonly<Record<string, unknown>> });

/** A synchronous implementation of public-key cryptography for policies. */
export interface RegoCrypto {
  /** Whether a PEM text contains a public key or a certificate. */
  isKey(pem: string): boolean;
  /** Verifies a signature of JWS (RFC 7518: `RS256`, `PS256`, `ES256`, `EdDSA` …); false also for keys that do not fit the algorithm. */
  verify(algorithm: string, key: VerificationKey, payload: Uint8Array, signature: Uint8Array): boolean;
  /**
   * A private key in PEM (PKCS #1, PKCS #8 or SEC 1, not encrypted) as a JWK; undefined for other text. Where this function is absent, the built-in
   * functions about private keys are refused.
   */
  privateKey?(pem: string): Readonly<Record<string, unknown>> | undefined;
  /** Signs with a private key given as a JWK. */
  sign(algorithm: string, jwk: Readonly<Record<string, unknown>>, payload: Uint8Array): Uint8Array;
}

/** Access to the world outside of an evaluation. Functions that need an absent member are refused. */
export interface Environment {
  readonly crypto?: RegoCrypto | undefined;
  /** The current time in nanoseconds since 1970; called once per evaluation. */
  readonly now?: (() => bigint) | undefined;
  /** A random number, uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
  /** Receives the output of `print`. */
  readonly print?: ((text: string) => void) | undefined;
}

/** A built-in function: its types and its implementation, which returns undefined for Rego's undefined. */
export interface Builtin extends Declaration {
  readonly evaluate: (args: readonly Value[], context: BuiltinContext) => Value | undefined;
  /** True for asynchronous functions, whose answer may be missing in the current round. */
  readonly awaits?: boolean;
  /** For functions with several results: all of them. */
  readonly all?: (args: readonly Value[], context: BuiltinContext) => Iterable<Value>;
}

/** The answer to one call: a value, undefined as in Rego, or an error. */
export type AsyncAnswer = Value | undefined | BuiltinError;

/**
 * An asynchronous built-in function. `queryAsync` evaluates in rounds: it collects the calls that have no answer yet, asks for all calls of a
 * function together, and evaluates again, until no answer is missing.
 */
export interface AsyncBuiltin extends Declaration {
  /**
   * Returns one answer for each call, in order; a call is given by its arguments. No call is asked for twice in one query. `signal` is aborted when
   * the query has ended. If the promise rejects with a BuiltinError, that is the answer to each call; any other rejection ends the query as soon as
   * it needs one of the calls.
   */
  readonly answer: (
    calls: readonly (readonly Value[])[],
    options: { readonly signal: AbortSignal },
  ) => Promise<readonly AsyncAnswer[]>;
}

type Evaluate = Builtin["evaluate"];

/**
 * Declares a built-in function.
 * @param signature The types of its operands and its result as OPA writes them: `(string, array[number]) => boolean`.
 * @param evaluate Computes the result; undefined is Rego's undefined. It throws a {@link BuiltinError} for operands that it cannot take.
 * @throws {TypeError} for an invalid signature.
 * @example
 * builtin("shout", "(string) => string", ([text]) => `${String(text)}!`);
 */
export function builtin(name: string, signature: string, evaluate: Evaluate): Builtin {
  return { name, ...readSignature(signature), relation: false, deprecated: false, evaluate };
}

/** Declares a built-in function that Rego v1 no longer has. */
export function deprecated(name: string, signature: string, evaluate: Evaluate): Builtin {
  return { ...builtin(name, signature, evaluate), deprecated: true };
}

/** Declares a built-in function with any number of results. */
export function relation(name: string, signature: string, all: NonNullable<Builtin["all"]>): Builtin {
  return { ...builtin(name, signature, () => undefined), relation: true, all };
}

/**
 * Declares an asynchronous built-in function, for `queryAsync`.
 * @param signature As for {@link builtin}.
 * @param answer Answers all calls of a round together; see {@link AsyncBuiltin}.
 */
export function asyncBuiltin(name: string, signature: string, answer: AsyncBuiltin["answer"]): AsyncBuiltin {
  return { name, ...readSignature(signature), relation: false, deprecated: false, answer };
}

/** The synchronous function that an evaluation calls for an asynchronous one. */
export function awaiting(declared: AsyncBuiltin): Builtin {
  const { answer: _, ...declaration } = declared;
  void _;
  return {
    ...declaration,
    awaits: true,
    evaluate: (args, { awaited }) => {
      if (awaited === undefined) throw new RefusedBuiltin("it is asynchronous: use queryAsync or testAsync");
      return awaited(declared, args);
    },
  };
}

/** A built-in function failed. The expression is then undefined, unless `strictBuiltinErrors` is set. */
export class BuiltinError extends Error {
  override readonly name = "BuiltinError";
  readonly code: "eval_type_error" | "eval_builtin_error";

  constructor(message: string, code: "eval_type_error" | "eval_builtin_error" = "eval_builtin_error") {
    super(message);
    this.code = code;
  }
}

/** The function is refused here. This always ends the evaluation and never makes an expression undefined. */
export class RefusedBuiltin extends BuiltinError {}

/** The error for an operand of a wrong type. */
export function operandError(position: number, value: Value, ...wanted: readonly string[]): BuiltinError {
  return operandMessage(position, typeName(value), ...wanted);
}

/** The error for an operand of a wrong type, with a description of the operand. */
export function operandMessage(position: number, got: string, ...wanted: readonly string[]): BuiltinError {
  const list = wanted.length === 1 ? wanted[0] : `one of {${wanted.join(", ")}}`;
  return new BuiltinError(`operand ${position} must be ${list} but got ${got}`, "eval_type_error");
}
