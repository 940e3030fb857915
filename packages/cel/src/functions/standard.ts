import { conversionFunctions, sizeFunctions } from "./conversions.ts";
import type { CelFunction } from "./define.ts";
import { encoderFunctions } from "./encoders.ts";
import { formatFunctions } from "./format.ts";
import { listFunctions, setFunctions } from "./lists.ts";
import { mathFunctions } from "./math.ts";
import { operatorFunctions } from "./operators.ts";
import { optionalFunctions } from "./optionals.ts";
import { stringFunctions } from "./strings.ts";
import { timeFunctions } from "./times.ts";

/** The functions that every expression can use: CEL's standard library, and the cel-go extensions that Kubernetes enables. */
export const standardFunctions: readonly CelFunction[] = [
  ...operatorFunctions,
  ...conversionFunctions,
  ...sizeFunctions,
  ...stringFunctions,
  ...formatFunctions,
  ...timeFunctions,
  ...listFunctions,
  ...setFunctions,
  ...mathFunctions,
  ...optionalFunctions,
  ...encoderFunctions,
];
