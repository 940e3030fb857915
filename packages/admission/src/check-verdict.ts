import { everyCheck, runChecks } from "@plimsoll/checks";
import type { Check } from "@plimsoll/checks";
import { readConfigs } from "@plimsoll/configs";
import type { JsonObject } from "@plimsoll/kubernetes";
import { severities, workDone } from "@plimsoll/model";
import type { Misconfiguration, Severity, WorkBudget } from "@plimsoll/model";
import { noChange } from "./evidence.ts";
import type { DecisionReason, Judged, PartialVerdict } from "./evidence.ts";
import { changeOf } from "./object-change.ts";
import { outOfBudget, ReasonList } from "./reason-list.ts";

/** Which checks of configurations an object must pass. */
export interface CheckPolicy {
  /** Ids or aliases of checks: `KSV-0017`. Absent: all. */
  readonly ids?: readonly string[] | undefined;
  /** Checks of this severity or worse count; it is not asked about checks that `ids` names. Absent: `HIGH`. */
  readonly severity?: Severity | undefined;
}

/** Objects whose text is longer are looked at by a few checks at a time, so that their budget is seen to. */
const mostAtOnce = 256 * 1024;
const checksAtATime = 4;

/** Reading and checking so many characters takes about as long as a step of a policy. */
const charactersPerStep = 16;

/** Runs checks over the object. A check that throws or runs out of time refuses the object. */
export async function judgeByChecks(judged: Judged): Promise<PartialVerdict> {
  const { checks: policy } = judged.evidence;
  if (policy === undefined) return { reasons: [] };
  const checks = chosen(policy);
  const asked = new CheckedAgain(judged);
  const reasons = new ReasonList();
  const object = readObject(judged.object.value);
  const portion = object.length > mostAtOnce ? checksAtATime : checks.length;
  for (let from = 0; from < checks.length; from += portion) {
    if (!judged.budget.take(object.length / charactersPerStep))
      return { reasons: [...reasons.all, outOfBudget("checks", "not every check was run")] };
    for (const finding of findingsOf(object, checks.slice(from, from + portion))) {
      const { taken } = judged.search;
      reasons.add(finding.id, () => reasonOf(finding, judged, asked));
      const turn = workDone((judged.search.taken - taken) * charactersPerStep);
      if (turn !== undefined) await turn;
    }
    const turn = workDone(object.length);
    if (turn !== undefined) await turn;
  }
  return { reasons: reasons.all };
}

function reasonOf(finding: Misconfiguration, judged: Judged, asked: CheckedAgain): DecisionReason {
  const message = messageOf(finding);
  const accepts = (changed: JsonObject): boolean => asked.messages(finding.id, changed)?.has(message) === false;
  const { path, text, flip, value } = changeOf(judged, accepts, [message, finding.resolution]);
  return {
    policy: "checks",
    rule: finding.title ?? finding.id,
    path,
    image: "",
    id: finding.id,
    fact: finding.status === "unknown" ? `${finding.id} could not be decided: ${message}` : message,
    ...(value === undefined ? {} : { value }),
    change: text ?? noChange,
    ...(flip === undefined ? {} : { flip }),
  };
}

/** Runs single checks on changed objects. Each check sees an object once. */
class CheckedAgain {
  readonly #search: WorkBudget;
  readonly #said: WeakMap<JsonObject, Map<string, ReadonlySet<string>>> = new WeakMap();

  constructor({ search }: Judged) {
    this.#search = search;
  }

  /** Messages of a check about an object; undefined when the search for changes has ended. */
  messages(id: string, object: JsonObject): ReadonlySet<string> | undefined {
    const known = this.#said.get(object) ?? new Map<string, ReadonlySet<string>>();
    this.#said.set(object, known);
    const said = known.get(id);
    if (said !== undefined) return said;
    const read = readObject(object);
    if (!this.#search.take(read.length / charactersPerStep)) return undefined;
    const checks = everyCheck.filter((check) => check.id === id);
    const found = new Set(findingsOf(read, checks).map(messageOf));
    known.set(id, found);
    return found;
  }
}

function chosen({ ids, severity = "HIGH", ...rest }: CheckPolicy): readonly Check[] {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new TypeError(`checks: unknown member ${unknown}`);
  const threshold = severities.indexOf(severity);
  if (threshold === -1)
    throw new TypeError(`checks: severity must be one of ${severities.join(", ")}, not ${String(severity)}`);
  const named = everyCheck.filter(
    (check) => ids === undefined || [check.id, ...check.aliases].some((id) => ids.includes(id)),
  );
  const lost = ids?.find((id) => !named.some((check) => check.id === id || check.aliases.includes(id)));
  if (lost !== undefined) throw new TypeError(`checks: unknown check ${lost}`);
  return ids === undefined ? named.filter((check) => severities.indexOf(check.severity) <= threshold) : named;
}

/** An object as checks see it. */
interface ReadObject {
  readonly documents: ReturnType<typeof readConfigs>["documents"];
  /** Number of characters of its text. */
  readonly length: number;
}

function readObject(object: JsonObject): ReadObject {
  const text = JSON.stringify(object);
  return { documents: readConfigs([{ path: "object.json", text }]).documents, length: text.length };
}

function findingsOf({ documents }: ReadObject, checks: readonly Check[]): readonly Misconfiguration[] {
  return runChecks(documents, { checks }).findings.filter(({ status }) => status === "fail" || status === "unknown");
}

function messageOf({ message, title, id }: Misconfiguration): string {
  return message ?? title ?? id;
}
