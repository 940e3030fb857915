import { expect, test } from "vitest";
import { lookOf } from "./terminal-look.ts";
import type { Look } from "./terminal-look.ts";

type Case = readonly [
  isTTY: boolean,
  env: Readonly<Record<string, string>>,
  options: Parameters<typeof lookOf>[1],
  look: Partial<Look>,
];

test.each<Case>([
  [true, {}, {}, { color: true, width: 90, links: true }],
  [false, {}, {}, { color: false, width: undefined, links: false }],
  [true, { NO_COLOR: "1" }, {}, { color: false, width: 90 }],
  [true, { NO_COLOR: "" }, {}, { color: true }],
  [true, { TERM: "dumb" }, {}, { color: false, links: false }],
  [true, { CI: "true" }, {}, { links: false }],
  [false, { FORCE_COLOR: "1" }, {}, { color: true, links: false }],
  [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, {}, { color: true }],
  [true, { FORCE_COLOR: "0" }, {}, { color: false }],
  [true, { FORCE_COLOR: "1" }, { color: "never" }, { color: false, links: false }],
  [false, { NO_COLOR: "1" }, { color: "always" }, { color: true }],
  [false, { COLUMNS: "70" }, {}, { width: 70 }],
  [true, { COLUMNS: "70" }, {}, { width: 70 }],
  [true, { COLUMNS: "wide" }, {}, { width: 90 }],
  [true, { FORCE_COLOR: "1", COLUMNS: "70" }, { toFile: true }, { color: false, width: undefined, links: false }],
  [true, {}, { toFile: true, color: "always" }, { color: true }],
])("terminal %j, variables %j, options %j: %j", (isTTY, env, options, look) => {
  const stdout = { write: () => undefined, ...(isTTY ? { isTTY, columns: 90 } : {}) };
  expect(lookOf({ stdout, env }, options)).toMatchObject(look);
});
