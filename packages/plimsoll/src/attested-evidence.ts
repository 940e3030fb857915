import type { InTotoStatement, ReviewedStatement } from "@plimsoll/attestations";
import { checkOptions, compareText, ScanError } from "@plimsoll/model";
import type { Attestation, CallOptions, Diagnostic, Inventory, Package, TriageRule } from "@plimsoll/model";
import { readSbomInTurns } from "@plimsoll/report";
import { vexDocument } from "@plimsoll/triage";
import { attestedChecks } from "./attested-option.ts";
import type { AttestedOptions } from "./attested-option.ts";

/** The result of adding trusted attestations to an inventory. */
export interface AttestedEvidence {
  /**
   * The inventory with packages that are only in attested SBOMs (`foundBy: ["attested-sbom"]`), and with diagnostics about attestations that are
   * not trusted.
   */
  readonly inventory: Inventory;
  /** Triage rules of the attested VEX documents, to be applied after all others. */
  readonly triage: readonly TriageRule[];
}

/** Predicates that list packages, and those that say which vulnerabilities apply; CycloneDX documents may do both. */
const sbomTypes =
  /^https:\/\/(?:cyclonedx\.org\/(?:schema|bom)|spdx\.(?:dev|org\/rdf))(?:\/|$)|^cyclonedx$|^spdxjson$/i;
const vexTypes = /^https:\/\/(?:openvex\.dev\/ns|docs\.oasis-open\.org\/csaf)(?:\/|$)|^openvex$|^vex$/i;

/**
 * Applies SBOMs and VEX documents that trusted signers have attested about the image of an inventory. Packages of an SBOM that the scan did not
 * find are added; nothing is removed. Attestations that are not trusted have no effect except a diagnostic (`untrusted-attestation`); a trusted
 * document that cannot be read makes the result incomplete.
 * @throws ScanError where the attestations cannot be fetched, which differs from there being none.
 * @throws TypeError for an option, or a value of one, that does not exist.
 */
export async function attestedEvidence(
  inventory: Inventory,
  options: AttestedOptions,
  call: CallOptions = {},
): Promise<AttestedEvidence> {
  checkOptions("attestedEvidence", options, attestedChecks);
  const { artifact } = inventory;
  const repository = options.repository ?? repositoryOf(artifact.name);
  const digests = [artifact.digest, ...(artifact.indexDigests ?? [])].filter((each) => each !== undefined);
  const images = digests.map((digest) => `${repository}@${digest}`);
  if (images.length === 0) {
    const told = diagnostic(
      "untrusted-attestation",
      "the image has no digest, so that nothing can be attested about it",
    );
    return { inventory: withDiagnostics(inventory, [told]), triage: [] };
  }
  const { reviewStatements } = await import("@plimsoll/attestations");
  const { keys = [], identities, verifyBundle, now } = options;
  const attestations = await listed(images, options.attestations, call);
  const reviewed = await reviewStatements(images, attestations, keys, { identities, verifyBundle, now });
  let known = inventory;
  const triage: TriageRule[] = [];
  const told: Diagnostic[] = [];
  for (const each of reviewed) {
    const { predicateType } = each.statement;
    const [isSbom, isVex] = [sbomTypes.test(predicateType), vexTypes.test(predicateType)];
    if (!isSbom && !isVex) continue;
    if (!each.trusted) told.push(untrusted(each));
    else
      try {
        const document = documentOf(each.statement);
        const name = nameOf(each);
        if (isSbom) known = withPackages(known, await readSbomInTurns(document, { label: name }));
        if (isVex || hasVulnerabilities(each.statement)) triage.push(vexDocument(document, { name }));
      } catch (error) {
        if (!(error instanceof ScanError)) throw error;
        told.push({ ...diagnostic("malformed-file", `${nameOf(each)}: ${error.message}`), effect: "incomplete" });
      }
  }
  return { inventory: withDiagnostics(known, told), triage };
}

