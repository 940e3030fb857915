import { visibleText } from "@plimsoll/report";
import type { Terminal } from "./command-line.ts";

/** What a drawing of progress begins with: to the start of the line, and wipe it. */
const redraw = "\r\u001b[K";

/**
 * A stream of lines in which nothing acts: what file names, tags, registries and the operating system say is shown, and
 * neither a terminal nor the log of a build obeys it. One call writes one line; only its own end, the tabs that it begins
 * with, and the start of a drawing, mean what they mean.
 */
export function safeLines(stream: Terminal["stderr"]): Terminal["stderr"] {
  return {
    ...(stream.isTTY === undefined ? {} : { isTTY: stream.isTTY }),
    // The width changes with the window.
    get columns() {
      return stream.columns;
    },
    write: (text) => stream.write(safeLine(text)),
  } as Terminal["stderr"];
}

function safeLine(text: string): string {
  const start = text.startsWith(redraw) ? redraw : (/^\t+/.exec(text)?.[0] ?? "");
  const end = text.endsWith("\n") ? "\n" : "";
  return start + visibleText(text.slice(start.length, text.length - end.length)) + end;
}

/** Lines of our own, each made safe. */
export function writeLines(stream: Terminal["stderr"], text: string): void {
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) stream.write(line);
}
