/** Modules of any bytes parse or are refused with an error that names the place. */

import { RegoError } from "./errors.ts";
import { parseModule } from "./modules.ts";

export function seeds(): Uint8Array[] {
  const encoder = new TextEncoder();
  return [
    'package p\n\nimport rego.v1\n\ndeny contains msg if {\n  some x in input.xs\n  msg := sprintf("%v", [x])\n}\n',
    "package p\np[x] { x := input[_]; not x == 1 } else = false\nf(a, [b, c]) = {a: b | c[_]} { true }\n",
    '# METADATA\n# title: t\n# custom:\n#   a: 1\npackage p\n\ndefault a := 1\n\nb := $"x {1 + 1}" with input as {}\n',
    'package p\nq if every k, v in {"a": [1.5e3, -2]} { k != v }\nimport future.keywords.not\nr if not { x := 1; x == 2 }\n',
  ].map((text) => encoder.encode(text));
}

export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const version of ["v0", "v1"] as const) {
    try {
      parseModule("fuzz.rego", text, { version, builtins: new Set(["eq", "plus"]) });
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      if (error.errors.length === 0) throw new Error("an error without a reason", { cause: error });
    }
  }
}
