import type { Check } from "./check.ts";
import { dockerfileChecks } from "./dockerfile/index.ts";
import { kubernetesChecks } from "./kubernetes/index.ts";

/** Every check of this package, in the order of their ids. */
export const everyCheck: readonly Check[] = [...dockerfileChecks, ...kubernetesChecks].sort((a, b) =>
  a.id < b.id ? -1 : 1,
);
