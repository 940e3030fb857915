import type { Distro } from "@plimsoll/model";
import { field, jsonIn, record, textField, textsField } from "@plimsoll/formats";

/** Parses the distribution from the JSON text of Plimsoll's own property; undefined when the text is not one. */
export function parseDistro(text: string): Distro | undefined {
  const value = jsonIn(text);
  const id = textField(value, "id");
  if (id === undefined) return undefined;
  const texts = ["versionId", "codename", "name", "prettyName", "variantId", "cpeName", "endOfLife"] as const;
  const lists = ["idLike", "channels"] as const;
  const facts = Object.entries(record(field(value, "facts")) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    id,
    ...Object.fromEntries(texts.flatMap((key) => entryOf(key, textField(value, key)))),
    ...Object.fromEntries(
      lists.flatMap((key) => (Array.isArray(field(value, key)) ? [[key, textsField(value, key)]] : [])),
    ),
    ...(facts.length === 0 ? {} : { facts: Object.fromEntries(facts) }),
  };
}

function entryOf(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[key, value]];
}
