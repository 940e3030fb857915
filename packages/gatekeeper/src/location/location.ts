import { PolicyError } from "../policy-error.ts";
import { locationTokens, type LocationToken } from "./tokens.ts";

/** A step of a location: a field, or the elements of a list whose key field has a value (or any: `glob`). */
export type LocationNode =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "list"; readonly key: string; readonly value: string | number | bigint }
  | { readonly kind: "list"; readonly key: string; readonly glob: true };

/** The path at which a mutator changes an object. */
export type Location = readonly LocationNode[];

/**
 * Parses a location as Gatekeeper's mutators write it: `spec.containers[name: *].image`.
 * @throws {PolicyError} with a code: `ErrUnexpectedToken`, `ErrTrailingSeparator`, `ErrInvalidInteger`.
 */
export function parseLocation(text: string): Location {
  return new LocationParser(text).parse();
}

class LocationParser {
  readonly #tokens: readonly LocationToken[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = locationTokens(text);
  }

  #peek(): LocationToken {
    return this.#tokens[this.#at] ?? { type: "EOF", text: "" };
  }

  #take(type: LocationToken["type"]): LocationToken | undefined {
    const token = this.#peek();
    if (token.type !== type) return undefined;
    this.#at += 1;
    return token;
  }

  #unexpected(expected: string): PolicyError {
    const { type, text } = this.#peek();
    return new PolicyError(
      "location",
      `unexpected token: expected ${expected}, got: ${type} "${text}"`,
      "ErrUnexpectedToken",
    );
  }

  parse(): Location {
    const nodes: LocationNode[] = [];
    for (let name = this.#take("IDENT"); name !== undefined; name = this.#take("IDENT")) {
      nodes.push({ kind: "field", name: name.text });
      if (this.#take("LBRACKET") !== undefined) nodes.push(this.#list());
      if (this.#peek().type === "EOF") break;
      if (this.#take("SEPARATOR") === undefined) throw this.#unexpected("'.' or eof");
      if (this.#peek().type === "EOF")
        throw new PolicyError("location", "trailing separators are forbidden", "ErrTrailingSeparator");
    }
    if (this.#peek().type !== "EOF") throw this.#unexpected("field name or eof");
    return nodes;
  }

  #list(): LocationNode {
    const key = this.#take("IDENT");
    if (key === undefined) throw this.#unexpected("keyField in listSpec");
    if (this.#take("COLON") === undefined) throw this.#unexpected(`':' following keyField ${key.text}`);
    const node = this.#listValue(key.text);
    if (this.#take("RBRACKET") === undefined) throw this.#unexpected("']' following listSpec");
    return node;
  }

  #listValue(key: string): LocationNode {
    if (this.#take("GLOB") !== undefined) return { kind: "list", key, glob: true };
    const text = this.#take("IDENT");
    if (text !== undefined) return { kind: "list", key, value: text.text };
    const number = this.#take("INT");
    if (number === undefined) throw this.#unexpected("key value or glob in listSpec");
    if (BigInt(number.text) >= 2n ** 63n)
      throw new PolicyError("location", `overflow in integer string: ${number.text}`, "ErrInvalidInteger");
    // Only what is too large for an exact number stays a bigint, since objects are read with numbers.
    const value = Number(number.text);
    return { kind: "list", key, value: Number.isSafeInteger(value) ? value : BigInt(number.text) };
  }
}

/** Writes a location so that it parses to the same nodes. */
export function formatLocation(location: Location): string {
  return location
    .map((node, index) => {
      if (node.kind === "field") return `${index > 0 ? "." : ""}${quote(node.name)}`;
      if ("glob" in node) return `[${quote(node.key)}: *]`;
      return `[${quote(node.key)}: ${typeof node.value === "string" ? quote(node.value) : node.value}]`;
    })
    .join("");
}

function quote(text: string): string {
  if (/^[A-Za-z_-][A-Za-z0-9_-]*$/.test(text)) return text;
  return `"${text.replaceAll(/[\\"]/g, (character) => `\\${character}`)}"`;
}

/** Whether two steps are the same; keys keep their type, so `8080` and `"8080"` are not. */
export function sameNode(left: LocationNode, right: LocationNode): boolean {
  if (left.kind === "field" || right.kind === "field")
    return left.kind === "field" && right.kind === "field" && left.name === right.name;
  if (left.key !== right.key) return false;
  if ("glob" in left || "glob" in right) return "glob" in left && "glob" in right;
  return left.value === right.value;
}
