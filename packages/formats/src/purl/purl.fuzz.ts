import { formatPurl, parsePurl, purlProblem } from "./purl.ts";

/** Any bytes as text: what is read and written again is read the same. */
export function fuzz(input: Uint8Array): void {
  const parts = parsePurl(new TextDecoder().decode(input));
  if (parts === undefined) return;
  purlProblem(parts);
  const written = formatPurl(parts);
  const again = parsePurl(written);
  if (again !== undefined && formatPurl(again) !== written) throw new Error(`${written} is not stable`);
}
