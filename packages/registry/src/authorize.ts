/** Who a registry is asked as: what answers its challenge, by its token server where it has one. */

import { maxAnswerBytes, request, requestBytes, ScanError } from "@plimsoll/model";
import type { CallOptions, OutgoingRequest } from "@plimsoll/model";
import { parseAnswer } from "./answer.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { isLoopback } from "./loopback.ts";
import type { RegistryOptions } from "./registry-options.ts";

/** The `Authorization` that answers a challenge: a token where one is offered, else the password itself. */
export async function authorize(
  host: string,
  repository: string,
  challenges: readonly Challenge[],
  options: RegistryOptions,
  call: CallOptions,
): Promise<string> {
  const credentials = await options.credentials?.(host, { signal: call.signal, repository });
  if (credentials?.kind === "bearer") {
    if (isSendable(credentials.token)) return `Bearer ${credentials.token}`;
    const reason = "the stored token has characters that no header may have";
    throw new ScanError({ kind: "unauthorized", label: `${host}/${repository}`, reason });
  }
  const bearer = challenges.find((challenge) => challenge.scheme === "bearer");
  if (bearer !== undefined) return `Bearer ${await fetchToken(host, repository, bearer, credentials, options, call)}`;
  const basic = challenges.some((challenge) => challenge.scheme === "basic");
  if (basic && credentials?.kind === "password") return basicAuthorization(credentials);
  const reason =
    credentials === undefined
      ? `it asks for credentials and there are none for it; ${loginHint(host)} gives some`
      : "it offers no way to identify that we know";
  throw new ScanError({ kind: "unauthorized", label: `${host}/${repository}`, reason });
}

/** Engines refuse a header with other characters by an error that repeats it, and with it the secret. */
function isSendable(token: string): boolean {
  return /^[ -~]+$/.test(token.trim());
}

function basicAuthorization({ username, password }: { readonly username: string; readonly password: string }): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** A token from the authorization server (distribution, `docs/spec/auth/token.md` and `oauth.md`). */
async function fetchToken(
  host: string,
  repository: string,
  { parameters }: Challenge,
  credentials: Credentials | undefined,
  options: RegistryOptions,
  call: CallOptions,
): Promise<string> {
  const fail = (reason: string): ScanError =>
    new ScanError({ kind: "unauthorized", label: `${host}/${repository}`, reason });
  const realm = parameters.get("realm") ?? "";
  if (!URL.canParse(realm) || !/^https?:/.test(realm)) throw fail("its token server has no usable address");
  const url = new URL(realm);
  if (
    url.protocol === "http:" &&
    credentials !== undefined &&
    !isLoopback(url.host) &&
    // Leave to speak plainly to a registry is none to speak so to whom it names.
    options.plainHttp?.includes(url.host) !== true
  ) {
    throw fail("its token server would be told the password in plain text");
  }
  const scope = parameters.get("scope") ?? `repository:${repository}:pull`;
  const service = parameters.get("service");
  const outgoing =
    credentials?.kind === "identity-token"
      ? tokenExchange(url, { service: service ?? host, scope, token: credentials.token })
      : tokenRequest(url, { service, scope }, credentials);
  const { response, bytes } = await requestBytes(
    (within) => request(outgoing, within),
    `The answer of ${host}'s token server`,
    maxAnswerBytes,
    { ...options, totalTimeout: options.totalTimeout ?? tokenTimeout, signal: call.signal },
  );
  if (!response.ok)
    throw fail(
      `asked ${identityOf(credentials)}, its token server answered ${response.status}; ${loginHint(host)} for another login`,
    );
  const answer = parseAnswer(bytes);
  const token = answer["token"] ?? answer["access_token"];
  if (typeof token !== "string" || token === "") throw fail("its token server gave no token");
  if (!isSendable(token)) throw fail("the token of its token server has characters that no header may have");
  return token;
}

/** How many milliseconds a token server may take. */
const tokenTimeout = 5 * 60 * 1000;

function tokenRequest(
  url: URL,
  { service, scope }: { service: string | undefined; scope: string },
  credentials: Credentials | undefined,
): OutgoingRequest {
  if (service !== undefined) url.searchParams.set("service", service);
  for (const part of scope.split(" ")) url.searchParams.append("scope", part);
  const headers = credentials?.kind === "password" ? { authorization: basicAuthorization(credentials) } : {};
  return { url: url.href, headers };
}

function tokenExchange(
  url: URL,
  { service, scope, token }: { service: string; scope: string; token: string },
): OutgoingRequest {
  const fields = { grant_type: "refresh_token", service, scope, client_id: "plimsoll", refresh_token: token };
  return {
    url: url.href,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    body: new URLSearchParams(fields).toString(),
    secretBody: true,
  };
}

/** Who the registry is asked as, for messages: `anonymously`, `as ada`. */
export function identityOf(credentials: Credentials | undefined): string {
  if (credentials === undefined) return "anonymously";
  return credentials.kind === "password" ? `as ${credentials.username}` : "with a stored token";
}

/** The command that logs in to a registry, for messages. */
export function loginHint(host: string): string {
  return `\`docker login${host === "docker.io" ? "" : ` ${host}`}\` or --username and --password`;
}
