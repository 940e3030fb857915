import { field, record, textField } from "@plimsoll/formats";
import { loadPolicies } from "@plimsoll/gatekeeper";
import type { DataProvider, Policies } from "@plimsoll/gatekeeper";
import { readAuthority } from "@plimsoll/attestations";
import type { AttestationAuthority } from "@plimsoll/attestations";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import { canonicalJson, digestOfText } from "./canonical-json.ts";
import { readImagePolicy } from "./image-policy.ts";

/** Policies that were read and compiled by {@link preparePolicies}, for many decisions. */
export interface PreparedPolicies {
  readonly kind: "prepared-policies";
  /** The documents, as they were given. */
  readonly documents: readonly unknown[];
  /** Kritis' policies. */
  readonly image: readonly unknown[];
  readonly authorities: readonly AttestationAuthority[];
  /** Policies of Gatekeeper and Kubernetes; absent where there are none. */
  readonly cluster?: Policies;
  /** `sha256:` digest of the documents in canonical JSON. */
  readonly digest: string;
}

/** Options of {@link preparePolicies}. */
export interface PrepareOptions {
  /** Gatekeeper's external data providers by name. */
  readonly providers?: Readonly<Record<string, DataProvider>> | undefined;
}

/** Kinds of policies by API group; of constraints the templates say the kinds. */
const clusterKinds: ReadonlyMap<string, readonly string[] | "any"> = new Map<string, readonly string[] | "any">([
  ["templates.gatekeeper.sh", ["ConstraintTemplate"]],
  ["constraints.gatekeeper.sh", "any"],
  ["mutations.gatekeeper.sh", ["Assign", "AssignMetadata", "AssignImage", "ModifySet"]],
  ["expansion.gatekeeper.sh", ["ExpansionTemplate"]],
  ["config.gatekeeper.sh", ["Config"]],
  ["syncset.gatekeeper.sh", ["SyncSet"]],
  ["externaldata.gatekeeper.sh", ["Provider"]],
  [
    "admissionregistration.k8s.io",
    [
      "ValidatingAdmissionPolicy",
      "ValidatingAdmissionPolicyBinding",
      "MutatingAdmissionPolicy",
      "MutatingAdmissionPolicyBinding",
    ],
  ],
]);

/**
 * Reads and compiles policies: Kritis' (`kritis.grafeas.io`), Gatekeeper's templates, constraints and mutators, ValidatingAdmissionPolicies and
 * MutatingAdmissionPolicies with their bindings.
 * @throws {ScanError} for a document that is not a policy, and for the first invalid policy.
 * @throws {TypeError} for unknown or invalid options.
 */
export async function preparePolicies(
  documents: readonly unknown[],
  options: PrepareOptions = {},
): Promise<PreparedPolicies> {
  checkOptions("preparePolicies", options, { providers: optionIs.mapOf(optionIs.call) });
  const { providers } = options;
  const image: unknown[] = [];
  const authorities: AttestationAuthority[] = [];
  const cluster: unknown[] = [];
  for (const document of documents) {
    const group = (textField(document, "apiVersion") ?? "").split("/")[0] ?? "";
    const kind = field(document, "kind");
    const kinds = clusterKinds.get(group);
    if (kinds === "any" || kinds?.some((each) => each === kind) === true) cluster.push(document);
    else if (kind === "AttestationAuthority") authorities.push(readAuthority(document));
    else if (kind !== "KritisConfig") {
      readImagePolicy(document);
      image.push(document);
    }
  }
  const digest = await digestOfText(canonicalJson(documents));
  const base = { kind: "prepared-policies", documents, image, authorities, digest } as const;
  if (cluster.length === 0) return base;
  const loaded = loadPolicies(cluster, { providers });
  const [problem] = loaded.problems;
  if (problem !== undefined)
    throw new ScanError({
      kind: "malformed-document",
      label: `${problem.kind} ${problem.name}`.trim(),
      reason: problem.message,
    });
  return { ...base, cluster: loaded };
}

/** Whether policies are prepared already. */
export function isPrepared(policies: readonly unknown[] | PreparedPolicies): policies is PreparedPolicies {
  return record(policies)?.["kind"] === "prepared-policies";
}
