/** Parses whole modules and queries. */

import { parseAnnotations, attachAnnotations } from "./metadata.ts";
import { locationOf, Source, type Body, type Import, type Module, type RefTerm, type Rule, type Term } from "./ast.ts";
import { inOrderOfPlaces, issueAt, RegoError, type RegoIssue } from "./errors.ts";
import { printTerm } from "./print.ts";
import { issuesOfVersion1, RuleParser, ruleOfStatement, type UnboundRule } from "./rules.ts";
import { isRootRef, termKind } from "./terms.ts";
import { importedKeywords, keywordsOfV1, type RegoVersion } from "./token-stream.ts";

const allKeywordsOfV1 = new Set([
  "package", "import", "as", "default", "else", "not", "some", "with", "null", "true", "false",
  ...keywordsOfV1,
]); // prettier-ignore
const allKeywordsOfV0 = new Set([...allKeywordsOfV1].filter((keyword) => !keywordsOfV1.includes(keyword)));

type Statement =
  | { readonly kind: "package"; readonly path: string[]; readonly span: Rule["span"] }
  | { readonly kind: "import"; readonly value: Import }
  | { readonly kind: "rule"; readonly value: UnboundRule }
  | { readonly kind: "body"; readonly value: Body };

class ModuleParser extends RuleParser {
  statements(skipRules: boolean): Statement[] {
    const statements: Statement[] = [];
    while (!this.at("eof")) {
      if (!skipRules && this.refusesKeywordName(false)) break;
      const statement = this.statement(skipRules);
      if (statement === undefined || this.errors.length > 0) break;
      statements.push(...statement);
      this.parsedTerms.clear();
    }
    if (this.errors.length > 0) throw new RegoError(this.errors);
    return statements;
  }

  get allComments(): Module["comments"] {
    return [...this.comments];
  }

  private statement(skipRules: boolean): Statement[] | undefined {
    const mark = this.save();
    if (this.isKeyword("package") && !this.isKeywordInRef()) {
      const { start } = this.token;
      const path = this.package();
      if (path === undefined) return undefined;
      if (this.at("-")) return this.illegal();
      return [{ kind: "package", path, span: this.span(start) }];
    }
    if (this.isKeyword("import") && !this.isKeywordInRef()) {
      const value = this.import();
      if (value === undefined) return undefined;
      if (this.at("-")) return this.illegal();
      this.applyImport(value);
      return [{ kind: "import", value }];
    }
    if (!skipRules) {
      const rules = this.rules();
      if (rules !== undefined) return rules.map((value) => ({ kind: "rule", value }));
      if (this.errors.length > 0) return undefined;
      this.restore(mark);
    }
    const body = this.query(true, "eof");
    return body === undefined ? undefined : [{ kind: "body", value: body }];
  }

  private pathTerm(): Term | undefined {
    this.advance();
    if (!this.at("name")) return this.illegal();
    this.keywordLead = this.index;
    if (this.isAnyKeyword()) return this.keywordPath();
    return this.term();
  }

  private keywordPath(): Term | undefined {
    const before = this.keywords;
    this.keywords = new Set([...before].filter((keyword) => keyword !== this.token.text));
    try {
      return this.term();
    } finally {
      this.keywords = before;
      this.parsedTerms.clear();
    }
  }

  private package(): string[] | undefined {
    const term = this.pathTerm();
    if (term === undefined) return this.errors.length === 0 ? this.error(this.here(), "expected path") : undefined;
    if (term.kind === "var") return [term.name];
    if (term.kind !== "ref") return this.illegal();
    if (term.head.kind !== "var") {
      return this.error(term.head.span, `unexpected ${termKind(term.head)} token: expecting var`);
    }
    return this.names(term, term.head.name);
  }

  private names(term: RefTerm, first: string): string[] | undefined {
    const names = [first];
    for (const part of term.path) {
      if (part.kind !== "scalar" || typeof part.value !== "string") {
        return this.error(part.span, `unexpected ${termKind(part)} token: expecting string`);
      }
      names.push(part.value);
    }
    return names;
  }

  private import(): Import | undefined {
    const { start } = this.token;
    const term = this.pathTerm();
    if (term === undefined) return this.error(this.here(), "expected path");
    const path: RefTerm | undefined =
      term.kind === "ref"
        ? term
        : term.kind === "var"
          ? { kind: "ref", head: term, path: [], span: term.span }
          : undefined;
    if (path === undefined) return this.error(this.here(), "expected path");
    const root = path.head.kind === "var" ? path.head.name : "";
    if (this.names(path, root) === undefined) return undefined;
    if (!["data", "input", "future", "rego"].includes(root)) {
      this.hint("if this is unexpected, try updating OPA");
      const shown = printTerm(path.head);
      const roots = "{data, future, input, rego}";
      return this.error(path.span, `unexpected import path, must begin with one of: ${roots}, got: ${shown}`);
    }
    if (this.isKeyword("as")) return this.aliased(path, start);
    this.checkImportedName(path, root);
    return { path, span: this.span(start) };
  }

