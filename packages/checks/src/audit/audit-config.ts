import { parseYamlDocuments } from "@plimsoll/formats";
import { asObject, member, parseQuantity, scalarText } from "@plimsoll/kubernetes";
import type { Quantity } from "@plimsoll/kubernetes";

/** A version of Kubernetes as major and minor: `[1, 31]`. */
export type ClusterVersion = readonly [number, number];

/** The configuration of an audit: what auditors allow. */
export interface AuditConfig {
  /** Names of auditors that are switched off. */
  readonly disabled: readonly string[];
  /** Capabilities that containers may add. */
  readonly allowedCapabilities: readonly string[];
  /** The version that the cluster runs. Absent: not known, and deprecated APIs are warnings. */
  readonly currentVersion: ClusterVersion | undefined;
  /** The version that the cluster is to be upgraded to: APIs that it has removed are errors. */
  readonly targetedVersion: ClusterVersion | undefined;
  /** The image that containers should run, with its tag; empty: any. */
  readonly image: string;
  /** The highest CPU limit of a container. Absent: any. */
  readonly maxCpu: Quantity | undefined;
  /** The highest memory limit of a container. Absent: any. */
  readonly maxMemory: Quantity | undefined;
  /** Paths of the host that must not be mounted. */
  readonly deniedPaths: readonly string[];
}

/** Paths of a host that give more than a container needs (kubeaudit's list). */
const sensitivePaths: readonly string[] = [
  "/proc",
  "/var/run/docker.sock",
  "/",
  "/etc",
  "/root",
  "/var/run/crio/crio.sock",
  "/run/containerd/containerd.sock",
  "/home/admin",
  "/var/lib/kubelet",
  "/var/lib/kubelet/pki",
  "/etc/kubernetes",
  "/etc/kubernetes/manifests",
];

const knownParts = ["enabledAuditors", "auditors"];
const knownAuditors: Readonly<Record<string, readonly string[]>> = {
  capabilities: ["add", "allowAddList"],
  config: ["currentVersion", "targetedVersion"],
  deprecatedapis: ["currentVersion", "targetedVersion"],
  image: ["image"],
  limits: ["cpu", "memory"],
  mounts: ["denyPathsList"],
};

/**
 * Reads the configuration of an audit from the value of kubeaudit's configuration file. Both spellings of its sample are accepted
 * (`add` and `allowAddList`; `config` and `deprecatedapis`).
 * @throws {TypeError} for unknown keys and values of the wrong form, so that a misspelt one is not ignored.
 */
export function auditConfig(value: unknown = {}): AuditConfig {
  const auditors = member(value, "auditors") ?? {};
  refuseUnknown("the audit's configuration", value ?? {}, knownParts);
  refuseUnknown("auditors", auditors, Object.keys(knownAuditors));
  for (const [name, known] of Object.entries(knownAuditors))
    if (member(auditors, name) !== undefined) refuseUnknown(`auditors.${name}`, member(auditors, name) ?? {}, known);
  const apis = member(auditors, "deprecatedapis") ?? member(auditors, "config");
  const capabilities = member(auditors, "capabilities");
  const denied = texts("auditors.mounts.denyPathsList", member(auditors, "mounts", "denyPathsList"));
  const enabled = flags("enabledAuditors", member(value, "enabledAuditors"));
  return {
    disabled: Object.keys(enabled).filter((name) => enabled[name] === false),
    allowedCapabilities: texts(
      "auditors.capabilities.allowAddList",
      member(capabilities, "allowAddList") ?? member(capabilities, "add"),
    ),
    currentVersion: version("currentVersion", member(apis, "currentVersion")),
    targetedVersion: version("targetedVersion", member(apis, "targetedVersion")),
    image: text("auditors.image.image", member(auditors, "image", "image")),
    maxCpu: limit("cpu", member(auditors, "limits", "cpu")),
    maxMemory: limit("memory", member(auditors, "limits", "memory")),
    deniedPaths: denied.length > 0 ? denied : sensitivePaths,
  };
}

/**
 * Parses a configuration file of kubeaudit, for `config` of {@link AuditOptions}. An empty file is an empty configuration.
 * @throws {TypeError} for text that is not YAML.
 */
export function readAuditConfig(text: string): unknown {
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) throw new TypeError(`the audit's configuration: line ${problem.line}: ${problem.message}`);
  return documents[0]?.value ?? {};
}

/** An auditor and whether it is switched on, for each that the file names. */
function flags(what: string, value: unknown): Readonly<Record<string, boolean>> {
  const object = asObject(value ?? {});
  if (object === undefined) throw new TypeError(`${what} must be a mapping of auditors to true or false`);
  const entries = Object.entries(object).map(([name, flag]) => {
    if (typeof flag !== "boolean") throw new TypeError(`${what}.${name} must be true or false`);
    return [name, flag] as const;
  });
  return Object.fromEntries(entries);
}

function texts(what: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`${what} must be a list`);
  return value.map((item) => text(what, item));
}

function text(what: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new TypeError(`${what} must be text`);
  return value;
}

function refuseUnknown(what: string, value: unknown, known: readonly string[]): void {
  const object = asObject(value);
  if (object === undefined) throw new TypeError(`${what} must be a mapping`);
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`${what} has an unknown key "${unknown}"; known keys are ${known.join(", ")}`);
}

function version(name: string, value: unknown): ClusterVersion | undefined {
  const text = scalarText(value) ?? "";
  if (text === "") return undefined;
  const match = /^(\d{1,2})\.(\d{1,2})$/.exec(text);
  if (match === null) throw new TypeError(`${name}: "${text}" is not a version such as 1.25`);
  return [Number(match[1]), Number(match[2])];
}

function limit(name: string, value: unknown): Quantity | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const quantity = parseQuantity(value);
  if (quantity === undefined)
    throw new TypeError(`limits.${name}: "${scalarText(value) ?? ""}" is not a quantity such as 500m or 1Gi`);
  return quantity;
}
