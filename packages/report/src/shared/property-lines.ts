import type { Property } from "@plimsoll/formats";
import { jsonText } from "./json-text.ts";

/** Matches a text that can be written as it is in one line of any format. */
const plain =
  /^[^"<\0-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069][^<\0-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u;

/** Properties as lines of `name: value`, for formats that only have comments. Values that are not plain are JSON strings. */
export function propertyLines(properties: readonly Property[]): string {
  return properties
    .map(({ name, value }) => `${name}: ${plain.test(value) ? value : jsonText(value, 0).replaceAll("<", "\\u003c")}`)
    .join("\n");
}
