import { visibleStart, visibleText } from "../shared/visible-text.ts";

const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** More of one text than this helps nobody on a page. */
const maxLength = 4000;

/** Foreign text for content and quoted attributes (HTML §13.1.2.3 and §13.1.3), cut where it is absurdly long. */
export function escapeHtml(text: string): string {
  return clipped(text).replace(/[&<>"']/g, (char) => names[char] ?? char);
}

/** The text as it may be shown: no controls, no marks that turn it around, no more than a page bears. */
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
