import type { JsonObject } from "@plimsoll/kubernetes";
import { loadPolicies } from "../load-policies.ts";
import type { TemplateEngine } from "../policies.ts";
import { variantsOf } from "./variants.ts";

/** An object for which the CEL and the Rego of a template give different results. */
export interface Disagreement {
  readonly template: string;
  readonly object: JsonObject;
  /** Messages by engine; one of the lists is empty. */
  readonly messages: Readonly<Record<TemplateEngine, readonly string[]>>;
}

/** What a cross-check looked at and found. */
export interface CrossCheck {
  /** How many objects both engines judged. */
  readonly objects: number;
  readonly disagreements: readonly Disagreement[];
  /**
   * Parts that no object reached, as `template: …`: CEL validations that refused no object, and Rego rules that were true for none, with their
   * lines.
   */
  readonly unreached: readonly string[];
}

/**
 * Compares the CEL and the Rego of a template: whether both refuse the same objects and variants of them.
 * @param variants How many variants of each object are made.
 */
export function crossCheck(
  template: JsonObject,
  constraint: JsonObject,
  objects: readonly JsonObject[],
  { variants = 200 }: { readonly variants?: number | undefined } = {},
): CrossCheck {
  const engines: readonly TemplateEngine[] = ["K8sNativeValidation", "Rego"];
  const [cel, rego] = engines.map((engine) => loadPolicies([template, constraint], { engine }));
  const loaded = cel?.templates[0];
  const unreachedRules = rego?.templates[0]?.rego?.watchRules();
  const unreached = new Set(loaded?.cel?.expressions ?? []);
  const judged = objects.flatMap((object) => [object, ...variantsOf(object, variants)]);
  const disagreements = judged.flatMap((object) => {
    const [byCel = [], byRego = []] = [cel, rego].map(
      (policies) => policies?.reviewStrictly(object, { enforcementPoint: "gator.gatekeeper.sh" }).violations ?? [],
    );
    for (const { expression } of byCel) if (expression !== undefined) unreached.delete(expression);
    if (loaded?.cel === undefined || loaded.rego === undefined || byCel.length > 0 === byRego.length > 0) return [];
    const messages = {
      K8sNativeValidation: byCel.map(({ message }) => message),
      Rego: byRego.map(({ message }) => message),
    };
    return [{ template: loaded.name, object, messages }];
  });
  return {
    objects: judged.length,
    disagreements,
    unreached: [...unreached, ...(unreachedRules?.() ?? [])].map(
      (expression) => `${loaded?.name ?? ""}: ${expression}`,
    ),
  };
}
