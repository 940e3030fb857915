import { parseYamlDocuments } from "./yaml-documents.ts";

/** Any bytes as text: documents and problems; every top-level member stands inside the text. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const { documents } = parseYamlDocuments(text);
  for (const document of documents) {
    if (typeof document.value !== "object" || document.value === null) continue;
    for (const key of Object.keys(document.value)) {
      const span = document.spanOf([key]);
      if (span === undefined || span.start > span.end || span.start < 0 || span.end > text.length)
        throw new Error(`no place for ${key}`);
      document.rangeOf([key]);
    }
  }
}

/** Streams with everything that has a rule of its own. */
export function seeds(): readonly Uint8Array[] {
  return [
    'a: &x {b: [1, 2], "c": d}\n---\ne: *x\n<<: {f: g}\n--- |\n text\n...\n%YAML 1.1\n---\n- ? k\n  : v\n',
    "list:\n- name: 'q\nr'\n  v: >-\n    folded\n    text\n\n- {x: [1,\n2], # note\n}\n",
  ].map((text) => new TextEncoder().encode(text));
}
