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

/** Every function that expressions have without asking: the language's own, and cel-go's extensions that Kubernetes has, too. */
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
