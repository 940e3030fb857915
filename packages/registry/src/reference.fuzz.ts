import { ScanError } from "@plimsoll/model";
import { parseChallenges } from "./challenge.ts";
import { formatReference, parseReference } from "./reference.ts";

/** References in all their parts, and challenges, which the same input is tried as. */
export function seeds(): string[] {
  return [
    "alpine",
    "registry.example:5000/a/b__c/d-e.f:v1.0",
    `quay.example/a/b:1@sha256:${"ab".repeat(32)}`,
    "[::1]:5000/app",
    'Bearer realm="https://auth.example/token",service="a \\"b\\"", Basic realm=x',
  ];
}

/** A reference written in full reads back as itself, or the text is refused; a header is a list of challenges. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  parseChallenges(text);
  try {
    const full = formatReference(parseReference(text));
    if (formatReference(parseReference(full)) !== full) throw new Error(`${full} is not stable`);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}
