/** METADATA comments: YAML blocks before packages and rules. */

import { load } from "js-yaml";
import { locationOf, type Annotation, type Comment, type Module, type Rule, type Source, type Span } from "./ast.ts";
import { issueAt, type RegoIssue } from "./errors.ts";

const scopes = new Set(["rule", "document", "package", "subpackages"]);

/** The METADATA blocks found in comments, and errors in them. */
export interface FoundAnnotations {
  readonly annotations: Annotation[];
  readonly issues: RegoIssue[];
}

/** Reads all METADATA blocks among a module's comments. */
export function parseAnnotations(source: Source, comments: readonly Comment[]): FoundAnnotations {
  const annotations: Annotation[] = [];
  const issues: RegoIssue[] = [];
  /** The block that is being read: the comment that opens it, and those that follow. */
  let block: [first: Comment, ...Comment[]] | undefined;
  const close = (): void => {
    if (block === undefined) return;
    const [first, ...rest] = block;
    const last = rest.at(-1) ?? first;
    const span: Span = { source, start: first.start, end: last.end };
    const annotation = parseBlock(rest, span, last.row);
    if (typeof annotation === "string") issues.push(issueAt("rego_parse_error", annotation, span));
    else annotations.push(annotation);
  };
  for (const comment of comments) {
    const last = block?.at(-1);
    if (block !== undefined && last !== undefined && continues(comment, last)) {
      block.push(comment);
      continue;
    }
    close();
    block = opensBlock(comment) ? [comment] : undefined;
  }
  close();
  return { annotations, issues };
}

function opensBlock(comment: Comment): boolean {
  return comment.column === 1 && comment.text.trimStart().startsWith("METADATA");
}

function continues(comment: Comment, previous: Comment): boolean {
  return comment.column === 1 && comment.row === previous.row + 1 && !opensBlock(comment);
}

