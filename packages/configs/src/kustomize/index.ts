import { member } from "@plimsoll/kubernetes";
import { baseName } from "../shared/format.ts";
import type { ValueFormat } from "../shared/format.ts";

/** Kustomizations: their resources are checked as they are written, without the changes that a kustomization makes. */
export const kustomizeFormat: ValueFormat = {
  id: "kustomize",
  name: "kustomization",
  matches: (value, path) =>
    ["kustomization.yaml", "kustomization.yml", "Kustomization"].includes(baseName(path)) ||
    String(member(value, "apiVersion")).startsWith("kustomize.config.k8s.io/"),
};
