/** Texts as bytes: UTF-8, base64, hexadecimal. */

import { BuiltinError } from "./builtin.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8; invalid bytes become replacement characters. */
export function textOfBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const forUrls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array, url = false, padding = true): string {
  const alphabet = url ? forUrls : standard;
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const left = bytes.length - at;
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4));
    text += left > 1 ? alphabet.charAt(((b & 15) << 2) | (c >> 6)) : padding ? "=" : "";
    text += left > 2 ? alphabet.charAt(c & 63) : padding ? "=" : "";
  }
  return text;
}

/** Bytes of base64 as Go decodes it: line ends are skipped; throws a BuiltinError with the offset of what is wrong. */
export function fromBase64(text: string, url = false, padded = true): Uint8Array {
  const alphabet = url ? forUrls : standard;
  const bytes: number[] = [];
  let buffer = 0;
  let count = 0;
  let at = 0;
  const wrong = (offset: number): BuiltinError => new BuiltinError(`illegal base64 data at input byte ${offset}`);
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\n" || character === "\r") continue;
    if (character === "=" && padded) break;
    const value = alphabet.indexOf(character);
    if (value < 0) throw wrong(utf8(text.slice(0, at)).length);
    buffer = (buffer << 6) | value;
    if (++count === 4) {
      bytes.push(buffer >> 16, (buffer >> 8) & 255, buffer & 255);
      buffer = 0;
      count = 0;
    }
  }
  checkEnd(text, at, count, padded, wrong);
  if (count === 2) bytes.push((buffer >> 4) & 255);
  if (count === 3) bytes.push((buffer >> 10) & 255, (buffer >> 2) & 255);
  return Uint8Array.from(bytes);
}

function checkEnd(
  text: string,
  at: number,
  count: number,
  padded: boolean,
  wrong: (offset: number) => BuiltinError,
): void {
  const rest = text.slice(at).replace(/[\r\n]/g, "");
  if (!padded) {
    if (count === 1) throw wrong(text.length);
    return;
  }
  if (rest === "" && count === 0) return;
  if (rest === "") throw wrong(text.length - count);
  if (count < 2) throw wrong(at);
  const wanted = "=".repeat(4 - count);
  if (rest === wanted) return;
  if (wanted.startsWith(rest)) throw wrong(text.length);
  throw wrong(at + (rest.startsWith(wanted) ? wanted.length : 1));
}