function parseBlock(block: readonly Comment[], span: Span, endRow: number): Annotation | string {
  const text = block.map((comment) => comment.text).join("\n");
  if (text.trim() === "") return "expected METADATA block, found whitespace";
  let parsed: unknown;
  try {
    parsed = load(dedent(text));
  } catch (error) {
    return `yaml: ${error instanceof Error ? firstLine(error.message) : "unreadable"}`;
  }
  if (parsed === null || parsed === undefined) parsed = {};
  if (!isMap(parsed)) return "yaml: unmarshal errors: cannot unmarshal into annotations";
  return annotationOf(parsed, span, endRow);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** Comments begin with a space that belongs to no one. */
function dedent(text: string): string {
  const lines = text.split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const indent = indents.reduce((least, one) => Math.min(least, one), Infinity);
  return lines.map((line) => line.slice(indent)).join("\n");
}

const simpleFields = ["title", "description", "organizations", "custom", "labels"] as const;

function annotationOf(raw: Record<string, unknown>, span: Span, endRow: number): Annotation | string {
  const fields: Record<string, unknown> = {};
  const scope = raw["scope"];
  if (scope !== undefined && scope !== null && typeof scope !== "string") return "yaml: scope must be a string";
  for (const name of simpleFields) {
    const value = raw[name];
    if (value !== undefined && value !== null && value !== "") fields[name] = value;
  }
  const { title, description, organizations, custom, labels } = fields;
  if (title !== undefined && typeof title !== "string") fields["title"] = String(title);
  if (description !== undefined && typeof description !== "string") fields["description"] = String(description);
  if (organizations !== undefined && !Array.isArray(organizations)) return "yaml: organizations must be a list";
  for (const map of [custom, labels]) {
    if (map !== undefined && (typeof map !== "object" || Array.isArray(map))) return "yaml: custom must be a mapping";
  }
  if (raw["entrypoint"] === true) fields["entrypoint"] = true;
  const related = listField(raw, "related_resources", relatedResource);
  if (typeof related === "string") return related;
  if (related.length > 0) fields["related_resources"] = related;
  const authors = listField(raw, "authors", authorOf);
  if (typeof authors === "string") return authors;
  if (authors.length > 0) fields["authors"] = authors;
  const schemas = listField(raw, "schemas", schemaOf);
  if (typeof schemas === "string") return schemas;
  if (schemas.length > 0) fields["schemas"] = schemas;
  if (raw["compile"] !== undefined && raw["compile"] !== null) fields["compile"] = raw["compile"];
  return { scope: (scope ?? "") as Annotation["scope"], fields, span, endRow }; // as: `attachAnnotations` reports others
}

function listField(raw: Record<string, unknown>, name: string, read: (item: unknown) => unknown): unknown[] | string {
  const list = raw[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return `yaml: ${name} must be a list`;
  const items: unknown[] = [];
  for (const item of list) {
    const value = read(item);
    if (typeof value === "string") return value;
    items.push(value);
  }
  return items;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function relatedResource(item: unknown): unknown {
  if (typeof item === "string") {
    if (item === "") return "invalid related-resource definition : ref URL may not be empty string";
    return { ref: item };
  }
  if (isMap(item) && typeof item["ref"] === "string" && item["ref"] !== "") {
    const { description, ref } = item;
    return typeof description === "string" && description !== "" ? { description, ref } : { ref };
  }
  return "invalid related-resource definition: invalid value type, must be string or map";
}

function authorOf(item: unknown): unknown {
  if (typeof item === "string") {
    const match = /^(.*?)\s*<([^<>]*)>\s*$/.exec(item.slice(0, 1000));
    const name = (match?.[1] ?? item).trim();
    const email = match?.[2];
    if (name === "" && (email === undefined || email === ""))
      return "invalid author definition: author is an empty string";
    return email === undefined || email === "" ? { name } : { name, email };
  }
  if (isMap(item)) {
    const name = typeof item["name"] === "string" ? item["name"] : "";
    const email = typeof item["email"] === "string" ? item["email"] : "";
    if (name === "" && email === "")
      return "invalid author definition: 'name' and/or 'email' values required in object";
    return { name, ...(email === "" ? {} : { email }) };
  }
  return "invalid author definition: invalid value type, must be string or map";
}

function schemaOf(item: unknown): unknown {
  if (!isMap(item)) return "invalid schema declaration";
  const [entry] = Object.entries(item);
  if (entry === undefined) return "invalid document reference";
  const [path, schema] = entry;
  const names = referenceNames(path);
  if (names === undefined) return "invalid document reference";
  if (typeof schema === "string") {
    const reference = referenceNames(schema);
    return reference?.[0] === "schema" ? { path: names, schema: reference } : "invalid schema reference";
  }
  if (isMap(schema)) return { path: names, definition: schema };
  return `invalid schema declaration for path "${path}"`;
}

/** The names of a reference such as `input.a["b-c"]`. */
function referenceNames(text: string): string[] | undefined {
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const names = [name];
  for (let at = name.length; at < text.length;) {
    const [all, plain, quoted] =
      /^(?:\.([A-Za-z_][A-Za-z0-9_]*)|\["([^"\\]*)"\])/.exec(text.slice(at, at + 1000)) ?? [];
    const next = plain ?? quoted;
    if (all === undefined || next === undefined) return undefined;
    names.push(next);
    at += all.length;
  }
  return names;
}

/** Attaches each METADATA block to the rule or package that follows it; returns errors in scopes. */
export function attachAnnotations(module: Module): RegoIssue[] {
  const issues: RegoIssue[] = [];
  const rowOf = (span: Span): number => span.source.rowOf(span.start);
  const targets: { row: number; kind: "package" | "import" | "rule"; rule?: Rule }[] = [
    { row: rowOf(module.packageSpan), kind: "package" },
    ...module.imports.map((each) => ({ row: rowOf(each.span), kind: "import" as const })),
    ...module.rules.map((rule) => ({ row: rowOf(rule.span), kind: "rule" as const, rule })),
  ];
  targets.sort((a, b) => a.row - b.row);
  for (const annotation of module.annotations) {
    const { row } = locationOf(annotation.span);
    const target = targets.find((each) => each.row > row);
    settleScope(annotation, target?.kind);
    const wrong = scopeIssue(annotation, target?.kind);
    if (wrong !== undefined) issues.push(issueAt("rego_parse_error", wrong, annotation.span));
    else if (target?.rule !== undefined) attachToRules(module, annotation, target.rule);
  }
  return issues;
}

function settleScope(annotation: Annotation, target: "package" | "import" | "rule" | undefined): void {
  if ((annotation.scope as string) !== "") return; // as: a block may name no scope
  if (target === "rule") annotation.scope = annotation.fields["entrypoint"] === true ? "document" : "rule";
  else if (target === "package") annotation.scope = "package";
  else if (target === "import") annotation.scope = "import" as Annotation["scope"]; // as: `scopeIssue` reports it
}

function scopeIssue(annotation: Annotation, target: string | undefined): string | undefined {
  const have = target === undefined ? "" : ` (have ${target})`;
  const { scope } = annotation;
  if (!scopes.has(scope))
    return `invalid annotation scope '${scope}'. Use one of 'rule', 'document', 'package' or 'subpackages'`;
  const want = scope === "rule" || scope === "document" ? "rule" : "package";
  if (target !== want) return `annotation scope '${scope}' must be applied to ${want}${have}`;
  if (annotation.fields["entrypoint"] === true && scope !== "document" && scope !== "package") {
    return `annotation entrypoint applied to non-document or package scope '${scope}'`;
  }
  return undefined;
}

function attachToRules(module: Module, annotation: Annotation, rule: Rule): void {
  if (annotation.scope === "rule") {
    rule.annotations.push(annotation);
    return;
  }
  const name = nameOf(rule);
  for (const each of module.rules) if (nameOf(each) === name) each.annotations.push(annotation);
}

function nameOf(rule: Rule): string {
  const names: string[] = [];
  for (const part of rule.head.reference) {
    if (part.kind === "var" && names.length === 0) names.push(part.name);
    else if (part.kind === "scalar") names.push(JSON.stringify(part.value));
    else break;
  }
  return names.join(".");
}
