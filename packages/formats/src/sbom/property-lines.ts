import { jsonIn } from "../json/json.ts";
import type { Property } from "./sbom-document.ts";

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
  const value = jsonIn(text);
  return typeof value === "string" ? value : undefined;
}
