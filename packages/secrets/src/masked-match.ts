import { decodeText } from "./decoded-text.ts";
import { firstEndingAfter, type Span } from "./spans.ts";

const shownBefore = 60;
const shownAfter = 20;
const longestMask = 40;

/** The match within its lines, every secret of the file in it masked. */
export function maskedMatch(
  bytes: Uint8Array,
  { matchStart, matchEnd, start, end }: Span & { readonly matchStart: number; readonly matchEnd: number },
  spans: readonly Span[],
): string {
  const lineStart = bytes.lastIndexOf(10, start - 1) + 1;
  const lineEnd = bytes.indexOf(10, end);
  const from = Math.max(Math.min(matchStart, start), start === 0 ? 0 : lineStart, start - shownBefore);
  const to = Math.min(Math.max(matchEnd, end), lineEnd === -1 ? bytes.length : lineEnd, end + shownAfter);
  let out = "";
  let at = from;
  for (let i = firstEndingAfter(spans, from); i < spans.length; i++) {
    const span = spans[i];
    if (span === undefined || span.start >= to) break;
    out += shown(bytes.subarray(at, Math.max(at, span.start)));
    out += "*".repeat(
      Math.min(
        longestMask,
        decodeText(bytes.subarray(span.start, Math.min(span.end, span.start + 4 * longestMask))).text.length,
      ),
    );
    at = Math.max(at, span.end);
  }
  return (out + shown(bytes.subarray(at, Math.max(at, to)))).trimEnd();
}

function shown(bytes: Uint8Array): string {
  // Control characters and line ends would break a line of a report.
  return decodeText(bytes).text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
