/**
 * Policies of any kind end within their limits, say the same when they are asked again or watched, and change nothing of what
 * they are given. An input is a module and, after a line of dashes, the document `input` in JSON.
 */

import type { Random } from "@plimsoll/testkit";
import { compileModules, Coverage, RegoError, TraceBuffer, type Policies, type QueryOptions } from "../index.ts";

const between = "\n---\n";

export function seeds(): Uint8Array[] {
  return [
    [
      'package p\ndeny contains m if { some c in input.list; not c.v; m := sprintf("%v", [c]) }\nf(x) := y if { x > 1; y := x } else := 0\na := f(input.n)\n',
      '{"n": 3, "list": [{"v": 1}, {}]}',
    ],
    ["package p\no[k] := v if some k, v in input\nwalked := [x | walk(input, [_, x])]\n", '{"a": {"b": [1, "x"]}}'],
    ['package p\nt := $"x {input.n}" with input.n as 5\nq if every x in input.list { x in {1, 2} }\n', '{"list": [1]}'],
    ["package p\nr contains x if { some x in numbers.range(1, 100000) }\ns := [x | r[x]; r[y]]\n", "{}"],
  ].map((parts) => new TextEncoder().encode(parts.join(between)));
}

/** Makes modules that mostly compile: variables are declared before they stand somewhere, rules ask those before them. */
class PolicyMaker {
  readonly #random: Random;
  /** The variables that an expression may have. */
  #names: string[] = [];
  #declared = 0;
  /** How many rules there are to be asked, of each kind. */
  #rules = 0;
  #depth = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  #pick<T>(...list: readonly [T, ...T[]]): T {
    return list[Math.floor(this.#random() * list.length)] ?? list[0];
  }

  #list(most: number, make: () => string, separator = ", "): string {
    return Array.from({ length: 1 + Math.floor(this.#random() * most) }, make).join(separator);
  }

  #fresh(): string {
    return `v${this.#declared++}`;
  }

  /** What is declared within is not known outside. */
  #within<T>(make: () => T): T {
    const outer = [...this.#names];
    const made = make();
    this.#names = outer;
    return made;
  }

  term(): string {
    if (this.#depth > 2 || this.#random() < 0.5) return this.#leaf();
    this.#depth++;
    const made = this.#pick(...this.#compound)();
    this.#depth--;
    return made;
  }

  #leaf(): string {
    const [name] = this.#names.length === 0 ? [] : [this.#names[Math.floor(this.#random() * this.#names.length)]];
    if (name !== undefined && this.#random() < 0.5) return name;
    const asked =
      this.#rules === 0 ? "input.n" : `${this.#pick("r", "s", "o")}${Math.floor(this.#random() * this.#rules)}`;
    return this.#pick(asked, asked, "0", "1", "-2.5", "1e3", "12345678901234567890", '"a"', '"b,c"', '"ü"', "null", "true", "false", "[]", "{}", "set()", "input", "input.n", "input.list", "input.map"); // prettier-ignore
  }

  readonly #compound: readonly [() => string, ...(() => string)[]] = [
    () => `[${this.#list(3, () => this.term())}]`,
    () => `{${this.#list(3, () => this.term())}}`,
    () => `{${this.#list(2, () => `${this.term()}: ${this.term()}`)}}`,
    () => this.#comprehension("[", () => this.term(), "]"),
    () => this.#comprehension("{", () => this.term(), "}"),
    () => this.#comprehension("{", () => `${this.term()}: ${this.term()}`, "}"),
    () => `${this.#pick("input", "input.list", "input.map")}[${this.term()}]`,
    () => `(${this.#any()} ${this.#pick("+", "-", "*", "/", "%")} ${this.#pick("input.n", "3", "0.5")})`,
    () => `({${this.term()}} ${this.#pick("|", "&", "-")} {${this.term()}})`,
    () => `${this.#pick("count", "sum", "max", "sort", "upper", "to_number", "json.marshal", "base64.encode", "is_string", "object.keys", "crypto.sha256", "lower")}(${this.#any()})`, // prettier-ignore
    () => `${this.#pick("split", "concat", "array.concat", "contains", "sprintf", "numbers.range", "regex.match", "format_int", "bits.lsh")}(${this.#any()}, ${this.#any()})`, // prettier-ignore
    () => (this.#rules === 0 ? "1" : `f${Math.floor(this.#random() * this.#rules)}(${this.term()})`),
    () => `$"a{${this.#leaf()}}b"`,
  ];

  /** Something whose type is known only when it is there. */
  #any(): string {
    return this.#pick("input.n", "input.list", "input.map.a", "input.map.b", "input.list[0]", "input.list[1]", "input.map.a.k"); // prettier-ignore
  }

  #comprehension(open: string, head: () => string, close: string): string {
    return this.#within(() => {
      const body = this.body();
      return `${open}${head()} | ${body}${close}`;
    });
  }

  expression(): string {
    return this.#pick(
      () => `${this.#any()} ${this.#pick("==", "!=", "<", ">=", "in")} ${this.term()}`,
      () => this.#declaring((name, term) => `${name} := ${term}`),
      () => this.#declaring((name, term) => `some ${name} in {input.n, ${term}}`),
      () => this.#declaring((name, term) => `some ${name}, _ in [${term}, input.n]`),
      () =>
        this.#declaring(
          (name, term) => `walk(input.${this.#pick("n", "list", "map")}, [_, ${name}]); ${name} != ${term}`,
        ),
      () => this.#declaring((name, term) => `[${name}, _] = [${term}, input.n]`),
      () => `not ${this.#leaf()}`,
      () => {
        const [name, domain] = [this.#fresh(), this.#any()];
        return this.#within(() => {
          this.#names.push(name);
          return `every ${name} in ${domain} { ${name} != 1; ${this.body()} }`;
        });
      },
      () => `${this.#leaf()} with ${this.#pick("input", "input.n", "input.list", "data.q")} as ${this.#leaf()}`,
      () => this.term(),
    )();
  }

  #declaring(make: (name: string, term: string) => string): string {
    const [term, name] = [this.term(), this.#fresh()];
    this.#names.push(name);
    return make(name, term);
  }

  body(): string {
    if (this.#depth > 3) return this.#declaring((name) => `some ${name} in input.list`);
    this.#depth++;
    const made = this.#list(2, () => this.expression(), "; ");
    this.#depth--;
    return made;
  }

  /** Rules of one number: a value, a set, an object and a function. */
  rules(): string {
    const number = this.#rules;
    const lines = [
      this.#rule(() => `r${number} := ${this.term()}`),
      this.#rule(() => `s${number} contains ${this.term()}`),
      this.#rule(() => `s${number} contains ${this.term()}`),
      this.#rule(() => `o${number}[${this.term()}] := ${this.term()}`),
      this.#rule(() => `f${number}(_) := ${this.term()}`),
      this.#within(() => {
        this.#names = ["arg"];
        const body = this.body();
        return `f${number}(arg) := ${this.term()} if { arg != null; ${body} } else := ${this.#pick("arg", "0")}`;
      }),
    ];
    if (this.#random() < 0.5) lines.push(`default r${number} := ${this.#pick("0", "[]", '"d"')}`);
    this.#rules++;
    return lines.join("\n");
  }

  #rule(head: () => string): string {
    return this.#within(() => {
      this.#names = [];
      const body = this.body();
      return `${head()} if { ${body} }`;
    });
  }

  document(): string {
    const value = (): string => {
      if (this.#depth > 3) return "1";
      this.#depth++;
      const made = this.#pick<() => string>(
        () => this.#pick("0", "3", "2.50", "1e2", '"a,b"', '"ü"', "null", "true", '""'),
        () => `[${this.#list(4, value)}]`,
        () => `{${this.#pick('"k"', '"__proto__"', '"constructor"')}: ${value()}}`,
      )();
      this.#depth--;
      return made;
    };
    return `{"n": ${value()}, "list": [${this.#list(4, value)}], "map": {"a": ${value()}, "b": ${value()}}}`;
  }

  module(): string {
    return `package p\n\n${this.#list(2, () => this.rules(), "\n\n")}\n`;
  }
}

