import { field, listField, record, textField, textsField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import { compile } from "@plimsoll/re2";
import { isThreshold } from "./severity.ts";
import type { Threshold } from "./severity.ts";

/** What a policy requires of the vulnerabilities of an image. */
export interface VulnerabilityRequirements {
  /** Worst severity allowed where a fix is available. */
  readonly maximumFixable: Threshold;
  /** Worst severity allowed where no fix is. */
  readonly maximumUnfixable: Threshold;
  /** Ids of vulnerabilities that are ignored. */
  readonly allowed: readonly string[];
}

interface PolicyHead {
  /** `namespace/name`, or the part that there is. */
  readonly name: string;
}

/** Kritis' ImageSecurityPolicy and, as the signer uses it, VulnzSigningPolicy. */
export interface VulnerabilityPolicy extends PolicyHead {
  readonly kind: "ImageSecurityPolicy" | "VulnzSigningPolicy";
  readonly imageAllowlist: readonly string[];
  readonly requirements: VulnerabilityRequirements;
  /** The authority whose attestation makes the check of vulnerabilities unnecessary. */
  readonly authority?: string;
}

/** Kritis' GenericAttestationPolicy. */
export interface AttestationPolicy extends PolicyHead {
  readonly kind: "GenericAttestationPolicy";
  readonly namePatterns: readonly string[];
  /** Names of attestation authorities, at least one; all must have attested the image. */
  readonly authorities: readonly string[];
}

/** Kritis' BuildPolicy. */
export interface BuildPolicy extends PolicyHead {
  readonly kind: "BuildPolicy";
  /** Regular expression (RE2) that a source must match somewhere. */
  readonly builtFrom: string;
  readonly authority?: string;
}

/** A policy about images. */
export type ImagePolicy = VulnerabilityPolicy | AttestationPolicy | BuildPolicy;

/**
 * Reads a policy of `kritis.grafeas.io`.
 * @throws ScanError where the object is no such policy, or has an invalid value.
 */
export function readImagePolicy(object: unknown): ImagePolicy {
  const metadata = field(object, "metadata");
  const name = [textField(metadata, "namespace"), textField(metadata, "name")]
    .filter((part) => part !== undefined)
    .join("/");
  const kind = field(object, "kind");
  const spec = record(field(object, "spec"));
  const label = `${typeof kind === "string" ? kind : "policy"} ${name}`.trim();
  if (spec === undefined) throw wrong(label, "spec is missing");
  const authority = textField(spec, "attestationAuthorityName");
  const attested = authority === undefined ? {} : { authority };
  switch (kind) {
    case "ImageSecurityPolicy": {
      const names = ["packageVulnerabilityRequirements", "maximumSeverity", "maximumFixUnavailableSeverity"] as const;
      const requirements = readRequirements(spec, names, label);
      return { kind, name, imageAllowlist: textList(spec, "imageAllowlist", label), requirements, ...attested };
    }
    case "VulnzSigningPolicy": {
      const names = ["imageVulnerabilityRequirements", "maximumFixableSeverity", "maximumUnfixableSeverity"] as const;
      return { kind, name, imageAllowlist: [], requirements: readRequirements(spec, names, label), ...attested };
    }
    case "GenericAttestationPolicy": {
      const authorities = textList(spec, "attestationAuthorityNames", label);
      if (authorities.length === 0)
        throw wrong(label, "attestationAuthorityNames is empty, so nothing could satisfy it");
      const namePatterns = listField(spec, "admissionAllowlistPatterns").flatMap(
        (pattern) => textField(pattern, "namePattern") ?? [],
      );
      return { kind, name, authorities, namePatterns };
    }
    case "BuildPolicy": {
      const builtFrom = textField(field(spec, "buildRequirements"), "builtFrom");
      if (builtFrom === undefined) throw wrong(label, "buildRequirements.builtFrom is missing");
      return { kind, name, builtFrom, ...attested };
    }
    default:
      throw wrong(label, `the kind ${JSON.stringify(kind ?? null).slice(0, 100)} is not an image policy's`);
  }
}

function readRequirements(
  spec: unknown,
  [member, fixable, unfixable]: readonly [string, string, string],
  label: string,
): VulnerabilityRequirements {
  const value = field(spec, member);
  if (value !== undefined && value !== null && record(value) === undefined)
    throw wrong(label, `${member} is not an object`);
  return {
    maximumFixable: threshold(value, fixable, "CRITICAL", label),
    maximumUnfixable: threshold(value, unfixable, "ALLOW_ALL", label),
    allowed: textList(value, "allowlistCVEs", label),
  };
}

function threshold(value: unknown, name: string, absent: Threshold, label: string): Threshold {
  const given = field(value, name);
  if (given === undefined || given === null || given === "") return absent;
  if (typeof given === "string" && isThreshold(given)) return given;
  throw wrong(label, `${name}: ${JSON.stringify(given).slice(0, 100)} is not a severity, ALLOW_ALL or BLOCK_ALL`);
}

function textList(value: unknown, name: string, label: string): readonly string[] {
  const list = field(value, name);
  if (list === undefined || list === null) return [];
  const texts = textsField(value, name);
  if (!Array.isArray(list) || texts.length !== list.length) throw wrong(label, `${name} is not a list of texts`);
  return texts;
}

/** Whether a source satisfies `builtFrom`: the expression matches somewhere in it. An invalid expression matches nothing. */
export function isBuiltFrom(builtFrom: string, source: string): boolean {
  try {
    return compile(builtFrom).test(source);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function wrong(label: string, reason: string): ScanError {
  return new ScanError({ kind: "malformed-document", label, reason });
}
