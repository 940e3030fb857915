import { JsonPathError, evaluateJsonPath } from "./json-path.ts";

/** Any text as a path into a small document: text, or a refusal. */
export function fuzz(input: Uint8Array): void {
  const document = { a: [{ b: 1, c: ["x", "y"] }, { b: null }], "d.e": true };
  try {
    evaluateJsonPath(new TextDecoder().decode(input), document);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
  }
}

export function seeds(): readonly Uint8Array[] {
  const paths = [
    "{.a[*].b}",
    "{range .a[0:2]}{.c[-1:]}{'\\n'}{end}",
    "{.a[?(@.b==1)].c}",
    "{..b} {.d\\.e} {['a','d']}",
  ];
  return paths.map((path) => new TextEncoder().encode(path));
}
