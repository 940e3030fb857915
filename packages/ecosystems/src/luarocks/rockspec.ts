import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/** `*.rockspec` of installed rocks (https://github.com/luarocks/luarocks/blob/main/docs/rockspec_format.md). The program is not run. */
export const rockspec: FileAnalyzer = {
  kind: "file",
  id: "luarocks/rockspec",
  revision: 1,
  matches: [{ suffix: ".rockspec" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    const name = assigned(text, "package");
    const version = assigned(text, "version");
    if (name === undefined || version === undefined)
      return yield { ...malformedFile(file, "states no package or version as text"), effect: "none" };
    const license = assigned(text, "license");
    const opening = /^dependencies\s*=\s*\{/m.exec(text);
    const list = opening === null ? "" : (text.slice(opening.index + opening[0].length).split("}", 1)[0] ?? "");
    const dependsOn = [...list.matchAll(/["']([\w.-]+)(?![\w.-])[^"'\n]*["']/g)]
      .map(([, need = ""]) => need)
      .filter((need) => need !== "lua");
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(license === undefined ? {} : { licenses: [license] }),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
      },
    };
  },
};

/** The text that a variable, or a field of `description`, is set to. */
function assigned(text: string, variable: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, name, double, single] = /^\s*(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(line) ?? [];
    const value = double ?? single ?? "";
    if (name === variable && value !== "") return value;
  }
  return undefined;
}
