import { kubernetesObjects } from "@plimsoll/kubernetes";
import { UsageError } from "./command-line.ts";

/**
 * The items of a list, as kubectl prints one, or the value itself. Of a list as such nobody wants to know.
 * @throws UsageError where not every item is an object.
 */
export function listItems<Value>(value: Value, path: string): readonly Value[] {
  const { kind, items } = Object(value) as { readonly kind?: unknown; readonly items?: unknown }; // as: members of any type
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [value];
  const found = kubernetesObjects(value);
  if (found.length < items.length)
    throw new UsageError(`${path}: items of a ${kind} are no objects of Kubernetes, or lists too deep in lists`);
  return found.map((each) => each.value as Value); // as: an object is any JSON
}
