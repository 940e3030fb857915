import { parseYamlDocuments } from "@plimsoll/formats";
import { asList, asObject, asText, member, parseQuantity, scalarText } from "@plimsoll/kubernetes";
import type { Quantity } from "@plimsoll/kubernetes";

/** A version of Kubernetes: major and minor. */
export type ClusterVersion = readonly [number, number];

/** What the audit allows and checks. */
export interface AuditConfig {
  /** Names of auditors that are switched off. */
  readonly disabled: readonly string[];
  /** Capabilities that may be added. */
  readonly allowedCapabilities: readonly string[];
  readonly currentVersion: ClusterVersion | undefined;
  readonly targetedVersion: ClusterVersion | undefined;
  /** The image that containers should run, with its tag; empty: any. */
  readonly image: string;
  readonly maxCpu: Quantity | undefined;
  readonly maxMemory: Quantity | undefined;
  /** Paths of the host that should not be mounted. */
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
  const denied = member(auditors, "mounts", "denyPathsList");
  const enabled = asObject(member(value, "enabledAuditors")) ?? {};
  return {
    disabled: Object.keys(enabled).filter((name) => enabled[name] === false),
    allowedCapabilities: asList(member(capabilities, "allowAddList") ?? member(capabilities, "add")).map(String),
    currentVersion: version("currentVersion", member(apis, "currentVersion")),
    targetedVersion: version("targetedVersion", member(apis, "targetedVersion")),
    image: asText(member(auditors, "image", "image")) ?? "",
    maxCpu: limit("cpu", member(auditors, "limits", "cpu")),
    maxMemory: limit("memory", member(auditors, "limits", "memory")),
    deniedPaths: Array.isArray(denied) && denied.length > 0 ? denied.map(String) : sensitivePaths,
  };
}

/**
 * The value of a configuration file.
 * @throws {TypeError} where the file is no YAML.
 */
export function readAuditConfig(text: string): unknown {
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) throw new TypeError(`the audit's configuration: line ${problem.line}: ${problem.message}`);
  return documents[0]?.value ?? {};
}

function refuseUnknown(what: string, value: unknown, known: readonly string[]): void {
  const object = asObject(value);
  if (object === undefined) throw new TypeError(`${what} is no mapping`);
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${what} has no key "${unknown}"; there are ${known.join(", ")}`);
}

function version(name: string, value: unknown): ClusterVersion | undefined {
  const text = scalarText(value) ?? "";
  if (text === "") return undefined;
  const match = /^(\d{1,2})\.(\d{1,2})$/.exec(text);
  if (match === null) throw new TypeError(`${name}: "${text}" is no version like 1.25`);
  return [Number(match[1]), Number(match[2])];
}

function limit(name: string, value: unknown): Quantity | undefined {
  if (value === undefined || value === "") return undefined;
  const quantity = parseQuantity(value);
  if (quantity === undefined) throw new TypeError(`limits.${name}: "${scalarText(value) ?? ""}" is no quantity`);
  return quantity;
}