export function make(random: Random): Uint8Array {
  const maker = new PolicyMaker(random);
  return new TextEncoder().encode(maker.module() + between + maker.document());
}

/** Small ones, and none of time: what comes of them must not depend on the machine. */
const limits = { steps: 10_000, depth: 64, milliseconds: Infinity, bytes: 1024 * 1024 };

export function fuzz(input: Uint8Array): void {
  const [text = "", document = ""] = new TextDecoder().decode(input).split(between);
  const given = parsed(document);
  const before = JSON.stringify(given);
  const first = outcome(text, given);
  const again = outcome(text, given);
  if (first.text !== again.text) throw new Error(`not the same again: ${first.text} and ${again.text}`);
  if (JSON.stringify(given) !== before) throw new Error("the input was changed");
  if (({} as Record<string, unknown>)["k"] !== undefined) throw new Error("a prototype was changed"); // as: asked for any name
  if (first.policies === undefined || first.isLimit) return;
  for (const watching of [{ tracer: new TraceBuffer(1000) }, { coverage: new Coverage() }]) {
    const watched = answer(first.policies, given, watching);
    if (!watched.isLimit && watched.text !== first.text)
      throw new Error(`not the same when watched: ${first.text} and ${watched.text}`);
  }
}

function parsed(document: string): unknown {
  try {
    return JSON.parse(document) as unknown;
  } catch {
    return {};
  }
}

interface Outcome {
  readonly text: string;
  readonly isLimit: boolean;
}

function outcome(text: string, input: unknown): Outcome & { readonly policies?: Policies } {
  let policies: Policies;
  try {
    policies = compileModules([{ path: "fuzz.rego", text }]);
  } catch (error) {
    return failure(error);
  }
  return { ...answer(policies, input), policies };
}

function answer(policies: Policies, input: unknown, watching: QueryOptions = {}): Outcome {
  try {
    return { text: policies.queryText("data.p", { input, limits, ...watching }), isLimit: false };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Outcome {
  if (!(error instanceof RegoError)) throw error;
  const [first] = error.errors;
  if (first === undefined) throw new Error("an error without a reason", { cause: error });
  return { text: `${first.code} ${error.message}`, isLimit: first.code === "limit_exceeded" };
}
