import { BenchmarkError } from "./benchmark-error.ts";
import { readControls } from "./controls.ts";
import { readSettings } from "./settings.ts";

/** Any text as a controls file and as settings: read, or refused by name. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const read of [readControls, readSettings])
    try {
      read(text, "input");
    } catch (error) {
      if (!(error instanceof BenchmarkError)) throw error;
    }
}

export function seeds(): readonly Uint8Array[] {
  const controls =
    "id: 1\ntype: master\ngroups:\n- id: 1.1\n  checks:\n  - id: 1.1.1\n    audit: ps -ef\n    tests:\n      test_items:\n      - flag: --a\n        set: true\n        compare: { op: eq, value: 0644 }\n    scored: true\n";
  const settings =
    "master:\n  components: [a]\n  a: { bins: [x], confs: /etc/x, defaultconf: y }\nversion_mapping: { '1.31': cis-1 }\n";
  return [controls, settings].map((text) => new TextEncoder().encode(text));
}
