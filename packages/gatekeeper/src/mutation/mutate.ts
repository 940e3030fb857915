import { compareBy, compareText, type WorkBudget } from "@plimsoll/model";
import { sameJson, type JsonObject } from "@plimsoll/kubernetes";
import { apiVersionOf, gvkOf, nameOf } from "../match/object-facts.ts";
import { externalLookup } from "../external-data.ts";
import { IgnoredFailures, type IgnoredFailure } from "../ignored-failures.ts";
import { PolicyError } from "../policy-error.ts";
import { assignImage } from "./assign-image.ts";
import { assignMetadata } from "./assign-metadata.ts";
import { assign } from "./assign.ts";
import { conflictingMutators } from "./conflicts.ts";
import { modifySet } from "./modify-set.ts";
import { spend, spendOnCopy, valuesPerStep } from "./spend.ts";
import type { ExternalLookup, ExternalValue, Mutable, Mutator } from "./mutator.ts";

/** The API group of mutators. */
export const mutationGroup = "mutations.gatekeeper.sh";

/** Kinds of mutators, by what reads them. */
const readers: ReadonlyMap<string, (document: JsonObject) => Mutator> = new Map([
  ["Assign", assign],
  ["AssignImage", assignImage],
  ["AssignMetadata", assignMetadata],
  ["ModifySet", modifySet],
]);

/** Whether an object is a mutator of a known kind. */
export function isMutator(object: unknown): boolean {
  const { group, kind } = gvkOf(object);
  return group === mutationGroup && readers.has(kind);
}

/** Reads a mutator. @throws {PolicyError} for an unknown kind, and where it is invalid. */
export function readMutator(document: JsonObject): Mutator {
  const { kind } = gvkOf(document);
  const read = readers.get(kind);
  if (read === undefined) throw new PolicyError("mutator", `unknown kind of mutator "${kind}"`);
  return read(document);
}

/** A set of mutators that are applied together. */
export interface MutationSystem {
  /** Names (`Kind/name`) of mutators that contradict each other; they are not applied. */
  readonly conflicts: readonly string[];
  /**
   * Applies all mutators in the order of their kinds and names, again and again until nothing changes.
   * @param budget Limits this work together with that of other policies.
   * @throws {PolicyError} where one fails, where they do not converge, and at the end of the budget.
   */
  mutate(mutable: Mutable, budget?: WorkBudget): MutatorsApplied;
}

/** The result of applying mutators. */
export interface MutatorsApplied {
  /** Names (`Kind/name`) of the mutators that set a value, each once, sorted. */
  readonly applied: readonly string[];
  /** Mutators that were applied without an answer of their external data provider. */
  readonly ignored: readonly IgnoredFailure[];
}

/** What a provider answered is not asked about again: otherwise a mutation by a provider would never converge. */
function askedOnce(external: ExternalLookup): ExternalLookup {
  const answers = new Set<unknown>();
  return (request) => {
    const id = (value: unknown): string => JSON.stringify([request.provider, value]);
    if (answers.has(id(request.key))) return { value: request.key };
    const answer = external(request);
    answers.add(id(answer.value));
    return answer;
  };
}

/** Combines mutators. */
export function mutationSystem(
  mutators: readonly Mutator[],
  external: ExternalLookup = externalLookup(),
): MutationSystem {
  const named = mutators.map((mutator) => ({ ...mutator, id: `${mutator.kind}/${mutator.name}` }));
  const ordered = [...named].sort(
    compareBy(
      (a, b) => compareText(a.kind, b.kind),
      (a, b) => compareText(a.name, b.name),
    ),
  );
  const conflicts = conflictingMutators(named);
  const active = ordered.filter(({ id }) => !conflicts.has(id));
  return {
    conflicts: [...conflicts].sort(compareText),
    mutate: (mutable, budget) => {
      const applied = new Set<string>();
      const ignored = new IgnoredFailures();
      const ask = askedOnce(external);
      for (let round = 0; round <= active.length; round += 1) {
        const size = spendOnCopy(mutable.object, budget);
        const before = structuredClone(mutable.object);
        for (const mutator of active) {
          spend(budget, 1);
          const valueOf: ExternalValue = (request) => {
            const answer = ask(request);
            if (answer.ignored !== undefined) ignored.add({ kind: mutator.kind, name: mutator.name }, answer.ignored);
            return answer.value;
          };
          if (!mutator.matches(mutable)) continue;
          spend(budget, size / valuesPerStep);
          if (mutator.mutate(mutable, valueOf)) applied.add(mutator.id);
        }
        if (sameJson(before, mutable.object))
          return { applied: round === 0 ? [] : [...applied].sort(compareText), ignored: ignored.all };
      }
      const gvk = gvkOf(mutable.object);
      throw new PolicyError(
        "mutation",
        `mutation not converging for ${apiVersionOf(gvk)} ${gvk.kind} ${nameOf(mutable.object)}`,
      );
    },
  };
}
