import { applyJsonPatch, member, pointerOf } from "@plimsoll/kubernetes";
import type { ImageUse, JsonObject } from "@plimsoll/kubernetes";
import { workDone } from "@plimsoll/model";
import { evaluateImagePolicies } from "./evaluate-image-policies.ts";
import type { JudgedVulnerability, PolicyViolation } from "./evaluate-image-policies.ts";
import { noChange, own, pinned } from "./evidence.ts";
import type { DecisionChange, Evidence, Judged, PartialVerdict } from "./evidence.ts";
import { isBuiltFrom, readImagePolicy } from "./image-policy.ts";
import { additions } from "./json-patch.ts";
import type { PatchOperation } from "./json-patch.ts";
import { outOfBudget, ReasonList } from "./reason-list.ts";
import { gapsOf, reportOf } from "./report-of.ts";
import { vulnerabilitiesOf } from "./vulnerabilities-of.ts";

/** Judging an image takes about as long as so many steps of a policy, or as looking at so many bytes. */
const stepsPerImage = 50;
const bytesPerImage = 4_096;

/** Evaluates the image policies of the object's namespace about each of its images. */
export async function judgeImages(judged: Judged, uses: readonly ImageUse[]): Promise<PartialVerdict> {
  const { object, evidence, policies, namespace, options } = judged;
  const reasons = new ReasonList();
  const patches: PatchOperation[] = [];
  const warnings: string[] = [];
  const inForce = policies.image.filter((policy) => isInNamespace(policy, namespace));
  for (const use of uses) {
    if (!judged.budget.take(stepsPerImage))
      return { reasons: [...reasons.all, outOfBudget("images", "not every image was evaluated")], warnings, patches };
    const turn = workDone(bytesPerImage);
    if (turn !== undefined) await turn;
    const image = pinned(use.image, evidence.digests);
    const path = pointerOf(use.path.slice(object.path.length));
    if (image !== use.image) patches.push({ op: "replace", path, value: image });
    const { known, gaps } = vulnerabilitiesFor(evidence, image);
    warnings.push(...gaps);
    const { allowed, violations } = await evaluateImagePolicies({
      image,
      policies: inForce,
      authorities: [...policies.authorities, ...(evidence.authorities ?? [])],
      attestations: own(evidence.attestations, image),
      vulnerabilities: known,
      sources: own(evidence.sources, image),
      allowedRepositories: evidence.allowedRepositories,
      now: evidence.now,
      verifyBundle: options.verifyBundle,
    });
    if (allowed) continue;
    for (const violation of violations) {
      reasons.add(violation.policy, () => {
        const { policy, rule, id, reason: fact, change } = violation;
        const flip = flipOf(judged, violation, image, known);
        const told = flip === undefined ? `${change}; ${noChange}` : change;
        return { policy, rule, path, image, id, fact, change: told, ...(flip === undefined ? {} : { flip }) };
      });
    }
  }
  return { reasons: reasons.all, warnings, patches };
}

/** Whether an image policy applies in a namespace. Where the object's namespace is not known, every policy applies. */
export function isInNamespace(policy: unknown, namespace: string | undefined): boolean {
  const own_ = member(policy, "metadata", "namespace");
  return namespace === undefined || typeof own_ !== "string" || own_ === "" || own_ === namespace;
}

/** The vulnerabilities of an image, from the evidence or from a report in it. */
export function vulnerabilitiesFor(
  evidence: Evidence,
  image: string,
): { readonly known: readonly JudgedVulnerability[] | undefined; readonly gaps: readonly string[] } {
  const stated = own(evidence.vulnerabilities, image);
  const report = stated === undefined ? reportOf(evidence.reports, image) : undefined;
  if (report === undefined) return { known: stated, gaps: [] };
  return { known: vulnerabilitiesOf(report), gaps: gapsOf(report, image) };
}

/** A change of the evidence after which the violation is none, on top of those that were made before. */
function flipOf(
  judged: Judged,
  { id, policy }: PolicyViolation,
  image: string,
  known: readonly JudgedVulnerability[] | undefined,
): DecisionChange | undefined {
  const { changed, policies } = judged;
  const index = policies.documents.findIndex((each) => nameOf(each) === policy);
  const document = changed.evidence.policies[index];
  const inPolicy = (path: readonly string[], value: unknown): readonly PatchOperation[] =>
    additions({ policies: changed.evidence.policies }, ["policies", index, ...path], value);
  let patch: readonly PatchOperation[] | undefined;
  switch (id) {
    case "unqualified image":
      return undefined;
    case "not scanned":
      patch = additions(stateOf(judged), ["vulnerabilities", image], []);
      break;
    case "not attested": {
      const patterns = member(document, "spec", "admissionAllowlistPatterns");
      const listed = Array.isArray(patterns) ? (patterns as unknown[]) : []; // as: items are only passed on
      patch = inPolicy(["spec", "admissionAllowlistPatterns"], [...listed, { namePattern: image }]);
      break;
    }
    case "not built from": {
      const builtFrom = member(document, "spec", "buildRequirements", "builtFrom");
      if (typeof builtFrom !== "string" || !isBuiltFrom(builtFrom, builtFrom)) return undefined;
      const sources = own(changed.evidence.sources, image) ?? [];
      patch = additions(stateOf(judged), ["sources", image], [...sources, builtFrom]);
      break;
    }
    default: {
      const remaining = own(changed.evidence.vulnerabilities, image);
      const isFixable = known?.find((each) => each.id === id)?.fixAvailable === true;
      if (isFixable && remaining !== undefined) {
        patch = additions(
          stateOf(judged),
          ["vulnerabilities", image],
          remaining.filter((each) => each.id !== id),
        );
        break;
      }
      const requirements = requirementsOf[String(member(document, "kind"))];
      if (requirements === undefined) return undefined;
      const allowed = member(document, "spec", requirements, "allowlistCVEs");
      const listed = Array.isArray(allowed) ? (allowed as unknown[]) : []; // as: items are only passed on
      patch = inPolicy(["spec", requirements, "allowlistCVEs"], [...new Set([...listed, id])]);
    }
  }
  const after = applyJsonPatch(stateOf(judged), patch) as Judged["changed"]["evidence"]; // as: patches change its members
  changed.evidence = after;
  return { of: "evidence", patch };
}

const requirementsOf: Readonly<Record<string, string>> = {
  ImageSecurityPolicy: "packageVulnerabilityRequirements",
  VulnzSigningPolicy: "imageVulnerabilityRequirements",
};

function stateOf({ changed }: Judged): JsonObject {
  return Object.fromEntries(Object.entries(changed.evidence).filter(([, value]) => value !== undefined));
}

/** The name that violations give a policy. */
function nameOf(document: unknown): string {
  try {
    const { kind, name } = readImagePolicy(document);
    return `${kind} ${name}`.trim();
  } catch {
    return "";
  }
}
