import { parseJson } from "@plimsoll/formats";
import type { AnyConfigDocument } from "@plimsoll/configs";
import { asText } from "@plimsoll/kubernetes";
import type { Diagnostic } from "@plimsoll/model";
import { compileModules, RegoError, schemaName } from "@plimsoll/rego";
import { evaluationLimits } from "./limits.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const listOf = (items: object): object => ({ type: "array", items });
const mapping = (properties: object): object => ({ type: "object", properties });

const dockerfile = mapping({
  Stages: listOf(
    mapping({
      Name: text,
      Commands: listOf(
        mapping({
          Cmd: text,
          SubCmd: text,
          Flags: listOf(text),
          Value: listOf(text),
          Original: text,
          JSON: { type: "boolean" },
          Stage: whole,
          Path: text,
          StartLine: whole,
          EndLine: whole,
        }),
      ),
    }),
  ),
});

const kubernetes = mapping({
  apiVersion: text,
  kind: text,
  metadata: { type: "object" },
  spec: { type: "object" },
  rules: listOf(
    mapping({ apiGroups: listOf(text), resources: listOf(text), resourceNames: listOf(text), verbs: listOf(text) }),
  ),
});

/**
 * Schemas that METADATA may name without a file, as Trivy has them. `input` is from its early days and says nothing; what state of clouds is
 * like (`cloud`, `defsec`, `terraform-raw`) is not read yet, so nothing is said about it.
 */
const ownSchemas: Readonly<Record<string, unknown>> = {
  dockerfile,
  kubernetes,
  rbac: kubernetes,
  yaml: {},
  json: {},
  toml: {},
  cloud: {},
  defsec: {},
  "terraform-raw": {},
  input: {},
};

/** A text beside modules; JSON files may be schemas. */
interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** The names of schemas that the METADATA of a module refers to: of `schema["a-b"]` and `schema.ab`. */
export function schemasNamedIn(module: string): readonly string[] {
  const names = new Set<string>();
  for (const [line] of module.matchAll(/^#.*$/gm))
    for (const [, plain, quoted] of line.matchAll(/:[ \t]*schema(?:\.([A-Za-z_]\w*)|\["([^"\\]+)"\])/g))
      names.add(plain ?? quoted ?? "");
  return [...names];
}

/**
 * The schemas for type checking, by the names that METADATA uses: built-in ones, those that were given, and files of that name, in this
 * order.
 */
export function schemasFor(
  modules: readonly NamedText[],
  files: readonly NamedText[],
  given: Readonly<Record<string, unknown>>,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const name of new Set([
    ...modules.flatMap((module) => schemasNamedIn(module.text)),
    ...Object.keys(ownSchemas),
  ])) {
    const reference = schemaName([name]);
    if (Object.hasOwn(ownSchemas, name)) found.set(reference, ownSchemas[name]);
    else if (Object.hasOwn(given, name)) found.set(reference, given[name]);
    else {
      const file = files.find(({ path }) => path === `${name}.json` || path.endsWith(`/${name}.json`));
      const schema = file === undefined ? undefined : schemaIn(file, diagnostics);
      if (schema !== undefined) found.set(reference, schema);
    }
  }
  return found;
}

function schemaIn(file: NamedText, diagnostics: Diagnostic[]): unknown {
  try {
    return parseJson(file.text);
  } catch {
    diagnostics.push({
      kind: "diagnostic",
      code: "malformed-file",
      effect: "incomplete",
      message: "the schema is no JSON",
      location: { path: file.path },
      analyzer: "rego",
    });
    return undefined;
  }
}

/**
 * Whether a document matches one of some schemas. Invalid schemas are reported. A document that is too large or too deep to be
 * validated counts as matching, so that it is checked.
 */
export function schemaFilter(
  schemas: Readonly<Record<string, unknown>>,
  diagnostics: Diagnostic[],
): (document: AnyConfigDocument) => boolean {
  const policies = compileModules([]);
  const usable = Object.entries(schemas).filter(([name, schema]) => {
    const query = "[ok, reason] := json.verify_schema(json.marshal(input))";
    const { ok, reason } = policies.query(query, { input: schema, limits: evaluationLimits })[0]?.bindings ?? {};
    if (ok === true) return true;
    diagnostics.push({
      kind: "diagnostic",
      code: "malformed-file",
      effect: "incomplete",
      message: `the schema ${name} is not used: ${(asText(reason) ?? "it is none").slice(0, 200)}`,
      analyzer: "rego",
    });
    return false;
  });
  const known = new WeakMap<AnyConfigDocument, boolean>();
  return (document) => {
    let matches = known.get(document);
    if (matches === undefined) {
      matches = usable.some(([, schema]) => isMatch(document.value, schema));
      known.set(document, matches);
    }
    return matches;
  };

  function isMatch(value: unknown, schema: unknown): boolean {
    try {
      const [result] = policies.query("[matches, _] := json.match_schema(json.marshal(input.value), input.schema)", {
        input: { value, schema },
        limits: evaluationLimits,
      });
      return result?.bindings["matches"] === true;
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      return true;
    }
  }
}
