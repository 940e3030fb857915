import { ScanError } from "@plimsoll/model";
import { keyKindOf, rawEcdsaSignature } from "./der.ts";
import {
  identifyKey,
  parseImageName,
  parseNoteReference,
  readAuthority,
  readCosignManifest,
  readEnvelope,
  readPayload,
  readStatement,
  taggedImages,
  verifyAttestation,
  verifyDetached,
} from "./index.ts";

/** Any P-256 point: no input of the fuzzer can be signed by it. */
const point =
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
const pem = `-----BEGIN PUBLIC KEY-----\n${point}\n-----END PUBLIC KEY-----\n`;
const key = { type: "pkix", pem, algorithm: "EcdsaP256Sha256" } as const;
const image = `registry.example/app@sha256:${"0".repeat(64)}`;

/** Any bytes are a document or a ScanError for every reader, and nothing that is not signed is ever verified. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const text = new TextDecoder().decode(input);
  keyKindOf(input);
  rawEcdsaSignature(input, 32);
  parseImageName(text);
  readPayload(text);
  taggedImages(text);
  for (const read of [readEnvelope, readStatement, readCosignManifest, parseNoteReference, readAuthority]) {
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
    }
  }
  try {
    await identifyKey({ type: "PKIX", algorithm: "EcdsaP256Sha256", data: text });
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
  const keys = [{ id: "k", key }];
  const results = [
    await verifyDetached(input, text, key),
    await verifyDetached("payload", input, { type: "pkix", der: input }),
    await verifyAttestation(image, { keyId: "k", signature: text }, keys),
    await verifyAttestation(image, { keyId: "k", signature: "AAAA", payload: text }, keys),
  ];
  if (results.some(({ verified }) => verified)) throw new Error("something unsigned was verified");
}
