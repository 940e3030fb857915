import { oddStanzas } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { stanzas } from "./stanzas.ts";

/** Stanzas that fold, repeat and end oddly. */
export function make(random: Random): Uint8Array {
  return oddStanzas(random, ["Package", "Version", "Status", "Depends", "Description"]);
}

/** Stanzas never hold more text than the document. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  let held = 0;
  for (const stanza of stanzas(text)) for (const [name, value] of stanza.fields) held += name.length + value.length;
  // Lower-casing may lengthen a name: "İ" becomes two code units.
  if (held > 2 * text.length) throw new Error(`${held} characters read from ${text.length}`);
}
