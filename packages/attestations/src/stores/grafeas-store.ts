import { field, listField, parseJson, textField } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs, request, requestBytes, transportChecks } from "@plimsoll/model";
import type { Attestation, AttestationStore, CallOptions, TransportOptions } from "@plimsoll/model";
import { bytesOf } from "../verification.ts";
import { decodeBase64, decodeUtf8, encodeBase64 } from "../base64.ts";
import { imageDigest } from "../image-name.ts";
import { parseNoteReference } from "../note-reference.ts";
import { sameAttestation } from "./same-attestation.ts";

/** A Grafeas server, and the note that attestations belong to. */
export interface GrafeasStoreOptions extends Omit<TransportOptions, "signal"> {
  /** `https://containeranalysis.googleapis.com`, or another server; without a path. */
  readonly url: string;
  /** The note of the authority: `projects/PROJECT/notes/NOTE`. */
  readonly noteReference: string;
  /** Project in which new occurrences are created. Absent: the note's. */
  readonly project?: string | undefined;
  /** Version of the REST API. Absent: `v1beta1`, which Kritis uses. */
  readonly apiVersion?: "v1beta1" | "v1" | undefined;
  /** Value of the `Authorization` header: `Bearer …`. */
  readonly authorization?: (() => string | Promise<string>) | undefined;
}

/** The most pages that are read of the attestations of one image. More are an error. */
const maxPages = 50;
const maxAnswer = 8 * 1024 * 1024;

/**
 * A store that keeps attestations as occurrences of a note on a Grafeas server, by its REST API.
 * @throws TypeError for an invalid URL or an unknown API version.
 */
