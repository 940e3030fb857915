import { CelEvaluationError } from "../cel-error.ts";
import { CelUint } from "../values.ts";

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

/** The number, if it fits 64 signed bits. @throws {CelEvaluationError} for an overflow. */
export function toInt(value: bigint): bigint {
  if (value < minInt || value > maxInt) throw new CelEvaluationError("integer overflow: return error for overflow");
  return value;
}

/** The number, if it fits 64 unsigned bits. @throws {CelEvaluationError} for an overflow. */
export function toUint(value: bigint): CelUint {
  if (value < 0n || value > maxUint)
    throw new CelEvaluationError("unsigned integer overflow: return error for overflow");
  return new CelUint(value);
}

/** A whole number of a double's whole part. @throws {CelEvaluationError} outside of the range, and for NaN. */
export function truncate(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelEvaluationError("integer overflow: range error");
  return BigInt(Math.trunc(value));
}
