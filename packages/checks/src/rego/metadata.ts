import { parseYamlDocuments } from "@plimsoll/formats";
import { asList, asObject, asText, member, scalarText } from "@plimsoll/kubernetes";
import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";

/** The METADATA comment of a package of checks in Rego. */
export interface RegoMetadata {
  readonly id?: string;
  readonly aliases: readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly severity?: Severity;
  readonly remediation?: string;
  readonly references: readonly string[];
  /** The kinds of input that it is for: `dockerfile`, `kubernetes`, `rbac`, `yaml`, `json`. Empty: any. */
  readonly selectors: readonly RegoSelector[];
  /** Whether the package only has rules for others to use. */
  readonly library: boolean;
  /** Whether the check is deprecated, and so not run by default. */
  readonly deprecated: boolean;
  /** Whether the check belongs to benchmarks only, and so is not run by default. */
  readonly benchmarkOnly: boolean;
}

/** One kind of input, and which objects of it. */
export interface RegoSelector {
  readonly type: string;
  readonly subtypes: readonly Readonly<Record<string, string>>[];
}

/** Reads the package of a module: `user.images`; undefined where the module has no package. */
export function packageOf(text: string): string | undefined {
  return /^[ \t]*package[ \t]+([A-Za-z_][\w.]*)/m.exec(text)?.[1];
}

/** Reads the METADATA comment before the package. Members that are missing or of a wrong type are absent. */
export function packageMetadata(text: string): RegoMetadata {
  const custom = asObject(annotation(text)) ?? {};
  const more = member(custom, "custom");
  const severity = asText(member(more, "severity"))?.toUpperCase();
  const frameworks = asObject(member(more, "frameworks"));
  const id = asText(member(more, "id")) ?? asText(member(more, "avd_id"));
  const names = [
    ...asList(member(more, "aliases")),
    member(more, "avd_id"),
    member(more, "long_id"),
    member(more, "short_code"),
  ];
  const aliases = names.flatMap((name) => (typeof name === "string" && name !== id ? [name] : []));
  return {
    ...optional("id", id),
    aliases: [...new Set(aliases)],
    ...optional("title", asText(member(custom, "title"))),
    ...optional("description", asText(member(custom, "description"))),
    ...optional(
      "severity",
      severities.find((known) => known === severity),
    ),
    ...optional(
      "remediation",
      asText(member(more, "recommended_action")) ?? asText(member(more, "recommended_actions")),
    ),
    references: asList(member(custom, "related_resources")).flatMap((each) => {
      const url = asText(each) ?? asText(member(each, "ref"));
      return url === undefined ? [] : [url];
    }),
    selectors: asList(member(more, "input", "selector")).flatMap((each) => {
      const type = asText(member(each, "type"));
      if (type === undefined) return [];
      const subtypes = asList(member(each, "subtypes")).map((subtype) =>
        Object.fromEntries(
          Object.entries(asObject(subtype) ?? {}).map(([key, value]) => [key, scalarText(value) ?? ""]),
        ),
      );
      return [{ type, subtypes }];
    }),
    library: member(more, "library") === true,
    deprecated: member(more, "deprecated") === true,
    benchmarkOnly: frameworks !== undefined && !Object.hasOwn(frameworks, "default"),
  };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value }; // One known key.
}

/** The YAML of the block of comments that begins with METADATA and ends directly before `package`. */
function annotation(text: string): unknown {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => /^[ \t]*package[ \t]/.test(line));
  if (end === -1) return undefined;
  let start = end;
  while (start > 0 && /^#|^\s*$/.test(lines[start - 1] ?? "")) start--;
  const block = lines.slice(start, end);
  const first = block.findIndex((line) => /^#[ \t]*METADATA[ \t]*\r?$/.test(line));
  if (first === -1) return undefined;
  const yaml: string[] = [];
  for (const line of block.slice(first + 1)) {
    if (!line.startsWith("#")) break;
    yaml.push(line.slice(1).replace(/^ /, ""));
  }
  return parseYamlDocuments(yaml.join("\n")).documents[0]?.value;
}
