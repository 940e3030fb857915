import type { JudgeByCel } from "../cel/cel-policy.ts";
import { kindTest, matcherWithinKind, type KindTest, type MatchFacts, type Matcher } from "../match/match.ts";
import type { TemplateEngine, Violation } from "../policies.ts";
import type { ConstraintTemplate } from "../templates/template.ts";
import type { Constraint } from "./constraint.ts";
import { enforcementAt, enforcementPoints, type EnforcementPoint } from "./enforcement.ts";

/** What is said of every violation of a constraint at one point. */
export type ViolationHead = Pick<Violation, "constraint" | "enforcementAction" | "scopedActions">;

/** A constraint, and the template that it is of. */
export interface BoundConstraint {
  readonly constraint: Constraint;
  readonly template: ConstraintTemplate;
}

/** A constraint with all that does not depend on what is reviewed. */
export interface PreparedConstraint extends BoundConstraint {
  /** Whether it is for an object that is of a kind that it is for. */
  readonly matches: Matcher;
  /** Whether it is for objects of this kind at all. */
  readonly isForKind: KindTest;
  /** Judges by the template's CEL; absent where Rego does. */
  readonly cel: JudgeByCel | undefined;
  /** Where it is enforced. */
  readonly heads: ReadonlyMap<EnforcementPoint, ViolationHead>;
}

/** A constraint where it is enforced. */
export interface EnforcedConstraint {
  readonly prepared: PreparedConstraint;
  readonly head: ViolationHead;
}

/** Those that are for objects of one kind, in order, and where each stands by its id. */
export interface EnforcedConstraints {
  readonly all: readonly EnforcedConstraint[];
  readonly places: ReadonlyMap<string, number>;
}

/** None is for any object. */
export const noConstraints: EnforcedConstraints = { all: [], places: new Map() };

const mostKindsKept = 1_000;

/** Constraints, found by where they are enforced and by the kind of the object. */
export class ConstraintTable {
  readonly #prepared: readonly PreparedConstraint[];
  readonly #byObjectKind: Map<string, EnforcedConstraints> = new Map();

  /** `engine` judges where a template has a source for both. */
  constructor(constraints: readonly BoundConstraint[], engine: TemplateEngine) {
    this.#prepared = constraints.map((each) => prepare(each, engine));
  }

  /** The constraints that are enforced somewhere and are for objects of a kind, in order: most are for a few kinds only. */
  for(point: EnforcementPoint, { group, kind }: MatchFacts): EnforcedConstraints {
    const key = `${point}\0${group}\0${kind}`;
    const known = this.#byObjectKind.get(key);
    if (known !== undefined) return known;
    const all = this.#prepared.flatMap((prepared): readonly EnforcedConstraint[] => {
      const head = prepared.heads.get(point);
      return head !== undefined && prepared.isForKind(group, kind) ? [{ prepared, head }] : [];
    });
    const places = new Map(all.map(({ head }, place) => [idOfConstraint(head.constraint), place]));
    const found = { all, places };
    // Whoever sends objects names the kinds, so that there may be any number of them.
    if (this.#byObjectKind.size >= mostKindsKept) this.#byObjectKind.clear();
    this.#byObjectKind.set(key, found);
    return found;
  }
}

function prepare({ constraint, template }: BoundConstraint, engine: TemplateEngine): PreparedConstraint {
  const heads = new Map<EnforcementPoint, ViolationHead>();
  for (const point of enforcementPoints) {
    const enforcement = enforcementAt(constraint.document, point);
    if (enforcement === undefined) continue;
    heads.set(point, {
      constraint: { kind: constraint.kind, name: constraint.name },
      enforcementAction: enforcement.action,
      ...(enforcement.scopedActions.length === 0 ? {} : { scopedActions: enforcement.scopedActions }),
    });
  }
  const { cel, rego } = template;
  const byCel = cel !== undefined && (rego === undefined || engine === "K8sNativeValidation");
  return {
    constraint,
    template,
    matches: matcherWithinKind(constraint.match),
    isForKind: kindTest(constraint.match),
    cel: byCel ? cel.withParameters(constraint.document) : undefined,
    heads,
  };
}

/** What tells a constraint, or the binding of a policy, from all others. */
export function idOfConstraint({ kind, name }: Violation["constraint"]): string {
  return `${kind}\0${name}`;
}

/** Those of some ids, in order. */
export function chosen({ all, places }: EnforcedConstraints, only: ReadonlySet<string>): readonly EnforcedConstraint[] {
  const found = [...only].flatMap((id) => places.get(id) ?? []).sort((a, b) => a - b);
  return found.flatMap((place) => all[place] ?? []);
}
