import type { CelFunction } from "../define.ts";
import { overload } from "../define.ts";
import { addressFunctions } from "./addresses.ts";
import { authorizerFunctions } from "./authorizer.ts";
import { kubernetesFormat } from "./format.ts";
import { namedFormatFunctions } from "./named-formats.ts";
import { patternFunctions } from "./patterns.ts";
import { quantityFunctions } from "./quantities.ts";
import { urlFunctions } from "./urls.ts";
import { versionFunctions } from "./versions.ts";

/** The functions that Kubernetes adds to CEL (apiserver `pkg/cel/library`). One list, so that compiling many expressions shares it. */
export const kubernetesFunctions: readonly CelFunction[] = [
  ...quantityFunctions,
  ...addressFunctions,
  ...urlFunctions,
  ...versionFunctions,
  ...patternFunctions,
  ...namedFormatFunctions,
  ...authorizerFunctions,
  kubernetesFormat,
  // A key in a JSON pointer (RFC 6901), for the patches of mutating policies.
  overload("jsonpatch.escapeKey", ["string"], "string", (_, key) => key.replaceAll("~", "~0").replaceAll("/", "~1")),
];
