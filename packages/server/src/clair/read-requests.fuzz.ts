import { HttpError } from "../http/http-error.ts";
import { isCpe } from "./documents.ts";
import { readBulkDelete, readManifest, readSummaries } from "./read-requests.ts";

const encoder = new TextEncoder();
const digest = `sha256:${"a".repeat(64)}`;

/** Requests as clients send them, and odd ones. */
export function seeds(): readonly Uint8Array[] {
  return [
    {
      hash: digest,
      layers: [{ hash: digest, uri: "https://registry.example/blob", headers: { Authorization: ["x"] } }],
    },
    [digest],
    [
      {
        name: "CVE-2024-0001",
        package: { name: "a", kind: "source" },
        dist: { did: "debian" },
        range: { "[": "1", ")": "2" },
      },
    ],
    { vulnerabilities: [{ name: "x", package: null, fixed_in_version: 1 }] },
    "cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*",
  ].map((value) => encoder.encode(JSON.stringify(value)));
}

/** Whatever a client sends is understood or answered with 400. */
export function fuzz(input: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(input));
  } catch {
    return;
  }
  for (const read of [readManifest, readBulkDelete, readSummaries])
    try {
      read(value);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 400) throw error;
    }
  if (typeof value === "string") isCpe(value);
}
