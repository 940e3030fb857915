import { asList, asObject, asText, member, scalarText } from "./object.ts";

/**
 * Whether labels satisfy a label selector (`matchLabels`, and `matchExpressions` with `In`, `NotIn`, `Exists` and `DoesNotExist`). An empty selector
 * matches everything. Returns undefined for a selector that the Kubernetes API would refuse, whatever the labels are.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function matchesLabelSelector(labels: Readonly<Record<string, string>>, selector: unknown): boolean | undefined {
  if (asObject(selector) === undefined) return undefined;
  const matchLabels = member(selector, "matchLabels") ?? {};
  const expressions = member(selector, "matchExpressions") ?? [];
  if (asObject(matchLabels) === undefined || !Array.isArray(expressions)) return undefined;
  let matches = true;
  for (const [key, wanted] of Object.entries(matchLabels)) {
    const value = scalarText(wanted);
    if (value === undefined) return undefined;
    matches &&= Object.hasOwn(labels, key) && labels[key] === value;
  }
  // No early return: a later expression may make the selector invalid.
  for (const expression of expressions) {
    const matched = matchesExpression(labels, expression);
    if (matched === undefined) return undefined;
    matches &&= matched;
  }
  return matches;
}

function matchesExpression(labels: Readonly<Record<string, string>>, expression: unknown): boolean | undefined {
  const key = asText(member(expression, "key"));
  if (key === undefined) return undefined;
  const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const values = asList(member(expression, "values"));
  switch (member(expression, "operator")) {
    case "In":
      return values.length === 0 ? undefined : label !== undefined && values.includes(label);
    case "NotIn":
      return values.length === 0 ? undefined : label === undefined || !values.includes(label);
    case "Exists":
      return values.length > 0 ? undefined : label !== undefined;
    case "DoesNotExist":
      return values.length > 0 ? undefined : label === undefined;
    default:
      return undefined;
  }
}
