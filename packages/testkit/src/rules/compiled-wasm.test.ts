import { expect, test } from "vitest";

interface Wasm {
  readonly modules: readonly { readonly source: string; readonly code: string }[];
  sourceLine(module: Wasm["modules"][number]): string;
  compiledForm(module: Wasm["modules"][number]): string;
}

// as: it is JavaScript, which has no types of its own.
const { modules, sourceLine, compiledForm } = (await import(
  new URL("../../tasks/wasm.mjs", import.meta.url).href
)) as Wasm;

test.each(modules)("$code is made of $source as it stands", (module) => {
  expect(compiledForm(module)).toContain(sourceLine(module));
});

test("what was made of another source is told apart", () => {
  const [one, other] = modules;
  if (one === undefined || other === undefined) expect.unreachable();
  expect(compiledForm(one)).not.toContain(sourceLine(other));
});