export function grafeasAttestationStore(options: GrafeasStoreOptions): AttestationStore {
  checkOptions("grafeasAttestationStore", options, {
    ...transportChecks,
    url: optionIs.text,
    noteReference: optionIs.text,
    project: optionIs.text,
    apiVersion: optionIs.oneOf(["v1beta1", "v1"]),
    authorization: optionIs.call,
  });
  const { apiVersion = "v1beta1", noteReference } = options;
  if (apiVersion !== "v1beta1" && apiVersion !== "v1")
    throw new TypeError(`apiVersion: ${JSON.stringify(apiVersion)} is not v1beta1 or v1`);
  if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol))
    throw new TypeError(`url: ${JSON.stringify(options.url)} is no http address`);
  const note = parseNoteReference(noteReference);
  const notePath = `projects/${note.project}/notes/${note.note}`;
  const project = options.project ?? note.project;
  const label = `Grafeas at ${new URL(options.url).host}`;

  async function ask(path: string, call: CallOptions, body?: object): Promise<unknown> {
    const url = new URL(`/${apiVersion}/${path}`, options.url).href;
    const authorization = await options.authorization?.();
    const outgoing = {
      url,
      method: body === undefined ? ("GET" as const) : ("POST" as const),
      headers: {
        accept: "application/json",
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const { response, bytes } = await requestBytes((within) => request(outgoing, within), label, maxAnswer, {
      ...options,
      signal: call.signal,
    });
    if (response.status === 401 || response.status === 403)
      throw new ScanError({ kind: "unauthorized", label, reason: `it answered ${response.status}` });
    // The same occurrence again is no harm done.
    if (response.status === 409 && body !== undefined) return {};
    if (!response.ok) throw new ScanError({ kind: "network", label, reason: `it answered ${response.status}` });
    try {
      return parseJson(new TextDecoder().decode(bytes));
    } catch {
      throw new ScanError({ kind: "network", label, reason: "its answer is not JSON" });
    }
  }

  async function list(image: string, call: CallOptions = {}): Promise<readonly Attestation[]> {
    imageDigest(image);
    const filter = `resourceUrl="https://${image}"`;
    const found: Attestation[] = [];
    let token = "";
    for (let page = 0; page < maxPages; page++) {
      const query = new URLSearchParams({ filter, ...(token === "" ? {} : { pageToken: token }) });
      const answer = await ask(`${notePath}/occurrences?${query.toString()}`, call);
      for (const occurrence of listField(answer, "occurrences")) {
        // A server may leave the filtering to who asks.
        if (resourceOf(occurrence) === `https://${image}`) found.push(...attestationsOf(occurrence));
      }
      token = textField(answer, "nextPageToken") ?? "";
      if (token === "") return found;
    }
    throw new ScanError({ kind: "limit-exceeded", what: `pages of attestations of ${image}`, limit: maxPages });
  }

  return {
    label,
    list,
    async put(image, attestation, call = {}) {
      if ((await list(image, call)).some((each) => sameAttestation(each, attestation))) return;
      const uri = `https://${image}`;
      const where = apiVersion === "v1" ? { resourceUri: uri } : { resource: { uri } };
      const occurrence = { noteName: notePath, kind: "ATTESTATION", ...where, ...contentOf(attestation, apiVersion) };
      await ask(`projects/${project}/occurrences`, call, occurrence);
    },
  };
}

function resourceOf(occurrence: unknown): string | undefined {
  return textField(occurrence, "resourceUri") ?? textField(field(occurrence, "resource"), "uri");
}

/** The signatures of an occurrence, in the forms of v1beta1 (generic and PGP) and v1 (signatures and tokens). */
function attestationsOf(occurrence: unknown): readonly Attestation[] {
  const outer = field(occurrence, "attestation");
  const attestation = field(outer, "attestation") ?? outer;
  const pgp = field(attestation, "pgpSignedAttestation");
  const pgpSignature = textField(pgp, "signature");
  if (pgpSignature !== undefined) {
    return [{ keyId: textField(pgp, "pgpKeyId") ?? "", signature: pgpText(pgpSignature) }];
  }
  const generic = field(attestation, "genericSignedAttestation") ?? attestation;
  const encoded = textField(generic, "serializedPayload");
  const payload = encoded === undefined ? undefined : decodeUtf8(decodeBase64(encoded) ?? new Uint8Array());
  const signatures = listField(generic, "signatures").flatMap((each): readonly Attestation[] => {
    const signature = textField(each, "signature");
    if (signature === undefined) return [];
    const keyId = textField(each, "publicKeyId") ?? "";
    // Kritis keeps a PGP message, which carries its payload, where a detached signature would stand.
    const text = pgpText(signature);
    if (text.includes("-----BEGIN PGP MESSAGE")) return [{ keyId, signature: text }];
    return payload === undefined ? [] : [{ keyId, signature: text, payload }];
  });
  const tokens = listField(generic, "jwts").flatMap((each): readonly Attestation[] => {
    const token = textField(each, "compactJwt");
    return token === undefined ? [] : [{ keyId: tokenKeyId(token), signature: token }];
  });
  return [...signatures, ...tokens];
}

/** The text of a PGP signature. Grafeas sends bytes as base64; an armored text is armored again. */
function pgpText(signature: string): string {
  const bytes = decodeBase64(signature);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  return text?.startsWith("-----BEGIN PGP") === true ? text : signature;
}

function tokenKeyId(token: string): string {
  const bytes = decodeBase64(token.split(".")[0] ?? "");
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  try {
    return text === undefined ? "" : (textField(parseJson(text), "kid") ?? "");
  } catch {
    return "";
  }
}

function contentOf({ keyId, signature, payload }: Attestation, apiVersion: "v1beta1" | "v1"): object {
  const armored = signature.includes("-----BEGIN PGP");
  const bytes = armored ? encodeBase64(bytesOf(signature)) : signature;
  if (apiVersion === "v1") {
    if (payload === undefined && !armored) return { attestation: { jwts: [{ compactJwt: signature }] } };
    const serializedPayload = encodeBase64(bytesOf(payload ?? ""));
    return { attestation: { serializedPayload, signatures: [{ signature: bytes, publicKeyId: keyId }] } };
  }
  if (armored && payload === undefined) {
    const pgpSignedAttestation = { signature, contentType: "SIMPLE_SIGNING_JSON", pgpKeyId: keyId };
    return { attestation: { attestation: { pgpSignedAttestation } } };
  }
  if (payload === undefined) {
    const reason = "a token or envelope has no form in v1beta1 of Grafeas; use v1 or a detached signature";
    throw new ScanError({ kind: "invalid-option", option: "attestation", reason });
  }
  const genericSignedAttestation = {
    contentType: "SIMPLE_SIGNING_JSON",
    serializedPayload: encodeBase64(bytesOf(payload)),
    signatures: [{ signature: bytes, publicKeyId: keyId }],
  };
  return { attestation: { attestation: { genericSignedAttestation } } };
}
