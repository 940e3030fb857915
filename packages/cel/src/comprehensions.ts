import type { ComprehensionKind } from "./ast.ts";
import { CelEvaluationError } from "./cel-error.ts";
import type { Evaluation } from "./evaluation.ts";
import { absorbing, asBool, type Step } from "./step.ts";
import { isList, isMap, typeName, ValueList, ValueMap, type CelValue } from "./values.ts";

/** Calls `visit` for each element until it says that enough is known. */
type Walk = (evaluation: Evaluation, visit: (first: CelValue, body: Step) => boolean) => void;

/** A macro whose parts are planned. */
export interface PlannedComprehension {
  readonly type: ComprehensionKind;
  readonly range: Step;
  /** The slots of its variables. */
  readonly first: number;
  readonly second: number | undefined;
  readonly filter: Step | undefined;
  readonly body: Step;
}

/** Plans a macro that walks over a list or map. */
export function planComprehension({ type, range, first, second, filter, body }: PlannedComprehension): Step {
  const walk: Walk = (evaluation, visit) => {
    for (const [key, value] of pairs(range(evaluation), second !== undefined)) {
      evaluation.spend(1);
      evaluation.slots[first] = key;
      if (second !== undefined) evaluation.slots[second] = value;
      if (filter !== undefined && !asBool(filter(evaluation), type)) continue;
      if (visit(key, body)) return;
    }
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
      const value = absorbing(() => asBool(body(evaluation), decisive ? "exists" : "all"));
      if (typeof value !== "boolean") problem ??= value;
      decided = value === decisive;
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

/** Index and element of a list, key and value of a map; with one variable the element of a list comes first. */
function* pairs(range: CelValue, both: boolean): Iterable<readonly [CelValue, CelValue]> {
  if (typeof range === "object" && range !== null && isList(range)) {
    for (let index = 0; index < range.size; index += 1)
      yield both ? [BigInt(index), range.at(index)] : [range.at(index), null];
  } else if (typeof range === "object" && range !== null && isMap(range)) {
    for (const key of range.keys()) yield [key, both ? (range.get(key) ?? null) : null];
  } else throw new CelEvaluationError(`no such overload: a ${typeName(range)} cannot be walked over`);
}
