import type { Property } from "./sbom-properties.ts";
import { jsonText } from "./json-text.ts";

/** Text that may stand as it is in one line of any format. */
const plain =
  /^[^"<\0-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069][^<\0-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u;

/** Properties as lines of `name: value`, for formats that only have comments. Values that are not plain are JSON strings. */
export function propertyLines(properties: readonly Property[]): string {
  return properties
    .map(({ name, value }) => `${name}: ${plain.test(value) ? value : jsonText(value, 0).replaceAll("<", "\\u003c")}`)
    .join("\n");
}

/** The properties in a comment; lines of another shape are left out. */
export function readPropertyLines(text: string): Property[] {
  return text.split("\n").flatMap((line) => {
    const cut = line.indexOf(": ");
    if (cut <= 0) return [];
    const value = readValue(line.slice(cut + 2).trimEnd());
    return value === undefined ? [] : [{ name: line.slice(0, cut).trim(), value }];
  });
}

function readValue(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
