import { visibleText } from "@plimsoll/report";
import type { Terminal } from "./command-line.ts";

/** What a drawing of progress begins with: to the start of the line, and wipe it. */
const redraw = "\r\u001b[K";

/**
 * A stream that escapes control characters, so that file names, tags, and messages of registries and the operating system cannot control a terminal
 * or a build log. One call writes one line; only its newline, leading tabs, and the control sequence that starts a progress line are kept.
 */
export function safeLines(stream: Terminal["stderr"]): Terminal["stderr"] {
  return {
    ...(stream.isTTY === undefined ? {} : { isTTY: stream.isTTY }),
    // The width changes with the window.
    get columns() {
      return stream.columns;
    },
    write: (text) => stream.write(safeLine(text)),
  } as Terminal["stderr"]; // as: `columns` of a stream that has none is undefined, here as there
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
