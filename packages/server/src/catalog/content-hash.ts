import { createHash } from "node:crypto";
import { storableText } from "../database/storable-text.ts";

/** JSON with the keys of every object in order, so that equal data gives equal text; its texts are such as the database reads in JSON. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "string") return storableText(part);
    return part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .map(([key, each]) => [storableText(key), each] as const)
            .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
        )
      : part;
  });
}

/** The first 32 hexadecimal digits of the text's SHA-256. */
export function contentHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
