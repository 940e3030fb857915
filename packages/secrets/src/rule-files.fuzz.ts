import { findSecrets, readGitleaksRules, readTrivySecretConfig } from "./index.ts";

/** Any bytes as a rule file: read without throwing, and what was read runs. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const read of [readGitleaksRules, readTrivySecretConfig]) {
    const { rules } = read(text);
    findSecrets(input, { path: "a.txt", rules: rules.slice(-3) });
  }
}

export function seeds(): readonly Uint8Array[] {
  return [
    '[extend]\nuseDefault = true\n[[rules]]\nid = "a"\nregex = "a([0-9]+)"\nsecretGroup = 1\nkeywords = ["a"]\n[[rules.allowlists]]\nstopwords = ["b"]\n',
    "rules:\n  - id: a\n    regex: (?P<s>a+)\n    secret-group-name: s\nexclude-block:\n  regexes: [b]\n",
  ].map((text) => new TextEncoder().encode(text));
}
