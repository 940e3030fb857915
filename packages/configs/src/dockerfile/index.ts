import { pathSegments, TextLines } from "@plimsoll/formats";
import type { TextRange, ValuePath } from "@plimsoll/formats";
import { fileProblem } from "../shared/diagnostics.ts";
import type { ConfigDocument } from "../document.ts";
import { baseName, extensionOf } from "../shared/format.ts";
import type { FileFormat } from "../shared/format.ts";
import type { Dockerfile } from "./instruction.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";
import { argumentReaders } from "./arguments.ts";

const names = ["dockerfile", "containerfile"];

/** `Dockerfile`, `Containerfile`, `Dockerfile.prod`, `app.dockerfile`, in any case, and files that say `# syntax=docker/dockerfile`. */
export const dockerfileFormat: FileFormat = {
  id: "dockerfile",
  matchesName(path) {
    const name = baseName(path).toLowerCase();
    const extension = extensionOf(path);
    return names.some((known) => name === known || name === known + extension || extension === `.${known}`);
  },
  matchesText: (text) => /^\uFEFF?#[ \t]{0,8}syntax[ \t]{0,8}=[ \t]{0,8}docker\/dockerfile/i.test(text.slice(0, 100)),
  read({ path, text }) {
    const value = parseDockerfile(text);
    if (isOtherText(path, value)) return { documents: [], diagnostics: [] };
    const diagnostics = value.errors.map(({ message, line }) => fileProblem("malformed-file", path, message, line));
    // A file without a single stage is no Dockerfile: a binary, a text of the same name.
    if (value.stages.length === 0) return { documents: [], diagnostics: diagnostics.slice(0, 1) };
    return { documents: [dockerfileDocument("dockerfile", path, text, value)], diagnostics };
  },
};

/** What a template begins with, and the names of files that are some: what is made of them is a Dockerfile, whatever they begin with. */
const templateMark = /^(?:\{[{%#]|<%|@\w+@)/;
const templateName = /\.(?:in|j2|jinja2?|erb|ejs|m4|mustache|tmpl|gotmpl|tpl|template)$/;

/** Whether a file is called `dockerfile.go` or `Dockerfile.md` and is just that: it begins with what is no instruction, nor one that is misspelt. */
function isOtherText(path: string, { instructions: [first] }: Dockerfile): boolean {
  const name = baseName(path).toLowerCase();
  return (
    names.some((known) => name.startsWith(`${known}.`)) &&
    !templateName.test(name) &&
    first !== undefined &&
    !argumentReaders.has(first.cmd) &&
    !/^[A-Z]+$/.test(first.keyword) &&
    !templateMark.test(first.keyword)
  );
}

/** A document whose instructions know their lines. */
export function dockerfileDocument<Format extends "dockerfile" | "image-config">(
  format: Format,
  path: string,
  text: string,
  value: Dockerfile,
): ConfigDocument<Format> & { readonly value: Dockerfile } {
  const lines = new TextLines(text);
  return { format, path, text, value, lines, at: (part) => instructionRange(value, lines, part) };
}

function instructionRange(dockerfile: Dockerfile, lines: TextLines, path: ValuePath): TextRange | undefined {
  const [list, index] = pathSegments(path);
  const instruction = list === "instructions" ? dockerfile.instructions[Number(index)] : undefined;
  if (instruction === undefined) return undefined;
  const { startLine, endLine } = instruction;
  return { line: startLine, column: 1, endLine, endColumn: lines.line(endLine).length + 1 };
}
