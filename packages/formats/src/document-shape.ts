import { isRecord } from "./json/fields.ts";
import type { Steps } from "./shared/steps.ts";

/** What type of value is expected where in a parsed document, as far as it is read: made by the functions of {@link shape}. */
export type DocumentShape =
  | { readonly kind: "anything" }
  | { readonly kind: "nothing" }
  | { readonly kind: "text" }
  | { readonly kind: "scalar" }
  | { readonly kind: "list"; readonly of: DocumentShape }
  | { readonly kind: "entries"; readonly of: DocumentShape }
  | { readonly kind: "fields"; readonly fields: Readonly<Record<string, DocumentShape>> }
  | { readonly kind: "either"; readonly shapes: readonly DocumentShape[] }
  | { readonly kind: "orNull"; readonly of: DocumentShape };

/** A value of another type than a reader of the document would understand: what it holds is lost to that reader. */
export interface WrongPart {
  /** `packages.3.dependencies`; empty for the document itself. */
  readonly path: string;
  /** `packages.3.dependencies is true where an object belongs`. */
  readonly detail: string;
  /** The object or list that holds it; undefined for the document itself. */
  readonly parent: unknown;
}

/** How a document is looked at. */
export interface ShapeOptions {
  /** Empty text stands for nothing at all, as it does where YAML is read with every scalar as text. Absent: it does not. */
  readonly emptyIsAbsent?: boolean;
  /** The most wrong parts that are returned; the last of them says how many more there are. Default 20. */
  readonly most?: number;
}

/** Makes {@link DocumentShape}s. Absent members are never wrong; `null` stands for an absent text or scalar, but not for an absent list or object. */
export const shape: {
  /** Any value; it is not looked into. */
  readonly anything: DocumentShape;
  /** Text, also empty. */
  readonly text: DocumentShape;
  /** Text, a number, a truth value or a date. */
  readonly scalar: DocumentShape;
  /** A list without elements, as PHP writes an object without members. */
  readonly emptyList: DocumentShape;
  /** A list of values of one shape, none of them `null`. */
  readonly list: (of: DocumentShape) => DocumentShape;
  /** An object whose keys are names, with values of one shape. */
  readonly entries: (of: DocumentShape) => DocumentShape;
  /** An object with known members; others are not looked at. */
  readonly fields: (fields: Readonly<Record<string, DocumentShape>>) => DocumentShape;
  /** An object with known members, all of them text. */
  readonly texts: (...names: readonly string[]) => DocumentShape;
  /** Any of several shapes: the first whose outermost type is the value's. */
  readonly either: (...shapes: readonly DocumentShape[]) => DocumentShape;
  /** A shape, or `null`, which some writers put where a value is missing. */
  readonly orNull: (of: DocumentShape) => DocumentShape;
} = {
  anything: { kind: "anything" },
  text: { kind: "text" },
  scalar: { kind: "scalar" },
  emptyList: { kind: "list", of: { kind: "nothing" } },
  list: (of) => ({ kind: "list", of }),
  entries: (of) => ({ kind: "entries", of }),
  fields: (fields) => ({ kind: "fields", fields }),
  texts: (...names) => ({ kind: "fields", fields: Object.fromEntries(names.map((name) => [name, { kind: "text" }])) }),
  either: (...shapes) => ({ kind: "either", shapes }),
  orNull: (of) => ({ kind: "orNull", of }),
};

/** The most characters of a key in a path of {@link WrongPart}; longer keys are cut. */
const maxKeyLength = 80;

/**
 * Finds the values of a parsed document that are not of the shape that a reader expects. Readers skip such values; callers report them.
 * The work is linear in the document.
 */
export function wrongParts(
  document: unknown,
  expected: DocumentShape,
  options: ShapeOptions = {},
): readonly WrongPart[] {
  const parts = new WrongParts(options);
  parts.look(document, expected);
  return parts.found;
}

/** To look at an entry takes about as long as looking at so many bytes. */
const bytesPerEntry = 512;

/** As {@link wrongParts}, in portions: a member of the document is looked at entry by entry. */
export function* wrongPartsSteps(
  document: unknown,
  expected: DocumentShape,
  options: ShapeOptions = {},
): Steps<readonly WrongPart[]> {
  if (expected.kind !== "fields" || !isRecord(document) || document instanceof Date)
    return wrongParts(document, expected, options);
  const parts = new WrongParts(options);
  for (const [name, wanted] of Object.entries(expected.fields)) {
    const value = Object.hasOwn(document, name) ? document[name] : undefined;
    const of = alternative(value, wanted, false);
    if (Array.isArray(value) && of.kind === "list")
      for (const [at, element] of value.entries()) {
        parts.look(element, of.of, [name, at], value);
        yield bytesPerEntry;
      }
    else if (isRecord(value) && of.kind === "entries" && isOfType(value, of, false))
      for (const [key, member] of Object.entries(value)) {
        parts.look(member, of.of, [name, key], value);
        yield bytesPerEntry;
      }
    else parts.look(value, wanted, [name], document);
  }
  return parts.found;
}

/** The wrong parts of a document that is looked at piece by piece: what {@link wrongParts} finds in it as a whole. */
export class WrongParts {
  readonly #options: ShapeOptions;
  readonly #most: number;
  readonly #found: WrongPart[] = [];
  readonly #steps: (string | number)[] = [];
  #more = 0;

  constructor(options: ShapeOptions = {}) {
    this.#options = options;
    this.#most = options.most ?? 20;
  }

