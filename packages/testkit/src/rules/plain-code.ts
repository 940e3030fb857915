import { constantText, isNode, linesAt, propertyName } from "./parsed-source.ts";
import type { ParsedSource, Placed, SyntaxNode } from "./parsed-source.ts";

// What the compiler and the linter let pass and this house does not. All take one source file.

/** The lines that some nodes are on, each once: `3: const a = 1;`. */
function linesWith(source: ParsedSource, offsets: readonly number[]): readonly string[] {
  return linesAt(source, offsets).map((line) => `${line}: ${(source.lines[line - 1] ?? "").trim()}`);
}

/** As {@link linesWith}, but for lines on which a comment says why, or below one. */
function unreasoned(source: ParsedSource, offsets: readonly number[]): readonly string[] {
  const comments = source.comments.filter(({ text }) => text.startsWith("//")).map(({ start }) => start);
  const reasoned = new Set<number>();
  for (const line of linesAt(source, comments)) {
    reasoned.add(line);
    if ((source.lines[line - 1] ?? "").trimStart().startsWith("//")) reasoned.add(line + 1);
  }
  return linesWith(
    source,
    offsets.filter((offset) => linesAt(source, [offset]).every((line) => !reasoned.has(line))),
  );
}

/** Methods of times that go by the machine's time zone, and of texts and numbers that go by its locale. */
const local =
  /^(?:[gs]et(?:FullYear|Month|Date|Day|Hours|Minutes|TimezoneOffset)|to(?:Date|Time)String|toLocale\w*|localeCompare|randomUUID|getRandomValues)$/;

/** Names of what is everywhere and differs from machine to machine, or from one moment to the next. */
const global = new Set(["Date", "Math", "performance", "Intl", "globalThis"]);

/** Lines of a neutral source whose result depends on the machine: on the hour, chance, a locale's order or spelling. */
export function undeterminedLines(source: ParsedSource): readonly string[] {
  return linesWith(
    source,
    source.nodes.filter((placed) => isUndetermined(placed)).map(({ node }) => node.start),
  );
}

function isUndetermined({ node, around }: Placed): boolean {
  const parent = around?.node;
  if (isProperty(node, parent) && local.test(propertyName(node) ?? "")) return true;
  if (!isValue(node, parent)) return false;
  const name = String(node["name"]);
  return global.has(name) && !isPlainUse(name, node, around);
}

/** A property that is read, or taken out of an object: not one that is made or declared. */
function isProperty(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  return node.type === "MemberExpression" || (node.type === "Property" && parent?.type === "ObjectPattern");
}

/** A name that stands for its value, rather than for a type, a property or something that is declared here. */
function isValue(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (node.type !== "Identifier" || parent === undefined) return false;
  if (parent.type.startsWith("TS")) return isClaim(parent);
  if (parent.type === "MemberExpression" && parent["property"] === node) return parent["computed"] === true;
  return !(parent["key"] === node && parent["shorthand"] !== true) && parent["id"] !== node;
}

/** What the compiler is told of a value stands around it, and does not change it. */
function isClaim({ type }: SyntaxNode): boolean {
  return /^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/.test(type);
}

/** Whether this use of what is everywhere gives the same on every machine. */
function isPlainUse(name: string, node: SyntaxNode, place: Placed | undefined): boolean {
  if (place === undefined) return false;
  const { node: parent, around } = place;
  if (isClaim(parent)) return isPlainUse(name, parent, around);
  const member = parent.type === "MemberExpression" && parent["object"] === node ? propertyName(parent) : undefined;
  switch (name) {
    case "Date":
      return (
        isMadeOf(parent, node, 1, 1) ||
        (parent.type === "BinaryExpression" && parent["operator"] === "instanceof") ||
        member === "parse" ||
        member === "UTC"
      );
    case "Math":
      return member !== undefined && member !== "random";
    case "Intl": {
      const made = around?.node;
      return member !== undefined && isMadeOf(made, parent, 1, 9) && isOneLocale(made);
    }
    case "performance":
      return false;
    default:
      // What is taken of it by name is judged by that name.
      return member !== undefined
        ? !global.has(member) || isPlainUse(member, parent, around)
        : parent.type === "VariableDeclarator" && isNode(parent["id"]) && takesPlainNames(parent["id"]);
  }
}

