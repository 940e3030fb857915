import { record } from "@plimsoll/formats";
import type { Fields } from "../../document-fields.ts";

/** What a field of a rule may hold. `texts`: a text, or a list of them. */
export type FieldForm = "text" | "texts" | "flag" | "moment" | "mapping";

/**
 * Says which field of a rule cannot be understood: a name that does not exist, or a value of another form. Ignoring the field would
 * widen the rule, so such a rule must not be applied. Undefined: all fields are understood. An empty field counts as absent.
 */
export function misreadField(fields: Fields, forms: Readonly<Record<string, FieldForm>>): string | undefined {
  for (const [name, value] of Object.entries(fields)) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (form === undefined) return `"${name}" is none of ${Object.keys(forms).join(", ")}`;
    if (value === undefined || value === null || value === "" || holds[form](value)) continue;
    return `"${name}" is ${words[form]}`;
  }
  return undefined;
}

const isText = (value: unknown): boolean => typeof value === "string";

const holds: Readonly<Record<FieldForm, (value: unknown) => boolean>> = {
  text: isText,
  texts: (value) => isText(value) || (Array.isArray(value) && value.every((each) => isText(each) && each !== "")),
  flag: (value) => typeof value === "boolean" || value === "true" || value === "false",
  moment: (value) => isText(value) || value instanceof Date,
  mapping: (value) => record(value) !== undefined,
};

const words: Readonly<Record<FieldForm, string>> = {
  text: "no text",
  texts: "neither a text nor a list of texts",
  flag: "neither true nor false",
  moment: "no date",
  mapping: "no mapping",
};
