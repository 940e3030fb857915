import { dump } from "js-yaml";

/**
 * Writes a value as YAML the way Go's `sigs.k8s.io/yaml` does, which Kubernetes' tools use: keys sorted, items of lists
 * not indented, nothing folded, no anchors. @throws {TypeError} for what JSON has not.
 */
export function formatYaml(value: unknown): string {
  // Through JSON, so that what is shared is written out and what JSON has not is not written at all.
  // A copy of a value, as JSON would keep it.
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return dump(sorted(plain), { noRefs: true, lineWidth: -1, seqNoIndent: true, quoteStyle: "double" });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