  private aliased(path: RefTerm, start: number): Import | undefined {
    this.advance();
    if (!this.at("name") || this.isAnyKeyword()) return this.illegal("expected var");
    const alias = this.term();
    if (alias?.kind === "var") return { path, alias: alias.name, span: this.span(start) };
    if (alias !== undefined && isRootRef(alias)) {
      return this.error(alias.span, `unexpected import alias, must not be a reserved name, got: ${printTerm(alias)}`);
    }
    return this.illegal("expected var");
  }

  private checkImportedName(path: RefTerm, root: string): void {
    if (path.path.length > 0 && root === "future") return;
    const last = path.path.at(-1);
    const name = last?.kind === "scalar" ? String(last.value) : root;
    const keywords = this.version === "v1" ? allKeywordsOfV1 : allKeywordsOfV0;
    if (!keywords.has(name)) return;
    this.hint("import a different path or use an alias");
    this.error((last ?? path).span, `unexpected import path, must not end with a keyword, got: ${name}`);
  }

  /** `import rego.v1` and `import future.keywords` change the grammar from there on. */
  private applyImport({ path, alias }: Import): void {
    const text = printTerm(path);
    const root = path.head.kind === "var" ? path.head.name : "";
    if (root === "rego") {
      if (text !== "rego.v1" && text !== "rego.v2") {
        this.error(path.span, `invalid import \`${text}\`, must be one of: \`rego.v1\`, \`rego.v2\``);
      } else if (alias !== undefined) {
        this.error(path.span, "`rego` imports cannot be aliased");
      } else {
        this.addKeywords(text === "rego.v1" ? keywordsOfV1 : [...keywordsOfV1, ...importedKeywords]);
      }
    } else if (root === "future") {
      this.importKeywords(path, alias);
    }
  }

  private importKeywords(path: RefTerm, alias: string | undefined): void {
    const [first, second] = path.path;
    if (first?.kind !== "scalar" || first.value !== "keywords") {
      this.error(path.span, "invalid import, must be `future.keywords`");
      return;
    }
    if (alias !== undefined) {
      this.error(path.span, "`future` imports cannot be aliased");
      return;
    }
    const allowed = [...keywordsOfV1, ...importedKeywords].sort();
    if (second === undefined) {
      this.addKeywords(allowed);
    } else if (second.kind === "scalar" && allowed.includes(String(second.value))) {
      this.addKeywords([String(second.value)]);
    } else {
      this.error(path.span, `unexpected keyword, must be one of [${allowed.join(" ")}]`);
    }
  }

  private addKeywords(keywords: readonly string[]): void {
    this.keywords = new Set([...this.keywords, ...keywords]);
    if (keywords.includes("every")) this.keywords.add("in");
    if (keywords.includes("not")) this.notBodies = true;
    this.parsedTerms.clear();
  }
}

/** Options of {@link parseModule}. */
export interface ParseOptions {
  readonly version: RegoVersion;
  /** Names of built-in functions, which a rule that consists of a call alone must not have. */
  readonly builtins: ReadonlySet<string>;
}

/** Parses a module; throws a RegoError with all its syntax errors. */
export function parseModule(path: string, text: string, options: ParseOptions): Module {
  const source = new Source(path, text);
  const parser = new ModuleParser(source, options.version);
  const statements = parser.statements(false);
  const first = statements[0];
  const whole = { source, start: 0, end: 0 };
  if (first === undefined) {
    const location = { path, row: 0, column: 0 };
    throw new RegoError([{ code: "rego_parse_error", message: "empty module", location }]);
  }
  const issues: RegoIssue[] = [];
  const packageSpan =
    first.kind === "body" ? (first.value[0]?.span ?? whole) : first.kind === "package" ? first.span : first.value.span;
  if (first.kind !== "package") issues.push(issueAt("rego_parse_error", "package expected", packageSpan));
  const module: Module = {
    source,
    package: first.kind === "package" ? first.path : [],
    packageSpan,
    imports: [],
    rules: [],
    comments: parser.allComments,
    annotations: [],
    version: options.version,
  };
  collect(module, statements.slice(1), options, issues);
  if (module.version === "v1") {
    for (const rule of module.rules) {
      for (let each: Rule | undefined = rule; each !== undefined; each = each.otherwise) {
        issues.push(...issuesOfVersion1(each, allKeywordsOfV1));
      }
    }
  }
  if (issues.length > 0) throw new RegoError(inOrderOfPlaces(issues));
  const { annotations, issues: found } = parseAnnotations(source, module.comments);
  module.annotations = annotations;
  found.push(...attachAnnotations(module));
  if (found.length > 0) throw new RegoError(found);
  return module;
}

