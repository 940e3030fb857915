/** A value of JSON's kinds as a TOML document: each member in one line, tables inline. */
export function tomlText(value: unknown): string {
  return members(value)
    .map((line) => `${line}\n`)
    .join("");
}

function members(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([key, item]) => `${JSON.stringify(key)} = ${inline(item)}`);
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? `{ ${members(value).join(", ")} }` : JSON.stringify(value);
}
