// A Clair, or a service that speaks its API, as a client of it sees it.
import { parseJson } from "@plimsoll/formats";
import { createHmac } from "node:crypto";
import { compareText, ScanError } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";
import { serviceClient } from "@plimsoll/node";
import type { ServiceRequest } from "@plimsoll/node";
import type { LayerAddresses } from "./layer-addresses.ts";
import { maxServiceAnswer } from "./remote-service.ts";

/** The parts of a vulnerability report that are used, and its whole text. */
export interface ClairReport {
  /** Digest of the manifest. */
  readonly digest: string;
  readonly findings: readonly ClairFinding[];
  /** Name and version of every indexed package, each once, in order. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly text: string;
}

/** One vulnerability of one package. */
export interface ClairFinding {
  readonly package: string;
  readonly version: string;
  readonly vulnerability: string;
  readonly fixedIn: string;
}

/** How the client authenticates. */
export interface ClairIdentity {
  /** A bearer token. */
  readonly token?: string | undefined;
  /** Clair's `auth.psk`: the shared key and the issuer. */
  readonly psk?: { readonly key: Uint8Array; readonly issuer: string } | undefined;
}

/** The requests that a report needs. */
export interface ClairClient {
  /** Whether an image was indexed already. @throws ScanError */
  knows(digest: string, options: CallOptions): Promise<boolean>;
  /** Has an image indexed. @throws ScanError with Clair's reason when it fails. */
  index(image: LayerAddresses, options: CallOptions): Promise<void>;
  /** The vulnerability report of an image. @throws ScanError */
  report(digest: string, options: CallOptions): Promise<ClairReport>;
}

/** How many seconds a JSON Web Token is valid. */
const tokenSeconds = 300;

/** Milliseconds that indexing may take: Clair answers when it is done, and what it is doing is not begun a second time. */
const indexTimeout = 15 * 60 * 1000;

/** The status by which it says that it has not read an image. */
const unknown: ReadonlySet<number> = new Set([404]);

/** Connects to the API at an address. `now`: RFC 3339. */
export function clairClient(address: string, identity: ClairIdentity, now: () => string): ClairClient {
  const service = serviceClient({
    address,
    headers() {
      const authorization = authorizationOf(identity, now());
      return { accept: "application/json", ...(authorization === undefined ? {} : { authorization }) };
    },
  });
  const { label } = service;

  async function ask(question: ServiceRequest, options: CallOptions): Promise<string> {
    const { bytes } = await service.ask(question, `The answer of ${label}`, maxServiceAnswer, options);
    return new TextDecoder().decode(bytes);
  }

  return {
    async knows(digest, options) {
      const question = { path: `indexer/api/v1/index_report/${digest}`, accepts: unknown };
      const { status, bytes } = await service.ask(question, `The answer of ${label}`, maxServiceAnswer, options);
      if (unknown.has(status)) return false;
      return object(parsed(new TextDecoder().decode(bytes), label))["success"] === true;
    },
    async index(image, options) {
      const headers = { "content-type": "application/vnd.clair.manifest.v1+json" };
      const path = "indexer/api/v1/index_report";
      const body = JSON.stringify(image);
      const text = await ask({ path, method: "POST", headers, body, timeout: indexTimeout }, options);
      const { success, err, state } = object(parsed(text, label));
      if (success !== true)
        throw new ScanError({
          kind: "malformed-image",
          label: image.hash,
          reason: String(err ?? "") || `it is in state ${String(state)}`,
        });
    },
    async report(digest, options) {
      const text = await ask({ path: `matcher/api/v1/vulnerability_report/${digest}` }, options);
      const report = parsed(text, label);
      return { digest, findings: findingsOf(report), packages: packagesOf(report), text };
    },
  };
}

function authorizationOf({ token, psk }: ClairIdentity, now: string): string | undefined {
  if (token !== undefined) return `Bearer ${token}`;
  if (psk === undefined) return undefined;
  const seconds = Math.floor(Date.parse(now) / 1000);
  const claims = { iss: psk.issuer, iat: seconds, nbf: seconds, exp: seconds + tokenSeconds };
  const signed = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `Bearer ${signed}.${createHmac("sha256", psk.key).update(signed).digest("base64url")}`;
}

function parsed(text: string, label: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new ScanError({ kind: "malformed-document", label, reason: "its answer is no JSON" }, { cause });
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? (value as Readonly<Record<string, unknown>>) : {}; // as: checked
}

function packagesOf(report: unknown): ClairReport["packages"] {
  const all = Object.values(object(object(report)["packages"])).map((each) => {
    const { name, version } = object(each);
    return { name: textOf(name), version: textOf(version) };
  });
  const keyed = all.map((each) => [JSON.stringify([each.name, each.version]), each] as const);
  return [...new Map(keyed)].sort(([a], [b]) => compareText(a, b)).map(([, each]) => each);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** In the order of the packages' names, versions and vulnerabilities. */
function findingsOf(report: unknown): readonly ClairFinding[] {
  const { packages, vulnerabilities, package_vulnerabilities: pairs } = object(report);
  const found = Object.entries(object(pairs)).flatMap(([id, list]) => {
    const { name, version } = object(object(packages)[id]);
    return (Array.isArray(list) ? list : []).map((each: unknown) => {
      const { name: vulnerability, fixed_in_version: fixedIn } = object(object(vulnerabilities)[String(each)]);
      return {
        package: textOf(name),
        version: textOf(version),
        vulnerability: textOf(vulnerability),
        fixedIn: textOf(fixedIn),
      };
    });
  });
  const keyed = found.map((each) => [JSON.stringify(Object.values(each)), each] as const);
  return [...new Map(keyed)].sort(([a], [b]) => compareText(a, b)).map(([, each]) => each);
}
