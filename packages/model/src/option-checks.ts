import type { CallOptions } from "./bytes.ts";
import { defaultLimits } from "./limits.ts";

/** Says what is wrong with a value, in words that follow its name; undefined when nothing is. */
export type OptionCheck = (value: unknown) => string | undefined;

/** One check for each option there is; the compiler refuses a shape that forgets one. */
export type OptionChecks<T> = { readonly [Name in keyof T]-?: OptionCheck };

/**
 * Refuses options that do not exist, and values that an option cannot have: without types, a misspelt option would be ignored in silence.
 * `undefined` is a value of every option: it is not set.
 * @param of the function, for the message: `scanImage`
 * @throws TypeError naming the option, and for a value what it may be.
 */
export function checkOptions<T extends object>(of: string, options: T, checks: OptionChecks<T>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${of}: the options are ${shown(options)}, and no object`);
  // Some functions with options are called once for each policy and object: no pairs are made.
  for (const name of Object.keys(options) as (keyof T & string)[]) {
    // as: other names are refused
    if (!Object.hasOwn(checks, name)) throw new TypeError(`${of} has no option ${noOption(name, checks)}`);
    const value: unknown = options[name];
    const wrong = value === undefined ? undefined : checks[name](value);
    if (wrong !== undefined) throw new TypeError(`${of}: ${name}: ${wrong}`);
  }
}

function noOption(name: string, checks: object): string {
  const names = Object.keys(checks);
  return `${shown(name)}; ${names.length === 0 ? "it has none" : `there are ${names.join(", ")}`}`;
}

/** The checks of most options. */
export const optionIs: {
  readonly any: OptionCheck;
  readonly flag: OptionCheck;
  readonly text: OptionCheck;
  readonly count: OptionCheck;
  readonly time: OptionCheck;
  readonly call: OptionCheck;
  readonly object: OptionCheck;
  readonly signal: OptionCheck;
  oneOf(values: readonly unknown[]): OptionCheck;
  listOf(check: OptionCheck): OptionCheck;
  /** A value that fits one of these checks. */
  either(...checks: readonly OptionCheck[]): OptionCheck;
  /** An object with these members of its own or inherited, each a function. */
  having(...members: readonly string[]): OptionCheck;
  /** An object with no other members than these, each of which fits its check. */
  shape(checks: Readonly<Record<string, OptionCheck>>): OptionCheck;
  /** An object with any names, all of whose values fit the check. */
  mapOf(check: OptionCheck): OptionCheck;
  /** Some of the limits of a scan. */
  readonly limits: OptionCheck;
  /** A platform: its parts, as texts. */
  readonly platform: OptionCheck;
} = {
  any: () => undefined,
  flag: (value) => (typeof value === "boolean" ? undefined : `${shown(value)} is neither true nor false`),
  text: (value) => (typeof value === "string" ? undefined : `${shown(value)} is no text`),
  count: (value) => (typeof value === "number" && value >= 0 ? undefined : `${shown(value)} is no number from 0`),
  time: (value) =>
    typeof value === "string" && !Number.isNaN(Date.parse(value))
      ? undefined
      : `${shown(value)} is no time such as 2026-11-28T00:00:00Z`,
  call: (value) => (typeof value === "function" ? undefined : `${shown(value)} is no function`),
  object: (value) => (isObject(value) ? undefined : `${shown(value)} is no object`),
  signal: (value) => (isObject(value) && "aborted" in value ? undefined : `${shown(value)} is no AbortSignal`),
  oneOf: (values) => (value) =>
    values.includes(value) ? undefined : `${shown(value)} is none of ${values.map(String).join(", ")}`,
  listOf: (check) => (value) => {
    if (!Array.isArray(value)) return `${shown(value)} is no list`;
    // Lists of anything may hold a whole cluster, and be handed over once for each of its objects.
    const list: readonly unknown[] = check === optionIs.any ? [] : value;
    for (const each of list) {
      const wrong = check(each);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  },
  either:
    (...checks) =>
    (value) => {
      const wrong = checks.map((check) => check(value));
      return wrong.includes(undefined) ? undefined : wrong[0];
    },
  having:
    (...members) =>
    (value) => {
      const missing = members.find((name) => !isObject(value) || typeof Reflect.get(value, name) !== "function");
      return missing === undefined ? undefined : `${shown(value)} has no ${missing}()`;
    },
  shape: (checks) => (value) => {
    if (!isObject(value) || Array.isArray(value)) return `${shown(value)} is no object`;
    for (const [name, member] of Object.entries(value)) {
      if (!Object.hasOwn(checks, name)) return `there is no ${noOption(name, checks)}`;
      const wrong = member === undefined ? undefined : checks[name]?.(member);
      if (wrong !== undefined) return `${name}: ${wrong}`;
    }
    return undefined;
  },
  mapOf: (check) => (value) => {
    if (!isObject(value) || Array.isArray(value)) return `${shown(value)} is no object`;
    for (const [name, member] of Object.entries(value)) {
      const wrong = member === undefined ? undefined : check(member);
      if (wrong !== undefined) return `${name.slice(0, 60)}: ${wrong}`;
    }
    return undefined;
  },
  limits: (value) => checkLimits(value),
  platform: (value) => checkPlatform(value),
};

const checkLimits = optionIs.shape({
  maxMilliseconds: optionIs.count,
  ...Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, optionIs.count])),
});

const checkPlatform: OptionCheck = (value) =>
  optionIs.shape({ os: optionIs.text, architecture: optionIs.text, variant: optionIs.text })(value);

/** The checks of {@link CallOptions}. */
export const callChecks: OptionChecks<CallOptions> = { signal: optionIs.signal };

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A value in few characters; texts in quotes. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  return isObject(value) ? "an object" : String(value);
}
