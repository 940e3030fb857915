import { CelEvaluationError, toJson, type CelObject, type CelValue, type CompileOptions } from "@plimsoll/cel";
import type { JsonPatchOperation } from "@plimsoll/kubernetes";

/** The type name of a whole object; `Object.spec` is the type of its `spec`. */
export const objectType = "Object";
const patchType = "JSONPatch";

/** `Object{…}` and `Object.spec{…}`: a part of an object, whose members may be of any name and type. */
export class ObjectValue implements CelObject {
  readonly celType: string;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(celType: string, fields: ReadonlyMap<string, CelValue>) {
    this.celType = celType;
    this.fields = fields;
  }

  field(name: string): CelValue | undefined {
    return this.fields.get(name);
  }

  toNative(): unknown {
    // Defined, not assigned: a member may be called `__proto__`.
    return Object.fromEntries([...this.fields].map(([name, value]) => [name, toJson(value)]));
  }
}

/** `JSONPatch{op: …, path: …}`: one operation of a patch. */
export class PatchValue implements CelObject {
  readonly celType: string = patchType;
  readonly #fields: ReadonlyMap<string, CelValue>;

  /** @throws {CelEvaluationError} for members that operations do not have, and for values of the wrong type. */
  constructor(fields: ReadonlyMap<string, CelValue>) {
    for (const [name, value] of fields) {
      if (!["op", "path", "from", "value"].includes(name))
        throw new CelEvaluationError(`unexpected JSONPatchType field: ${name}`);
      if (name !== "value" && typeof value !== "string")
        throw new CelEvaluationError(`unexpected type for JSONPatchType '${name}' field`);
    }
    this.#fields = fields;
  }

  field(name: string): CelValue | undefined {
    return this.#fields.get(name);
  }

  #text(name: string): string {
    const value = this.#fields.get(name);
    return typeof value === "string" ? value : "";
  }

  /**
   * The JSON Patch operation. @throws {CelEvaluationError} for an operation that RFC 6902 does not have, and for values that JSON does not have.
   */
  operation(): JsonPatchOperation {
    const op = this.#text("op");
    const path = this.#text("path");
    switch (op) {
      case "add":
      case "replace":
      case "test": {
        const value = this.#fields.get("value");
        if (value instanceof ObjectValue) checkTypeNames(value);
        if (value === undefined && op !== "test")
          throw new CelEvaluationError(`the operation ${op} at ${path} has no value`);
        return { op, path, value: value === undefined ? null : toJson(value) };
      }
      case "remove":
        return { op, path };
      case "move":
      case "copy":
        return { op, path, from: this.#text("from") };
      default:
        throw new CelEvaluationError(`unexpected kind of operation: ${op}`);
    }
  }
}

/** The message types that expressions of mutating policies can construct. */
export const patchMessages: Required<Pick<CompileOptions, "construct" | "messageType">> = {
  messageType: (name) =>
    name === patchType || name === objectType || name.startsWith(`${objectType}.`) ? name : undefined,
  construct: (name, fields) => (name === patchType ? new PatchValue(fields) : new ObjectValue(name, fields)),
};

/**
 * Checks that the type of each nested value fits its position: the `spec` of an `Object` must be an `Object.spec`. Maps and lists in between have
 * no type name.
 * @throws {CelEvaluationError} naming the first that does not fit.
 */
export function checkTypeNames(value: ObjectValue): void {
  check(value, value.celType);
}

function check(value: CelValue, expected: string): void {
  if (value instanceof ObjectValue) {
    if (value.celType !== expected)
      throw new CelEvaluationError(
        `type mismatch: unexpected type name "${value.celType}", expected "${expected}", which matches field name path from root Object type`,
      );
    for (const [name, field] of value.fields) check(field, `${expected}.${name}`);
  } else if (typeof value === "object" && value !== null && "kind" in value && value.kind === "list") {
    for (const item of value.values()) check(item, expected);
  } else if (typeof value === "object" && value !== null && "kind" in value && value.kind === "map") {
    for (const key of value.keys()) check(value.get(key) ?? null, expected);
  }
}
