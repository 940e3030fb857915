import { isKubernetesObject } from "@plimsoll/kubernetes";
import type { ValueFormat } from "../shared/format.ts";

/** Objects of the Kubernetes API, in YAML or JSON, and lists of them. */
export const kubernetesFormat: ValueFormat = {
  id: "kubernetes",
  name: "Kubernetes manifest",
  matches: (value) => isKubernetesObject(value),
  document: (input) => ({ ...input, format: "kubernetes" }),
};
