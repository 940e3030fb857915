import { compile } from "./index.ts";

/** Any bytes as a pattern, then as a text for it: a SyntaxError or a match within the text, and never a hang. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder("latin1").decode(input);
  const half = Math.floor(text.length / 2);
  for (const [pattern, subject] of [
    [text, text],
    [text.slice(0, half), text.slice(half)],
  ] as const) {
    let compiled;
    try {
      compiled = compile(pattern);
    } catch (error) {
      if (error instanceof SyntaxError) continue;
      throw error;
    }
    const match = compiled.exec(subject);
    if ((match !== undefined) !== compiled.test(subject)) throw new Error("exec and test disagree");
    if (match !== undefined && subject.slice(match.start, match.end) !== match.text)
      throw new Error("the match is not in the text");
  }
}

export function seeds(): readonly Uint8Array[] {
  return [String.raw`^(?P<a>[a-z]+)(?i:\pL|\d{2,3})*?$`, String.raw`(?sU)\Q.\E[^[:alpha:]\x41]+\b|(a(b|c)?){1,9}`].map(
    (pattern) => new TextEncoder().encode(pattern),
  );
}
