/** `strings.render_template`: the parts of Go's `text/template` that need no functions. */

import { termText } from "../values/text.ts";
import { isArray, isObject, objectEntries, objectGet, objectSize, RegoSet, type Value } from "../values/value.ts";
import { builtin, BuiltinError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { objectAt, stringAt } from "./operands.ts";

const blocks = ["if", "range", "with"] as const;

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly path: string }
  | {
      readonly kind: "block";
      readonly word: (typeof blocks)[number];
      readonly path: string;
      readonly body: readonly Part[];
      readonly otherwise: readonly Part[];
    };

const deepest = 100;

class TemplateParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text
      .replace(/\{\{- /g, "\u0000{{")
      .replace(/ -\}\}/g, "}}\u0000")
      .replace(/\s*\u0000\{\{/g, "{{")
      .replace(/\}\}\u0000\s*/g, "}}")
      .split(/(\{\{[^}]*\}\})/);
  }

  parse(): readonly Part[] {
    const parts = this.#body(0);
    if (this.#at < this.#tokens.length) throw new BuiltinError(`template: unexpected ${this.#tokens[this.#at]}`);
    return parts;
  }

  #body(depth: number): Part[] {
    if (depth > deepest) throw new BuiltinError("template: nested too deeply");
    const parts: Part[] = [];
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at] ?? "";
      const action = /^\{\{\s*([\s\S]*?)\s*\}\}$/.exec(token)?.[1];
      if (action === undefined) {
        if (token.includes("{{")) throw new BuiltinError("template: unclosed action");
        if (token !== "") parts.push({ kind: "text", text: token });
        continue;
      }
      if (action === "end" || action === "else") return parts;
      if (/^\/\*[\s\S]*\*\/$/.test(action)) continue;
      parts.push(this.#action(action, depth));
    }
    if (depth > 0) throw new BuiltinError("template: unexpected EOF");
    return parts;
  }

  #action(action: string, depth: number): Part {
    const [, name, of] = /^(\S+)\s+(\S+)$/.exec(action) ?? [];
    const word = blocks.find((each) => each === name);
    const path = word === undefined || of === undefined ? action : of;
    if (!/^(?:\.|(?:\.[A-Za-z_]\w*)+)$/.test(path))
      throw new BuiltinError(`template: unsupported action {{${action}}}`);
    if (word === undefined) return { kind: "value", path };
    this.#at++;
    const body = this.#body(depth + 1);
    const isElse = /^\{\{\s*else\s*\}\}$/.test(this.#tokens[this.#at] ?? "");
    if (isElse) this.#at++;
    const otherwise = isElse ? this.#body(depth + 1) : [];
    return { kind: "block", word, path, body, otherwise };
  }
}

function find(dot: Value, path: string): Value | undefined {
  let value: Value | undefined = dot;
  for (const name of path.split(".").filter((part) => part !== "")) {
    value = value !== undefined && isObject(value) ? objectGet(value, name) : undefined;
  }
  return value;
}

function isTrue(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === "") return false;
  if (isArray(value)) return value.length > 0;
  if (value instanceof RegoSet) return value.size > 0;
  return isObject(value) ? objectSize(value) > 0 : true;
}

function itemsOf(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return [];
  if (isArray(value)) return value;
  if (value instanceof RegoSet) return value.sorted();
  return isObject(value) ? objectEntries(value).map(([, member]) => member) : [];
}

function render(parts: readonly Part[], dot: Value, context: BuiltinContext): string {
  let text = "";
  for (const part of parts) {
    context.step();
    let piece = "";
    if (part.kind === "text") {
      piece = part.text;
    } else if (part.kind === "value") {
      const value = find(dot, part.path);
      piece = value === undefined ? "<undefined>" : typeof value === "string" ? value : termText(value);
    } else {
      piece = renderBlock(part, dot, context);
    }
    context.charge(piece.length);
    text += piece;
  }
  return text;
}

function renderBlock(part: Part & { kind: "block" }, dot: Value, context: BuiltinContext): string {
  const value = find(dot, part.path);
  if (part.word === "range") {
    const items = itemsOf(value);
    return items.length === 0
      ? render(part.otherwise, dot, context)
      : items.map((item) => render(part.body, item, context)).join("");
  }
  if (value === undefined || !isTrue(value)) return render(part.otherwise, dot, context);
  return render(part.body, part.word === "with" ? value : dot, context);
}

export const templateBuiltins: readonly Builtin[] = [
  builtin("strings.render_template", "(string, object<>[string: any]) => string", (args, context) => {
    const text = stringAt(args, 0);
    const parts = context.keep("template", text, 1 + text.length, () => new TemplateParser(text).parse());
    return render(parts, objectAt(args, 1), context);
  }),
];
