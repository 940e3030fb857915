import { checkOptions, optionIs } from "@plimsoll/model";
import type { JsonObject } from "@plimsoll/kubernetes";
import { enforcementPoints, type EnforcementPoint } from "../constraints/enforcement.ts";
import { requireObject } from "../match/object-facts.ts";
import type { AuditedObject, Policies } from "../policies.ts";
import { PolicyError } from "../policy-error.ts";
import { processAt } from "./sync.ts";

/** Options of {@link auditStream}. */
export interface AuditStreamOptions {
  /** The enforcement point. Absent: `audit.gatekeeper.sh`. */
  readonly enforcementPoint?: EnforcementPoint | undefined;
  /** How many violations of each constraint are returned for all objects together; the summary counts all. Absent: 20, as in Gatekeeper. */
  readonly violationsPerConstraint?: number | undefined;
  /** Objects that referential policies see. The objects of the stream itself are not kept in memory. */
  readonly inventory?: readonly unknown[] | undefined;
  /**
   * Whether constraints are not asked about an object; admission policies always are. Absent: what Gatekeeper's Config among the policies excludes
   * at the enforcement point.
   */
  readonly excludes?: ((object: JsonObject) => boolean) | undefined;
  /** Ends the audit between two objects: the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The totals of an audit, which Gatekeeper writes into the status of constraints. */
export interface AuditSummary {
  /** How many objects were read, including those that were excluded or could not be evaluated. */
  readonly objects: number;
  /** How many objects constraints were not asked about, because of `excludes`. */
  readonly excluded: number;
  /** The number of violations by `KIND/name` of the constraint, including those that were not returned. */
  readonly totalViolations: ReadonlyMap<string, number>;
  /** How often constraints and bindings with failure policy `Ignore` failed, by `KIND/name`; whether these objects violate them is not known. */
  readonly totalIgnored: ReadonlyMap<string, number>;
  /** Objects that could not be evaluated, with the reason; at most a thousand. */
  readonly unjudged: readonly { readonly object: unknown; readonly reason: string }[];
}

/** A running audit. */
export interface AuditRun extends AsyncIterable<AuditedObject> {
  /** The totals so far; complete when the iteration has ended. */
  summary(): AuditSummary;
}

/** The most objects that the summary lists as unjudged. */
const maxUnjudged = 1_000;

/**
 * Evaluates objects one by one, so that a cluster of any size needs the memory of one object. Yields the objects that have violations, up to the
 * limit for each constraint, or for which a policy failed. An object that cannot be evaluated is listed in the summary, and the audit continues.
 * @throws {TypeError} for unknown or invalid options.
 */
export function auditStream(
  policies: Policies,
  objects: AsyncIterable<unknown> | Iterable<unknown>,
  options: AuditStreamOptions = {},
): AuditRun {
  checkOptions("auditStream", options, {
    enforcementPoint: optionIs.text,
    violationsPerConstraint: optionIs.count,
    inventory: optionIs.listOf(optionIs.any),
    excludes: optionIs.call,
    signal: optionIs.signal,
  });
  const { enforcementPoint = "audit.gatekeeper.sh", violationsPerConstraint = 20, inventory = [], signal } = options;
  if (!enforcementPoints.includes(enforcementPoint))
    throw new TypeError(`auditStream: there is no enforcement point "${String(enforcementPoint)}"`);
  const process = processAt[enforcementPoint];
  const {
    excludes = (object: JsonObject): boolean => process !== undefined && policies.sync.excludes(object, process),
  } = options;
  const totals = new Map<string, number>();
  const totalIgnored = new Map<string, number>();
  const unjudged: { readonly object: unknown; readonly reason: string }[] = [];
  let [seen, excluded] = [0, 0];

  async function* run(): AsyncGenerator<AuditedObject> {
    for await (const each of objects) {
      signal?.throwIfAborted();
      seen += 1;
      try {
        const object = requireObject(each);
        const constraints = !excludes(object);
        if (!constraints) excluded += 1;
        const { violations, ignored } = policies.reviewStrictly(object, { enforcementPoint, inventory, constraints });
        const kept = violations.filter(({ constraint: { kind, name } }) => {
          const count = (totals.get(`${kind}/${name}`) ?? 0) + 1;
          totals.set(`${kind}/${name}`, count);
          return count <= violationsPerConstraint;
        });
        for (const { kind, name } of ignored.map(({ policy }) => policy))
          totalIgnored.set(`${kind}/${name}`, (totalIgnored.get(`${kind}/${name}`) ?? 0) + 1);
        if (kept.length + ignored.length > 0) yield { object, violations: kept, ignored };
      } catch (error) {
        if (!(error instanceof PolicyError) && !(error instanceof TypeError)) throw error;
        if (unjudged.length < maxUnjudged) unjudged.push({ object: each, reason: error.message });
      }
    }
  }

  return {
    [Symbol.asyncIterator]: run,
    summary: () => ({
      objects: seen,
      excluded,
      totalViolations: new Map(totals),
      totalIgnored: new Map(totalIgnored),
      unjudged: [...unjudged],
    }),
  };
}
