import { textField, xmlChildren } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";
import { objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** The conditions of a definition. Only their comments are read, which state the same as the tests that they refer to. */
export interface Criteria {
  readonly comments: readonly string[];
  readonly inner: readonly Criteria[];
  /** Whether one of the criteria is enough (`OR`), or all must hold. */
  readonly any: boolean;
}

/** The most levels of criteria that are read. Real definitions have a handful. */
const maxDepth = 24;

/** The conditions of an OVAL `criteria` element; `depth`: how deep it is nested. */
export function criteriaOfXml(element: XmlElement, depth = 0): Criteria {
  return {
    any: element.attributes.get("operator") === "OR",
    comments: xmlChildren(element, "criterion").map(({ attributes }) => attributes.get("comment") ?? ""),
    inner: depth > maxDepth ? [] : xmlChildren(element, "criteria").map((child) => criteriaOfXml(child, depth + 1)),
  };
}

/** As {@link criteriaOfXml}, of the JSON form. */
export function criteriaOfJson(object: JsonObject, depth = 0): Criteria {
  return {
    any: textField(object, "Operator") === "OR",
    comments: objectsField(object, "Criterions").map((criterion) => textField(criterion, "Comment") ?? ""),
    inner: depth > maxDepth ? [] : objectsField(object, "Criterias").map((child) => criteriaOfJson(child, depth + 1)),
  };
}

/** A package below a version, with the conditions around it. */
export interface EarlierThan {
  readonly name: string;
  readonly version: string;
  /** Release of the distribution: `8`. */
  readonly release?: string;
  readonly arch?: string;
  /** Stream of the module: `nodejs:12`. */
  readonly module?: string;
}

type Conditions = Pick<EarlierThan, "release" | "arch" | "module">;

/** Every `… is earlier than …` of a definition. */
export function* earlierThan(criteria: Criteria, outer: Conditions = {}): Generator<EarlierThan> {
  // Older errata put the architecture beside alternatives of packages, under the same OR.
  const conditions: Conditions = { ...outer, ...Object.assign({}, ...criteria.comments.map(conditionOf)) };
  // Conditions of the branch may stand in a group of their own beside the packages.
  const shared = criteria.any
    ? conditions
    : {
        ...conditions,
        ...Object.assign({}, ...criteria.inner.filter(isCondition).flatMap((group) => group.comments.map(conditionOf))),
      };
  for (const comment of criteria.comments) {
    const [, name, version] = /^(\S+) is earlier than (\S+)$/.exec(comment.trim()) ?? [];
    if (name !== undefined && version !== undefined) yield { name, version: version.replace(/^0:/, ""), ...shared };
  }
  for (const inner of criteria.inner) yield* earlierThan(inner, shared);
}

/** A group that states one condition and no package. */
function isCondition({ comments, inner }: Criteria): boolean {
  return inner.length === 0 && comments.length === 1 && Object.keys(conditionOf(comments[0] ?? "")).length > 0;
}

function conditionOf(comment: string): Conditions {
  const release = /^Oracle Linux (\d+) is installed$/.exec(comment.trim())?.[1];
  if (release !== undefined) return { release };
  const arch = /^Oracle Linux arch is (\S+)$/.exec(comment.trim())?.[1];
  if (arch !== undefined) return { arch };
  const module = /^Module ([^\s:]+:\S+) is enabled$/.exec(comment.trim())?.[1];
  return module === undefined ? {} : { module };
}
