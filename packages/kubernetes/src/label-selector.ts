import { asList, asObject, asText, member, textMembers } from "./object.ts";

/**
 * Whether labels satisfy a label selector (`matchLabels`, `matchExpressions` with `In`, `NotIn`, `Exists`, `DoesNotExist`). An empty selector
 * matches everything. Undefined: the selector cannot be understood.
 */
export function matchesLabelSelector(labels: Readonly<Record<string, string>>, selector: unknown): boolean | undefined {
  const object = asObject(selector);
  if (object === undefined) return undefined;
  for (const [key, value] of Object.entries(textMembers(member(object, "matchLabels"))))
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  let matches = true;
  for (const expression of asList(member(object, "matchExpressions"))) {
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
      return label !== undefined;
    case "DoesNotExist":
      return label === undefined;
    default:
      return undefined;
  }
}
