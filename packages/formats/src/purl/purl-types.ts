import type { PurlParts } from "./purl.ts";

/** What the definition of a purl type says beyond the general grammar. */
interface PurlTypeRule {
  readonly namespace?: "required" | "prohibited";
  /** Components that are not case-sensitive and therefore written in lower case. */
  readonly lower?: readonly ("namespace" | "name" | "version")[];
  /** A further rewriting of the name. */
  readonly name?: (name: string, parts: PurlParts) => string;
  readonly requires?: readonly string[];
  /** Tells what else the type's definition forbids about the parts; undefined: nothing. */
  readonly problem?: (parts: PurlParts) => string | undefined;
}

const both = ["namespace", "name"] as const;

/** From the type definitions of the purl specification (`types/*-definition.json`). */
const rules: ReadonlyMap<string, PurlTypeRule> = new Map<string, PurlTypeRule>([
  ["alpm", { namespace: "required", lower: both }],
  ["apk", { namespace: "required", lower: both }],
  ["bazel", { namespace: "prohibited" }],
  ["bitbucket", { namespace: "required", lower: both }],
  ["bitnami", { namespace: "prohibited", lower: ["name"] }],
  ["brew", { lower: both }],
  ["cargo", { namespace: "prohibited" }],
  ["chrome-extension", { namespace: "prohibited", lower: ["name"], problem: chromeExtensionProblem }],
  ["cocoapods", { namespace: "prohibited" }],
  ["composer", { namespace: "required", lower: both }],
  ["conan", { problem: conanProblem }],
  ["conda", { namespace: "prohibited" }],
  ["cpan", { problem: cpanProblem }],
  ["cran", { namespace: "prohibited" }],
  ["deb", { namespace: "required", lower: both }],
  ["gem", { namespace: "prohibited" }],
  ["git", { namespace: "required" }],
  ["github", { namespace: "required", lower: both }],
  ["golang", {}],
  ["hackage", { namespace: "prohibited" }],
  ["hex", { lower: both }],
  ["huggingface", { namespace: "required", lower: ["version"] }],
  ["julia", { namespace: "prohibited", requires: ["uuid"] }],
  ["luarocks", { lower: both }],
  ["maven", { namespace: "required" }],
  ["mlflow", { namespace: "prohibited", name: mlflowName }],
  ["nuget", { namespace: "prohibited" }],
  ["oci", { namespace: "prohibited", lower: ["name", "version"] }],
  ["opam", { namespace: "prohibited" }],
  ["otp", { namespace: "prohibited", lower: ["name"] }],
  ["pub", { namespace: "prohibited", lower: ["name"], name: (name) => name.replace(/[^a-z0-9_]/g, "_") }],
  ["pypi", { namespace: "prohibited", lower: ["name", "version"], name: (name) => name.replaceAll("_", "-") }],
  ["qpkg", { namespace: "required", lower: ["namespace"] }],
  ["rpm", { namespace: "required", lower: ["namespace"] }],
  ["swid", { requires: ["tag_id"] }],
  ["swift", { namespace: "required" }],
  ["vcpkg", { namespace: "prohibited" }],
  ["vscode-extension", { namespace: "required", lower: ["namespace", "name", "version"] }],
  ["yocto", { lower: ["namespace"] }],
]);

/** The parts in the canonical spelling of their type. */
export function normalizePurl(parts: PurlParts): PurlParts {
  const type = parts.type.toLowerCase();
  const rule = rules.get(type);
  if (rule === undefined) return type === parts.type ? parts : { ...parts, type };
  if (type === "git") return splitAtHost({ ...parts, type });
  const lower = new Set<string>(rule.lower ?? []);
  const spelled = (key: "namespace" | "name" | "version", value: string): string =>
    lower.has(key) ? value.toLowerCase() : value;
  const name = spelled("name", parts.name);
  return {
    ...parts,
    type,
    name: rule.name === undefined ? name : rule.name(name, parts),
    ...(parts.namespace === undefined ? {} : { namespace: spelled("namespace", parts.namespace) }),
    ...(parts.version === undefined ? {} : { version: spelled("version", parts.version) }),
  };
}

/** The namespace of a git purl is the host; the whole path of the repository is its name. */
function splitAtHost(parts: PurlParts): PurlParts {
  const path = [parts.namespace ?? "", parts.name]
    .join("/")
    .split("/")
    .filter((segment) => segment !== "");
  const [host = "", ...rest] = path;
  return rest.length === 0 ? parts : { ...parts, namespace: host, name: rest.join("/") };
}

/** What the definition of the type forbids about these normalised parts; undefined: nothing. */
export function purlTypeProblem(parts: PurlParts): string | undefined {
  const rule = rules.get(parts.type);
  if (rule === undefined) return undefined;
  const hasNamespace = (parts.namespace ?? "") !== "";
  if (rule.namespace === "required" && !hasNamespace) return `type ${parts.type} needs a namespace`;
  if (rule.namespace === "prohibited" && hasNamespace) return `type ${parts.type} has no namespace`;
  const missing = rule.requires?.find((key) => (parts.qualifiers?.[key] ?? "") === "");
  if (missing !== undefined) return `type ${parts.type} needs the qualifier ${missing}`;
  return rule.problem?.(parts);
}

/** The name of an MLflow model: registries of Databricks are not case-sensitive, those of Azure ML are. */
function mlflowName(name: string, parts: PurlParts): string {
  return parts.qualifiers?.["repository_url"]?.includes("databricks") === true ? name.toLowerCase() : name;
}

function chromeExtensionProblem(parts: PurlParts): string | undefined {
  if (!/^[a-p]{32}$/.test(parts.name)) return "an extension id is 32 letters from a to p";
  return parts.version === undefined || /^\d+(\.\d+){0,3}$/.test(parts.version)
    ? undefined
    : "an extension version is one to four numbers";
}

/** What is wrong with a name of CPAN: modules (`A::B`) are no packages, distributions (`A-B`) are. */
function cpanProblem(parts: PurlParts): string | undefined {
  return parts.name.includes("::") ? "a distribution name has no double colon" : undefined;
}

function conanProblem(parts: PurlParts): string | undefined {
  const hasChannel = (parts.qualifiers?.["channel"] ?? "") !== "";
  if (hasChannel && parts.namespace === undefined) return "a channel needs a namespace";
  return undefined;
}
