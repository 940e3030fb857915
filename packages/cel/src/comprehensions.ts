import type { ComprehensionKind } from "./ast.ts";
import { CelEvaluationError } from "./cel-error.ts";
import type { Evaluation } from "./evaluation.ts";
import { absorbed, asBool, type Step } from "./step.ts";
import { isList, isMap, typeName, ValueList, ValueMap, type CelValue } from "./values.ts";

/** Calls `visit` for each element until it says that enough is known. */
type Walk = (evaluation: Evaluation, visit: (first: CelValue, body: Step) => boolean) => void;

/** A comprehension whose parts are compiled to closures. */
export interface PlannedComprehension {
  readonly type: ComprehensionKind;
  readonly range: Step;
  /** The slots of its variables. */
  readonly first: number;
  readonly second: number | undefined;
  readonly filter: Step | undefined;
  readonly body: Step;
}

/** Compiles a comprehension to a closure. */
export function planComprehension({ type, range, first, second, filter, body }: PlannedComprehension): Step {
  const both = second !== undefined;
  const walk: Walk = (evaluation, visit) => {
    const take = (key: CelValue, value: CelValue): boolean => {
      evaluation.spend(1);
      evaluation.slots[first] = key;
      if (both) evaluation.slots[second] = value;
      return (filter === undefined || asBool(filter(evaluation), type)) && visit(key, body);
    };
    const over = range(evaluation);
    if (typeof over === "object" && over !== null && isList(over)) {
      // Index and element, or the element alone.
      for (let index = 0; index < over.size; index += 1) {
        const item = over.at(index);
        if (both ? take(BigInt(index), item) : take(item, null)) return;
      }
    } else if (typeof over === "object" && over !== null && isMap(over)) {
      for (const key of over.keys()) if (take(key, both ? (over.get(key) ?? null) : null)) return;
    } else
      throw new CelEvaluationError(
        `no such overload: a value of type ${typeName(over)} is not a list or map, and has no elements`,
      );
  };
  return results[type](walk);
}

/** What each macro makes of the walk. */
const results: Readonly<Record<ComprehensionKind, (walk: Walk) => Step>> = {
  all: (walk) => quantifier(walk, false),
  exists: (walk) => quantifier(walk, true),
  existsOne: (walk) => (evaluation) => {
    let count = 0;
    walk(evaluation, (_, body) => {
      if (asBool(body(evaluation), "exists_one")) count += 1;
      return false;
    });
    return count === 1;
  },
  filter: (walk) => collect(walk, (evaluation, key, body) => (asBool(body(evaluation), "filter") ? key : undefined)),
  map: (walk) => collect(walk, (evaluation, _, body) => body(evaluation)),
  transformList: (walk) => collect(walk, (evaluation, _, body) => body(evaluation)),
  transformMap: (walk) => (evaluation) => {
    const entries: (readonly [CelValue, CelValue])[] = [];
    walk(evaluation, (key, body) => {
      entries.push([key, body(evaluation)]);
      return false;
    });
    return new ValueMap(entries);
  },
  transformMapEntry: (walk) => (evaluation) => {
    const entries: (readonly [CelValue, CelValue])[] = [];
    walk(evaluation, (_, body) => {
      const made = body(evaluation);
      if (typeof made !== "object" || made === null || !isMap(made))
        throw new CelEvaluationError(`no such overload: transformMapEntry(${typeName(made)})`);
      for (const key of made.keys()) entries.push([key, made.get(key) ?? null]);
      return false;
    });
    return new ValueMap(entries);
  },
};

/** `all` and `exists`: an element that decides wins over errors of others. */
function quantifier(walk: Walk, decisive: boolean): Step {
  return (evaluation) => {
    let decided = false;
    let problem: unknown;
    walk(evaluation, (_, body) => {
      try {
        decided = asBool(body(evaluation), decisive ? "exists" : "all") === decisive;
      } catch (error) {
        problem ??= absorbed(error);
      }
      return decided;
    });
    if (decided) return decisive;
    if (problem !== undefined) throw problem;
    return !decisive;
  };
}

function collect(walk: Walk, make: (evaluation: Evaluation, key: CelValue, body: Step) => CelValue | undefined): Step {
  return (evaluation) => {
    const items: CelValue[] = [];
    walk(evaluation, (key, body) => {
      const item = make(evaluation, key, body);
      if (item !== undefined) items.push(item);
      return false;
    });
    return new ValueList(items);
  };
}
