import { checkOptions } from "@plimsoll/model";
import { searchContent, type FindSecretsOptions, findChecks } from "./find-secrets.ts";

/** What a line of YAML says before a value: its name, and the mark of a block that follows. Some rules tell both as the secret. */
const nameBefore = /^["']?[\w.-]{1,80}["']?:[ \t]+(?:[|>][-+\d]{0,2}[ \t]*\r?$)?/;

/**
 * Replaces every character of the secrets in a text by an asterisk. Line ends, indentation and the keys of YAML values are kept, so that lines and
 * columns stay the same and the text can still be parsed.
 * @throws {TypeError} for unknown or invalid options.
 * @example
 * maskSecrets("ENV KEY=…", { path: "Dockerfile" });
 */
export function maskSecrets(text: string, options: FindSecretsOptions): string {
  checkOptions("maskSecrets", options, findChecks);
  const { secrets: found, ignored } = searchContent(new TextEncoder().encode(text), {
    skippedPaths: [],
    limit: Infinity,
    ...options,
  });
  const secrets = [...found, ...ignored];
  if (secrets.length === 0) return text;
  // A mark at the beginning is no part of the first line's columns.
  const lines = text.split("\n");
  for (const { line, column, endLine, endColumn } of secrets) {
    for (let number = line; number <= endLine; number++) {
      const shown = lines[number - 1] ?? "";
      const mark = number === 1 && shown.startsWith("\ufeff") ? 1 : 0;
      const to = number === endLine ? endColumn - 1 + mark : shown.length;
      const indented = shown.length - shown.trimStart().length;
      const start = Math.min(number === line ? column - 1 + mark : indented, to);
      const name = number === line && start === indented ? (nameBefore.exec(shown.slice(start, to))?.[0] ?? "") : "";
      const from = start + name.length;
      lines[number - 1] = shown.slice(0, from) + shown.slice(from, to).replace(/[^\r]/g, "*") + shown.slice(to);
    }
  }
  return lines.join("\n");
}
