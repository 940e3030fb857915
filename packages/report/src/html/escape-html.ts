import { visibleStart, visibleText } from "../shared/visible-text.ts";

const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The most characters of one text that a page shows. */
const maxLength = 4000;

/** Escapes untrusted text for element content and quoted attributes (HTML §13.1.2.3 and §13.1.3); cuts it after 4,000 characters. */
export function escapeHtml(text: string): string {
  return clipped(text).replace(/[&<>"']/g, (char) => names[char] ?? char);
}

/** Untrusted text made visible: control and bidirectional characters are written as escapes, and it ends after 4,000 characters. */
export function clipped(text: string): string {
  return text.length > maxLength ? visibleStart(text, maxLength) : visibleText(text);
}

/** JSON for a `<script type="application/json">` block: nothing in it can end the block or begin a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
