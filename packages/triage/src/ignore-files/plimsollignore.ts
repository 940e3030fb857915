import { field, record, textField } from "@plimsoll/formats";
import { findingKinds } from "@plimsoll/model";
import { textsField } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import type { IgnoreRule, IgnoreRules } from "../ignore-rules.ts";
import { misreadField } from "./shared/known-fields.ts";
import { compileScope, describeScope } from "./shared/scope.ts";
import { readYamlRules } from "./shared/yaml-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";
import { isYaml } from "./shared/yaml-rules.ts";

const forms = {
  id: "texts",
  ids: "texts",
  kind: "texts",
  kinds: "texts",
  package: "texts",
  packages: "texts",
  purl: "texts",
  purls: "texts",
  path: "texts",
  paths: "texts",
  reason: "text",
  expires: "moment",
  owner: "text",
} as const;

/** Our own rules: `.plimsollignore.yaml`. */
export const plimsollignore: IgnoreDialect<"plimsollignore"> = {
  id: "plimsollignore",
  claims: (base) => isYaml(base) && base.includes("plimsoll"),
  read: readPlimsollignore,
};

/**
 * Reads our own `.plimsollignore.yaml`. Each entry of `ignore` says what it means (`id`, `kind`, `package`, `purl`, `path`, or lists of them: all that
 * are given must hold), why (`reason`, required), until when (`expires`), and whom to ask (`owner`). A word that is not known is a
 * mistake that would widen the rule, so the rule is not applied.
 */
function readPlimsollignore(text: string): IgnoreRules {
  return readYamlRules(text, readEntry, true);
}

function readEntry(item: unknown, place: string): IgnoreRule | string {
  const entry = record(item);
  if (entry === undefined) return "not a mapping";
  const misread = misreadField(entry, forms);
  if (misread !== undefined) return misread;
  const both = (one: string, many: string): readonly string[] => [
    ...textsField(entry, one),
    ...textsField(entry, many),
  ];
  const kinds = both("kind", "kinds");
  const stranger = kinds.find((kind) => !findingKinds.some((known) => known === kind));
  if (stranger !== undefined) return `"${stranger}" is none of ${findingKinds.join(", ")}`;
  const scope = {
    ids: both("id", "ids"),
    kinds: findingKinds.filter((kind) => kinds.includes(kind)),
    names: both("package", "packages"),
    purls: both("purl", "purls"),
    paths: both("path", "paths"),
  };
  if (Object.values(scope).every((list) => list.length === 0))
    return "it says neither id, kind, package, purl nor path";
  const reason = textField(entry, "reason");
  if (reason === undefined) return "it gives no reason";
  const expires = readExpiry(field(entry, "expires"));
  if (expires === "unreadable") return "its expiry is no date";
  const matches = compileScope(scope);
  if (typeof matches === "string") return matches;
  const owner = textField(entry, "owner");
  return {
    scope: describeScope(scope),
    place,
    reason: owner === undefined ? reason : `${reason} (${owner})`,
    expires,
    ...(scope.ids.length === 0 ? {} : { ids: scope.ids }),
    matches,
  };
}
