/**
 * Regular expressions in RE2 syntax, as Go's tools write them, that take time linear in the text whatever text and pattern are.
 * @module
 * @example
 * import { compile } from "@plimsoll/re2";
 * const key = compile("(?i)api[_-]?key\\s*=\\s*(?P<value>[0-9a-f]{32})");
 * key.exec("API_KEY = 0123456789abcdef0123456789abcdef")?.named["value"];
 */
export { compile } from "./compile.ts";
export type { Re2, Re2Match, Re2Span } from "./compile.ts";