function collect(module: Module, statements: readonly Statement[], options: ParseOptions, issues: RegoIssue[]): void {
  for (const [index, statement] of statements.entries()) {
    switch (statement.kind) {
      case "package":
        issues.push(issueAt("rego_parse_error", "unexpected package", statement.span));
        break;
      case "import": {
        module.imports.push(statement.value);
        const path = printTerm(statement.value.path);
        if (path === "rego.v1" || path === "rego.v2") module.version = "v1";
        break;
      }
      case "rule":
        module.rules.push(bind(statement.value, module));
        break;
      case "body": {
        const rule = ruleOfStatement(module, statement.value, options.builtins);
        if (typeof rule !== "string") {
          rule.generatedBody = true;
          module.rules.push(rule);
          break;
        }
        const hint = missingKeywordHint(options.version, statement, statements[index + 1]);
        issues.push(issueAt("rego_parse_error", rule + hint, statement.value[0]?.span));
      }
    }
  }
}

function bind(rule: UnboundRule, module: Module): Rule {
  const bound = rule as Rule; // as: the next line makes it one
  for (let each: Rule | undefined = bound; each !== undefined; each = each.otherwise) each.module = module;
  return bound;
}

/** Without its import, `p if { … }` reads as `p` and a rule named `if`. */
function missingKeywordHint(version: RegoVersion, statement: Statement, next: Statement | undefined): string {
  if (version !== "v0") return "";
  const keyword =
    headKeyword(statement) ?? (next !== undefined && sameRow(statement, next) ? headKeyword(next) : undefined);
  if (keyword === undefined) return "";
  const example = keyword === "if" ? "p if { ... }" : "p contains x";
  return ` (hint: \`import future.keywords.${keyword}\` for \`${example}\` rules)`;
}

function headKeyword(statement: Statement): string | undefined {
  let name: Term | undefined;
  if (statement.kind === "rule") name = statement.value.head.reference[0];
  const expression = statement.kind === "body" ? statement.value[0] : undefined;
  if (statement.kind === "body" && statement.value.length === 1 && expression?.kind === "term") name = expression.term;
  return name?.kind === "var" && (name.name === "if" || name.name === "contains") ? name.name : undefined;
}

function sameRow(left: Statement, right: Statement): boolean {
  return rowOf(left) === rowOf(right);
}

function rowOf(statement: Statement): number {
  if (statement.kind === "package") return locationOf(statement.span).row;
  const span = statement.kind === "body" ? statement.value[0]?.span : statement.value.span;
  return span === undefined ? 0 : locationOf(span).row;
}

/** Parses a query: one or several expressions. */
export function parseQuery(text: string, version: RegoVersion): Body {
  const source = new Source("", text);
  const statements = new ModuleParser(source, version).statements(true);
  const body: Body = [];
  for (const statement of statements) {
    if (statement.kind !== "body") {
      const span = statement.kind === "package" ? statement.span : statement.value.span;
      throw new RegoError([issueAt("rego_parse_error", `expected body but got ${statement.kind}`, span)]);
    }
    body.push(...statement.value);
  }
  if (body.length === 0)
    throw new RegoError([issueAt("rego_parse_error", "empty query", { source, start: 0, end: 0 })]);
  return body;
}

/** Reads the path of a package, such as `a.b`, as names after `data`. */
export function parsePackage(text: string): string[] {
  const statement = onlyStatement(`package ${text}`);
  if (statement.kind !== "package") throw notOne();
  return statement.path;
}

/** Parses an import without the keyword: a path, optionally followed by `as` and a name. */
export function parseImport(text: string): Import {
  const statement = onlyStatement(`import ${text}`);
  if (statement.kind !== "import") throw notOne();
  return statement.value;
}

function onlyStatement(text: string): Statement {
  const [statement, ...others] = new ModuleParser(new Source("", text), "v1").statements(true);
  if (statement === undefined || others.length > 0) throw notOne();
  return statement;
}

function notOne(): RegoError {
  return new RegoError([{ code: "rego_parse_error", message: "expected exactly one statement", location: undefined }]);
}
