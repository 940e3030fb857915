import { checkOptions } from "@plimsoll/model";
import { searchSecrets, type FindSecretsOptions, findChecks } from "./find-secrets.ts";

/**
 * A text with every character of its secrets replaced by an asterisk; line ends stay, so that lines and columns do.
 * @example
 * maskSecrets("ENV KEY=…", { path: "Dockerfile" });
 */
export function maskSecrets(text: string, options: FindSecretsOptions): string {
  checkOptions("maskSecrets", options, findChecks);
  const { secrets: found, ignored } = searchSecrets(new TextEncoder().encode(text), {
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
      const from = (number === line ? column - 1 : 0) + mark;
      const to = number === endLine ? endColumn - 1 + mark : shown.length;
      lines[number - 1] = shown.slice(0, from) + shown.slice(from, to).replace(/[^\r]/g, "*") + shown.slice(to);
    }
  }
  return lines.join("\n");
}