  /** Further ones are only counted. */
  get isFull(): boolean {
    return this.#found.length >= this.#most;
  }

  get found(): readonly WrongPart[] {
    const last = this.#found.at(-1);
    if (this.#more === 0 || last === undefined) return this.#found;
    const detail = `${last.detail}, and ${this.#more} more values have a wrong type`;
    return [...this.#found.slice(0, -1), { ...last, detail }];
  }

  /**
   * Looks at a piece of the document.
   * @param steps where it stands; absent: it is the document
   * @param parent the object or list that holds it
   */
  look(value: unknown, expected: DocumentShape, steps: readonly (string | number)[] = [], parent?: object): void {
    this.#steps.push(...steps);
    this.#look(value, expected, parent);
    this.#steps.length = 0;
  }

  #look(value: unknown, wanted: DocumentShape, parent: unknown): void {
    const isElement = Array.isArray(parent);
    const chosen = alternative(value, wanted, isElement);
    if (value === undefined || chosen.kind === "anything") return;
    if (value === "" && this.#options.emptyIsAbsent === true) return;
    if (!isOfType(value, chosen, isElement)) {
      if (this.isFull) this.#more++;
      else this.#found.push({ ...described(this.#steps, value, wanted), parent });
    } else if (Array.isArray(value)) {
      if (chosen.kind === "list")
        for (const [at, item] of value.entries()) this.#lookInside(at, item, chosen.of, value);
    } else if (typeof value === "object" && value !== null) {
      if (chosen.kind === "entries")
        for (const [key, item] of Object.entries(value)) this.#lookInside(key, item, chosen.of, value);
      else if (chosen.kind === "fields")
        for (const [key, of] of Object.entries(chosen.fields))
          if (Object.hasOwn(value, key)) this.#lookInside(key, Reflect.get(value, key), of, value);
    }
  }

  #lookInside(step: string | number, value: unknown, wanted: DocumentShape, parent: object): void {
    this.#steps.push(step);
    this.#look(value, wanted, parent);
    this.#steps.pop();
  }
}

function alternative(value: unknown, wanted: DocumentShape, isElement: boolean): DocumentShape {
  if (wanted.kind === "orNull") return value === null ? { kind: "anything" } : alternative(value, wanted.of, isElement);
  if (wanted.kind !== "either") return wanted;
  // Nothing where one of several things belongs is none of them.
  const all = value === null ? [] : wanted.shapes.map((one) => alternative(value, one, isElement));
  return all.find((one) => isOfType(value, one, isElement)) ?? { kind: "nothing" };
}

function isOfType(value: unknown, { kind }: DocumentShape, isElement: boolean): boolean {
  switch (kind) {
    case "nothing":
      return false;
    case "text":
      return typeof value === "string" || (value === null && !isElement);
    case "scalar":
      return value === null ? !isElement : typeof value !== "object" || value instanceof Date;
    case "list":
      return Array.isArray(value);
    case "entries":
    case "fields":
      return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
    default:
      return true;
  }
}

function described(
  steps: readonly (string | number)[],
  value: unknown,
  wanted: DocumentShape,
): Pick<WrongPart, "path" | "detail"> {
  const path = steps.map((step) => shortened(String(step))).join(".");
  const subject = path === "" ? "the document" : path;
  return { path, detail: `${subject} is ${nameOf(value)} where ${wantedName(wanted)} belongs` };
}

function shortened(key: string): string {
  return key.length > maxKeyLength ? `${key.slice(0, maxKeyLength)}…` : key;
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "object") return value instanceof Date ? "a date" : "an object";
  return typeof value === "string" ? "text" : "a number";
}

function wantedName(wanted: DocumentShape): string {
  switch (wanted.kind) {
    case "nothing":
      return "nothing";
    case "text":
      return "text";
    case "scalar":
      return "a plain value";
    case "list":
      return "a list";
    case "either":
      return [...new Set(wanted.shapes.map(wantedName))].join(" or ");
    case "orNull":
      return wantedName(wanted.of);
    default:
      return "an object";
  }
}

/** The shape of a member or an element; undefined when the shape does not name it, which is then not checked. */
export function innerShape(wanted: DocumentShape, container: object, key: string): DocumentShape | undefined {
  const chosen = alternative(container, wanted, false);
  // What is of another type is told as a whole.
  if (!isOfType(container, chosen, false)) return { kind: "anything" };
  switch (chosen.kind) {
    case "fields":
      return Object.hasOwn(chosen.fields, key) ? chosen.fields[key] : undefined;
    case "entries":
    case "list":
      return chosen.of;
    default:
      return { kind: "anything" };
  }
}

/**
 * A copy of a parsed value without the members that a shape does not name. Texts are copied, so that none of them holds
 * the file that it was cut from in memory.
 */
export function keptOf(value: unknown, wanted: DocumentShape): unknown {
  if (typeof value === "string") return ownText(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const of = (key: string): DocumentShape | undefined => innerShape(wanted, value, key);
  if (Array.isArray(value)) {
    const elements = of("") ?? { kind: "anything" };
    return value.map((element) => keptOf(element, elements));
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const inner = of(key);
      return inner === undefined ? [] : [[ownText(key), keptOf(member, inner)]];
    }),
  );
}

/** Longer parts of a text are kept by engines as views of the whole text. */
const longestCopied = 12;

/** A copy of a text that does not keep the longer text in memory of which it was a part. */
export function ownText(text: string): string {
  return text.length <= longestCopied ? text : (JSON.parse(JSON.stringify(text)) as string); // What went in.
}
