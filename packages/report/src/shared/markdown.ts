import { visibleStart, visibleText } from "./visible-text.ts";

/**
 * Untrusted text as plain Markdown on one line: no markup, no HTML, no links, no `@` mentions
 * (CommonMark §2.4 backslash escapes; GitHub Flavored Markdown tables and mentions).
 */
export function escapeMarkdown(text: string, maxLength = 1000): string {
  const visible = text.length > maxLength ? visibleStart(text, maxLength) : visibleText(text);
  return visible
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;")
    .replace(/[\\`*_{}[\]()#+!|~$]/g, (char) => `\\${char}`)
    .replace(/(https?|www|ftp)(?=[:.])/gi, "$1&#8203;");
}

/** A Markdown link; the caller has checked that `url` is a web address. */
export function markdownLink(label: string, url: string): string {
  return `[${escapeMarkdown(label, 200)}](<${url.replace(/[<>\\]/g, encodeURIComponent)}>)`;
}
