import { parseYamlDocuments } from "@plimsoll/formats";
import { allows, asObject, asText, member } from "@plimsoll/kubernetes";
import { evaluateJsonPath, jsonPathResults } from "../../judge/json-path.ts";
import { failed, printed } from "../command.ts";
import type { Command, CommandContext, CommandResult } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { joinLines, readArguments } from "./options.ts";

/** Short and singular names of resources that audits use, to the name that the API lists. */
const resourceNames: ReadonlyMap<string, string> = new Map([
  ["cm", "configmaps"],
  ["configmap", "configmaps"],
  ["clusterrole", "clusterroles"],
  ["clusterrolebinding", "clusterrolebindings"],
  ["endpoint", "endpoints"],
  ["namespace", "namespaces"],
  ["netpol", "networkpolicies"],
  ["networkpolicy", "networkpolicies"],
  ["no", "nodes"],
  ["node", "nodes"],
  ["ns", "namespaces"],
  ["pod", "pods"],
  ["po", "pods"],
  ["psp", "podsecuritypolicies"],
  ["role", "roles"],
  ["rolebinding", "rolebindings"],
  ["sa", "serviceaccounts"],
  ["scc", "securitycontextconstraints"],
  ["secret", "secrets"],
  ["serviceaccount", "serviceaccounts"],
  ["service", "services"],
  ["svc", "services"],
]);

/** `kubectl get …` and `kubectl auth can-i …`, answered from the cluster's objects. Other commands of kubectl are not supported. */
export const kubectl: Command = (args) => {
  const { options, operands } = readArguments("kubectl", args, {
    flags: ["A", "--all-namespaces", "--no-headers", "--ignore-not-found"],
    valued: ["n", "o", "l", "--namespace", "--output", "--field-selector", "--selector", "--as", "--as-group"],
  });
  const option = (...names: readonly string[]): string | undefined =>
    names.map((name) => options.get(name)?.[0]).find((value) => value !== undefined);
  if (operands[0] === "auth" && operands[1] === "can-i") {
    const [, , verb = "", resource = ""] = operands;
    const user = option("--as");
    if (user === undefined) throw new UnsupportedAudit("option of kubectl", "auth can-i for whoever asks");
    const namespace =
      options.has("A") || options.has("--all-namespaces") ? "" : (option("n", "--namespace") ?? "default");
    return async (_, context) => canI(context, { user, verb, resource, namespace });
  }
  if (operands[0] !== "get") throw new UnsupportedAudit(`kubectl ${(operands[0] ?? "").slice(0, 20)}`);
  const output = option("o", "--output")?.replace(/^=/, "");
  if (output === undefined) throw new UnsupportedAudit("kubectl get", "as a table");
  const print = printerOf(output, options.has("--no-headers"));
  const [, kinds = "", ...names] = operands;
  const slash = kinds.indexOf("/");
  const resources = (slash === -1 ? kinds : kinds.slice(0, slash)).split(",").map((kind) => {
    const lower = kind.toLowerCase();
    if (lower === "" || lower === "all") throw new UnsupportedAudit("kubectl get", lower);
    return resourceNames.get(lower) ?? (lower.includes(".") ? lower : lower.endsWith("s") ? lower : `${lower}s`);
  });
  const wanted = slash === -1 ? names : [kinds.slice(slash + 1)];
  const fieldSelector = option("--field-selector");
  const field =
    fieldSelector === undefined ? undefined : /^metadata\.(name|namespace)==?([\w.-]+)$/.exec(fieldSelector);
  if (field === null) throw new UnsupportedAudit("kubectl get", `--field-selector ${fieldSelector}`);
  const labels = labelPairs(option("l", "--selector"));
  const everywhere = options.has("A") || options.has("--all-namespaces");
  const namespace = everywhere ? undefined : (option("n", "--namespace") ?? "default");
  return async (_, context) => {
    const cluster = context.facts.cluster;
    if (cluster === undefined) throw new UnsupportedAudit("unknown cluster");
    const items: unknown[] = [];
    for (const resource of resources) {
      const listed = await cluster.list(resource, clusterWide.has(resource) ? undefined : namespace);
      if (listed === undefined) throw new UnsupportedAudit("unknown cluster", resource);
      context.spend(listed.length);
      for (const item of listed) {
        const metadata = member(item, "metadata");
        if (field !== undefined && asText(member(metadata, field[1] ?? "")) !== field[2]) continue;
        const own = asObject(member(metadata, "labels"));
        if (labels.some(([key, value]) => asText(own?.[key]) !== value)) continue;
        items.push(item);
      }
    }
    if (wanted.length === 0) return print({ apiVersion: "v1", kind: "List", items }, items);
    const found = wanted.map((name) => items.find((item) => asText(member(member(item, "metadata"), "name")) === name));
    const missing = wanted.find((_name, index) => found[index] === undefined);
    if (missing !== undefined) {
      if (options.has("--ignore-not-found")) return printed("");
      return failed(`Error from server (NotFound): ${resources[0]} "${missing}" not found`, 1);
    }
    return print(found.length === 1 ? found[0] : { apiVersion: "v1", kind: "List", items: found }, found);
  };
};

