import { jsonIn, record } from "@plimsoll/formats";

/** A server's answer as a JSON object; an empty one where it is anything else. */
export function parseAnswer(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return record(jsonIn(new TextDecoder().decode(bytes))) ?? {};
}
