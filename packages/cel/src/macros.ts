import {
  qualifiedName,
  type BindExpr,
  type CallExpr,
  type ComprehensionExpr,
  type ComprehensionKind,
  type Expr,
} from "./ast.ts";
import { failure } from "./lexer.ts";

/** The function that `sortBy` is made of, by a name that nobody can write. */
export const sortByKeys = "@sortByAssociatedKeys";

interface MacroCall {
  readonly source: string;
  readonly call: CallExpr;
  /** Undefined for a global macro (`has`). */
  readonly target: Expr | undefined;
}

type Macro = (call: MacroCall, ...args: readonly Expr[]) => Expr | undefined;

/** One variable: `list.all(x, …)`. */
const overElements: Readonly<Record<string, Macro>> = {
  all: comprehension("all"),
  exists: comprehension("exists"),
  exists_one: comprehension("existsOne"),
  existsOne: comprehension("existsOne"),
  filter: comprehension("filter"),
  map: comprehension("map"),
};

/** Two variables: `list.all(index, element, …)`, `map.all(key, value, …)` (cel-go's "two-variable comprehensions"). */
const overPairs: Readonly<Record<string, Macro>> = {
  all: pairs("all"),
  exists: pairs("exists"),
  exists_one: pairs("existsOne"),
  existsOne: pairs("existsOne"),
  transformList: pairs("transformList"),
  transformMap: pairs("transformMap"),
  transformMapEntry: pairs("transformMapEntry"),
};

/**
 * The expansion of a macro call; undefined for other calls.
 * @throws {CelCompileError} for a macro with invalid arguments.
 */
export function expandMacro(source: string, call: CallExpr): Expr | undefined {
  const macro = macroFor(call);
  return macro?.({ source, call, target: call.target }, ...call.args);
}

function macroFor({ name, target, args }: CallExpr): Macro | undefined {
  if (target === undefined) return name === "has" && args.length === 1 ? has : undefined;
  const owner = qualifiedName(target);
  if (owner === "cel") return Object.hasOwn(celMacros, name) ? celMacros[name] : undefined;
  if (args.length === 2 && Object.hasOwn(overElements, name)) return overElements[name];
  if (args.length === 3 && name === "map") return mapFiltered;
  if ((args.length === 3 || (args.length === 4 && name.startsWith("transform"))) && Object.hasOwn(overPairs, name))
    return overPairs[name];
  if (args.length === 2 && name === "sortBy") return sortedBy;
  if (args.length === 2 && (name === "optMap" || name === "optFlatMap")) return optionalMap(name === "optFlatMap");
  return undefined;
}

function has({ source, call }: MacroCall, argument?: Expr): Expr {
  if (argument?.kind !== "select" || argument.test)
    throw failure(source, argument?.offset ?? call.offset, "invalid argument to has() macro");
  return { ...argument, test: true };
}

function comprehension(type: ComprehensionKind): Macro {
  return ({ source, call, target }, variable, body) =>
    walk({ type, source, call, range: target, names: [variable], body, filter: undefined });
}

function mapFiltered({ source, call, target }: MacroCall, variable?: Expr, filter?: Expr, body?: Expr): Expr {
  return walk({ type: "map", source, call, range: target, names: [variable], body, filter });
}

function pairs(type: ComprehensionKind): Macro {
  return ({ source, call, target }, first, second, third, fourth) =>
    walk({
      type,
      source,
      call,
      range: target,
      names: [first, second],
      filter: fourth === undefined ? undefined : third,
      body: fourth ?? third,
    });
}

interface Walk {
  readonly type: ComprehensionKind;
  readonly source: string;
  readonly call: CallExpr;
  readonly range: Expr | undefined;
  readonly names: readonly (Expr | undefined)[];
  readonly filter: Expr | undefined;
  readonly body: Expr | undefined;
}

function walk({ type, source, call, range, names, filter, body }: Walk): ComprehensionExpr {
  const [first = "", second] = names.map((name) => variableName(source, call, name));
  if (first === second) throw failure(source, call.offset, "duplicate iteration variable name");
  if (range === undefined || body === undefined)
    throw failure(source, call.offset, `invalid arguments to ${call.name}()`);
  const variables = second === undefined ? ([first] as const) : ([first, second] as const);
  return { kind: "comprehension", type, range, variables, body, offset: call.offset, ...(filter && { filter }) };
}

function variableName(source: string, call: CallExpr, name: Expr | undefined): string {
  if (name?.kind !== "ident" || name.absolute)
    throw failure(source, name?.offset ?? call.offset, "argument must be a simple name");
  return name.name;
}

/** `list.sortBy(v, key)`: the list in the order of its elements' keys. */
function sortedBy({ source, call, target }: MacroCall, variable?: Expr, key?: Expr): Expr | undefined {
  if (target === undefined || key === undefined) return undefined;
  const { offset } = call;
  const list: Expr = { kind: "ident", name: "#list", absolute: false, offset };
  const keys = walk({ type: "map", source, call, range: list, names: [variable], body: key, filter: undefined });
  const body: Expr = { kind: "call", name: sortByKeys, target: list, args: [keys], offset };
  return { kind: "bind", variable: "#list", value: target, body, offset };
}

/** `target.optMap(v, e)`: none stays none, else `e` of the value, made optional again (`optFlatMap`: as it is). */
function optionalMap(flat: boolean): Macro {
  return ({ source, call, target }, variable, body) => {
    const name = variableName(source, call, variable);
    if (target === undefined || body === undefined) return undefined;
    const { offset } = call;
    const held: Expr = { kind: "ident", name: "#held", absolute: false, offset };
    const method = (method: string): Expr => ({ kind: "call", name: method, target: held, args: [], offset });
    const inner: BindExpr = { kind: "bind", variable: name, value: method("value"), body, offset };
    const some: Expr = flat ? inner : { kind: "call", name: "optional.of", args: [inner], offset };
    const none: Expr = { kind: "call", name: "optional.none", args: [], offset };
    const choice: Expr = { kind: "call", name: "_?_:_", args: [method("hasValue"), some, none], offset };
    return { kind: "bind", variable: "#held", value: target, body: choice, offset };
  };
}

/** The macros of the `cel` namespace: cel-go's bindings, and the block form that its optimizer writes. */
const celMacros: Readonly<Record<string, Macro>> = {
  bind: ({ source, call }, variable, value, body) => {
    if (value === undefined || body === undefined || call.args.length !== 3) return undefined;
    return { kind: "bind", variable: variableName(source, call, variable), value, body, offset: call.offset };
  },
  block: ({ source, call }, values, body) => {
    if (values?.kind !== "list" || body === undefined)
      throw failure(source, call.offset, "cel.block requires a list literal and an expression");
    return values.elements.reduceRight<Expr>(
      (inner, { value }, index) => ({
        kind: "bind",
        variable: `@index${index}`,
        value,
        body: inner,
        offset: call.offset,
      }),
      body,
    );
  },
  index: ({ call }, index) => numbered("@index", call, [index]),
  iterVar: ({ call }, depth, unique) => numbered("@it:", call, [depth, unique]),
  accuVar: ({ call }, depth, unique) => numbered("@ac:", call, [depth, unique]),
};

function numbered(prefix: string, call: CallExpr, args: readonly (Expr | undefined)[]): Expr | undefined {
  const numbers = args.map((arg) =>
    arg?.kind === "literal" && arg.literal.kind === "int" ? arg.literal.value : undefined,
  );
  if (numbers.includes(undefined)) return undefined;
  return { kind: "ident", name: `${prefix}${numbers.join(":")}`, absolute: false, offset: call.offset };
}