/** Resources that have no namespace, as far as audits read them. */
const clusterWide = new Set([
  "certificatesigningrequests",
  "clusterrolebindings",
  "clusterroles",
  "namespaces",
  "nodes",
  "persistentvolumes",
  "podsecuritypolicies",
  "securitycontextconstraints",
]);

async function canI(
  context: CommandContext,
  question: { readonly user: string; readonly verb: string; readonly resource: string; readonly namespace: string },
): Promise<CommandResult> {
  const cluster = context.facts.cluster;
  if (cluster === undefined) throw new UnsupportedAudit("unknown cluster");
  const objects: unknown[] = [];
  for (const resource of ["clusterroles", "clusterrolebindings", "roles", "rolebindings"]) {
    const listed = await cluster.list(resource);
    if (listed === undefined) throw new UnsupportedAudit("unknown cluster", resource);
    context.spend(listed.length);
    for (const object of listed) objects.push(object);
  }
  const allowed = allows(objects, {
    user: question.user,
    // The API server puts everyone it knows into this group.
    groups: ["system:authenticated"],
    verb: question.verb,
    apiGroup: "",
    resource: question.resource,
    namespace: question.namespace,
  });
  return allowed ? printed("yes\n") : printed("no\n", 1);
}

function labelPairs(selector: string | undefined): readonly (readonly [string, string])[] {
  if (selector === undefined) return [];
  return selector.split(",").map((part) => {
    const pair = /^([\w./-]+)==?([\w.-]*)$/.exec(part);
    if (pair === null) throw new UnsupportedAudit("kubectl get", `-l ${part.slice(0, 30)}`);
    return [pair[1] ?? "", pair[2] ?? ""] as const;
  });
}

type Printer = (value: unknown, items: readonly unknown[]) => CommandResult;

function printerOf(output: string, headless: boolean): Printer {
  if (output === "json") return (value) => printed(`${JSON.stringify(value, null, 4)}\n`);
  // JSON is YAML; audits that ask for it look for words.
  if (output === "yaml") return (value) => printed(yamlText(value));
  if (output === "name")
    return (_, items) =>
      printed(joinLines(items.map((item) => `${(asText(member(item, "kind")) ?? "").toLowerCase()}/${nameOf(item)}`)));
  if (output.startsWith("jsonpath=")) {
    const template = output.slice("jsonpath=".length);
    return (value) => printed(evaluateJsonPath(template, value));
  }
  if (output.startsWith("custom-columns=")) {
    const columns = output
      .slice("custom-columns=".length)
      .split(",")
      .map((column) => {
        const colon = column.indexOf(":");
        if (colon === -1) throw new UnsupportedAudit("kubectl get", `-o ${output.slice(0, 40)}`);
        return { heading: column.slice(0, colon), path: column.slice(colon + 1) };
      });
    return (_, items) => {
      const rows = items.map((item) => columns.map(({ path }) => columnText(path, item)));
      const table = headless ? rows : [columns.map(({ heading }) => heading), ...rows];
      const widths = columns.map((_column, index) =>
        table.reduce((most, row) => Math.max(most, (row[index] ?? "").length), 0),
      );
      return printed(
        joinLines(
          table.map((row) =>
            row
              .map((text, index) => (index === row.length - 1 ? text : text.padEnd((widths[index] ?? 0) + 3)))
              .join(""),
          ),
        ),
      );
    };
  }
  throw new UnsupportedAudit("kubectl get", `-o ${output.slice(0, 40)}`);
}

function nameOf(item: unknown): string {
  return asText(member(member(item, "metadata"), "name")) ?? "";
}

/** Several results stand between commas, none as `<none>`. */
function columnText(path: string, item: unknown): string {
  const results = jsonPathResults(path, item).filter((value) => value !== undefined);
  if (results.length === 0) return "<none>";
  return results
    .map((value) => (value === null ? "<nil>" : typeof value === "object" ? goText(value) : String(value)))
    .join(",");
}

/** Objects and lists as Go prints them: `map[a:1]`, `[x y]`. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value === "object" && value !== null)
    return `map[${Object.entries(value)
      .map(([key, inner]) => `${key}:${goText(inner)}`)
      .join(" ")}]`;
  return value === null ? "<nil>" : String(value);
}

/** Block YAML of plain data, one value a line. */
function yamlText(value: unknown, indent = ""): string {
  const scalar = (inner: unknown): string => {
    if (typeof inner !== "string")
      return Array.isArray(inner) ? "[]" : typeof inner === "object" && inner !== null ? "{}" : String(inner);
    const read = parseYamlDocuments(inner);
    return read.problems.length === 0 && read.documents[0]?.value === inner && !inner.includes("\n")
      ? inner
      : JSON.stringify(inner);
  };
  const isOpen = (inner: unknown): inner is object =>
    typeof inner === "object" && inner !== null && Object.keys(inner).length > 0;
  if (!isOpen(value)) return `${indent}${scalar(value)}\n`;
  if (indent.length > 400) throw new UnsupportedAudit("kubectl get", "objects are nested too deeply");
  return (
    Array.isArray(value)
      ? value.map((inner) => ["-", inner] as const)
      : Object.entries(value).map(([key, inner]) => [`${key}:`, inner] as const)
  )
    .map(([head, inner]) =>
      isOpen(inner) ? `${indent}${head}\n${yamlText(inner, `${indent}  `)}` : `${indent}${head} ${scalar(inner)}\n`,
    )
    .join("");
}