/** From all places where they may be: an attestation may be about an index. Each once. */
async function listed(
  images: readonly string[],
  source: AttestedOptions["attestations"],
  call: CallOptions,
): Promise<readonly Attestation[]> {
  if (!("list" in source)) return source;
  const found: Attestation[] = [];
  for (const image of images) found.push(...(await source.list(image, call)));
  const unique = new Map(found.map((each) => [JSON.stringify([each.keyId, each.signature, each.payload]), each]));
  return [...unique.values()];
}

/** `registry.example:5000/app` of `registry.example:5000/app:1@sha256:…`. */
function repositoryOf(name: string): string {
  const [before = ""] = name.split("@", 1);
  const colon = before.indexOf(":", before.lastIndexOf("/") + 1);
  const repository = colon === -1 ? before : before.slice(0, colon);
  return repository === "" || /\s/.test(repository) ? "image" : repository;
}

/** cosign wraps documents that are no JSON of its own in `Data`. */
function documentOf({ predicate }: InTotoStatement): string {
  const data = predicate["Data"];
  return typeof data === "string" ? data : JSON.stringify(data ?? predicate);
}

function hasVulnerabilities({ predicate }: InTotoStatement): boolean {
  const { vulnerabilities } = predicate;
  return (
    Array.isArray(vulnerabilities) &&
    vulnerabilities.some((each: unknown) => typeof each === "object" && each !== null && "analysis" in each)
  );
}

function nameOf({ statement, keyId }: ReviewedStatement): string {
  return `${statement.predicateType} attested by ${keyId === "" ? "a trusted signer" : keyId.slice(0, 200)}`;
}

function untrusted({ statement, keyId, reason = "" }: ReviewedStatement): Diagnostic {
  const by = keyId === "" ? "" : ` by ${keyId.slice(0, 200)}`;
  return diagnostic(
    "untrusted-attestation",
    `an attestation of ${statement.predicateType.slice(0, 200)}${by} is not trusted and was not used: ${reason}`,
  );
}

function diagnostic(code: Diagnostic["code"], message: string): Diagnostic {
  return { kind: "diagnostic", code, effect: "none", message };
}

function withDiagnostics(inventory: Inventory, more: readonly Diagnostic[]): Inventory {
  return more.length === 0 ? inventory : { ...inventory, diagnostics: [...inventory.diagnostics, ...more] };
}

/** An inventory with the packages that only another one has, sorted as inventories are. */
function withPackages(inventory: Inventory, attested: Inventory): Inventory {
  const identity = ({ ecosystem, name, version }: Package): string => JSON.stringify([ecosystem, name, version]);
  const known = new Map(inventory.packages.map((pkg) => [identity(pkg), pkg.id]));
  const added = attested.packages.filter((pkg) => !known.has(identity(pkg)));
  const taken = new Set(inventory.packages.map(({ id }) => id));
  const ids = new Map(attested.packages.map((pkg) => [pkg.id, known.get(identity(pkg)) ?? freeId(pkg.purl, taken)]));
  const renamed = added.map((pkg): Package => {
    const { dependencies, ...rest } = pkg;
    const needed = [...new Set((dependencies ?? []).map((id) => ids.get(id) ?? id))].sort(compareText);
    return {
      ...rest,
      id: ids.get(pkg.id) ?? pkg.id,
      foundBy: ["attested-sbom"],
      ...(dependencies === undefined ? {} : { dependencies: needed }),
    };
  });
  const path = ({ locations }: Package): string => locations[0]?.path ?? "";
  const { distro = attested.artifact.distro } = inventory.artifact;
  return {
    ...inventory,
    diagnostics: [...inventory.diagnostics, ...attested.diagnostics],
    artifact: distro === undefined ? inventory.artifact : { ...inventory.artifact, distro },
    packages: [...inventory.packages, ...renamed].sort(
      (a, b) => compareText(a.purl, b.purl) || compareText(path(a), path(b)),
    ),
  };
}

/** Ids are purls, numbered where several share one. */
function freeId(purl: string, taken: Set<string>): string {
  let id = purl;
  for (let number = 2; taken.has(id); number += 1) id = `${purl}~${number}`;
  taken.add(id);
  return id;
}