function isMadeOf(made: SyntaxNode | undefined, callee: SyntaxNode, least: number, most: number): boolean {
  if (made?.type !== "NewExpression" || made["callee"] !== callee || !Array.isArray(made["arguments"])) return false;
  const given: readonly SyntaxNode[] = made["arguments"];
  return given.length >= least && given.length <= most && given.every(({ type }) => type !== "SpreadElement");
}

/** A locale of this house, or one that is handed in. */
function isOneLocale(made: SyntaxNode | undefined): boolean {
  const [first] = Array.isArray(made?.["arguments"]) ? made["arguments"] : [];
  return constantText(first) === "en-US" || (isNode(first) && first["name"] === "locale");
}

function takesPlainNames(pattern: SyntaxNode): boolean {
  const properties = pattern["properties"];
  return (
    pattern.type === "ObjectPattern" &&
    Array.isArray(properties) &&
    properties.every((property) => {
      const name = isNode(property) && property.type === "Property" ? propertyName(property) : undefined;
      return name !== undefined && !global.has(name);
    })
  );
}

/** Lines that load a module of Node in a way that the list of imports does not show, or make code of text. */
export function hiddenNodeImports(source: ParsedSource): readonly string[] {
  const hidden = source.nodes.filter(({ node, around }) => {
    const parent = around?.node;
    if (node.type === "ImportExpression") return constantText(node["source"])?.startsWith("node:") !== false;
    if (isProperty(node, parent)) return /^(?:getBuiltinModule|createRequire)$/.test(propertyName(node) ?? "");
    const name = isValue(node, parent) ? String(node["name"]) : "";
    if (name === "require") return parent?.type === "CallExpression" && parent["callee"] === node;
    return /^(?:createRequire|getBuiltinModule|eval|Function)$/.test(name);
  });
  return linesWith(
    source,
    hidden.map(({ node }) => node.start),
  );
}

/**
 * `as`, `<T>`, `!` and `declare`d or promised values (`a!: T`) that no comment on the line or above it gives a reason for. `as const`
 * claims nothing.
 */
export function unreasonedAssertions(source: ParsedSource): readonly string[] {
  const offsets = source.nodes.flatMap(({ node }) => {
    const { type, end, definite, expression, typeAnnotation } = node;
    if (type === "TSNonNullExpression" || definite === true) return [end - 1];
    if (type === "TSTypeAssertion") return [node.start];
    if (type !== "TSAsExpression" || !isNode(expression) || !isNode(typeAnnotation)) return [];
    return source.text.slice(typeAnnotation.start, typeAnnotation.end) === "const" ? [] : [typeAnnotation.start];
  });
  return unreasoned(source, offsets);
}

/**
 * JSON that is read without the one reader (`packages/formats/src/json`), which bounds how deep a document may be nested and says what is
 * wrong with it. Only for what this house wrote itself: a comment says who did.
 */
export function unreasonedJson(source: ParsedSource): readonly string[] {
  const readers = source.nodes.filter(({ node, around }) => {
    const parent = around?.node;
    if (isProperty(node, parent) && propertyName(node) === "JSON") return true;
    if (node["name"] !== "JSON" || !isValue(node, parent)) return false;
    return !(parent?.type === "MemberExpression" && propertyName(parent) === "stringify");
  });
  return unreasoned(
    source,
    readers.map(({ node }) => node.start),
  );
}

/** Comments that make the compiler or the linter look away, without a word on why. */
export function silencedChecks(source: ParsedSource): readonly string[] {
  const silent = source.comments.filter(
    ({ text: comment }) =>
      /@ts-(?:ignore|nocheck)/.test(comment) ||
      /@ts-expect-error(?!\W*\w+ \w)/.test(comment) ||
      /(?:es|ox)lint-disable(?!.* -- \S)/.test(comment),
  );
  return linesWith(
    source,
    silent.map(({ start }) => start),
  );
}

/**
 * Patterns that begin at any line's start with blanks that may be line breaks: a run of n empty lines is looked through from each of
 * its lines, n times n. `[^\S\n]*` stays in the line.
 */
export function wanderingPatterns({ text }: ParsedSource): readonly string[] {
  return [...text.matchAll(/\/\^\\s[*+](?:[^/\\\n]|\\.)*\/[a-z]*m[a-z]*\b/g)].map(([found]) => found);
}
