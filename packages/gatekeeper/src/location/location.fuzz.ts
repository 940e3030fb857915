import { PolicyError } from "../policy-error.ts";
import { formatLocation, parseLocation } from "./location.ts";

/** Any text parses or is refused, and what parses is written so that it parses to the same. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  try {
    const location = parseLocation(text);
    const again = parseLocation(formatLocation(location));
    if (JSON.stringify(again, asText) !== JSON.stringify(location, asText))
      throw new Error(`${text} is not written as it was read`);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
  }
}

function asText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

/** Locations of every form. */
export function seeds(): readonly Uint8Array[] {
  return ["spec.containers[name: *].image", 'a."b c"[k: "v\\"w"].d', "ports[containerPort: 8080]", " a . b "].map(
    (text) => new TextEncoder().encode(text),
  );
}
