import { CelEvaluationError } from "../cel-error.ts";
import { overload, type CelFunction } from "./define.ts";

/** Bytes in base64. */
export function encode(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function decode(text: string): Uint8Array {
  // Padding may be left out, as in cel-go.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new CelEvaluationError("illegal base64 data");
  try {
    return Uint8Array.from(atob(text.replace(/=+$/, "")), (character) => character.charCodeAt(0));
  } catch {
    throw new CelEvaluationError("illegal base64 data");
  }
}

/** Base64 (cel-go's `encoders` extension). */
export const encoderFunctions: readonly CelFunction[] = [
  overload("base64.encode", ["bytes"], "string", (call, bytes) => {
    call.spend(bytes.length / 10);
    return encode(bytes);
  }),
  overload("base64.decode", ["string"], "bytes", (call, text) => {
    call.spend(text.length / 10);
    return decode(text);
  }),
];
