import { createHash, createHmac } from "node:crypto";

/** Credentials of AWS that requests are signed with. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The session token of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** A request before it is signed. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: string;
  /** Headers to sign, besides `host` and those that signing adds. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
}

/** The region, service and time that a signature is valid for. */
export interface SigningScope {
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** The service: `s3`. Others sign paths in another form. */
  readonly service: string;
  readonly now: Date;
}

const algorithm = "AWS4-HMAC-SHA256";

/**
 * The headers of a request with an AWS Signature Version 4 in `authorization`, which covers all headers and the digest of the body.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export function signRequest(request: UnsignedRequest, scope: SigningScope): Readonly<Record<string, string>> {
  const { credentials, now } = scope;
  const payload = sha256(request.body ?? "");
  const signed: Record<string, string> = {
    ...request.headers,
    host: new URL(request.url).host,
    "x-amz-date": amzDate(now),
    "x-amz-content-sha256": payload,
    ...(credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken }),
  };
  const signature = signatureOf({ ...request, headers: signed }, payload, scope);
  const names = canonicalHeaders(signed).map(([name]) => name);
  const { accessKeyId } = credentials;
  return {
    ...signed,
    authorization: `${algorithm} Credential=${accessKeyId}/${scopeText(scope)}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

/** The Signature Version 4 of a request, over all its headers. `payload`: SHA-256 of the body in hexadecimal digits. */
export function signatureOf(
  { method, url, headers = {} }: Omit<UnsignedRequest, "body">,
  payload: string,
  scope: SigningScope,
): string {
  const listed = canonicalHeaders(headers);
  const canonical = [
    method,
    canonicalPath(url),
    canonicalQuery(url),
    ...listed.map(([name, value]) => `${name}:${value}`),
    "",
    listed.map(([name]) => name).join(";"),
    payload,
  ].join("\n");
  const text = [algorithm, amzDate(scope.now), scopeText(scope), sha256(canonical)].join("\n");
  const { credentials, region, service, now } = scope;
  const parts = [amzDate(now).slice(0, 8), region, service, "aws4_request"];
  const key = parts.reduce<Buffer>(
    (parent, part) => createHmac("sha256", parent).update(part).digest(),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

/** A time as AWS writes it: `20150830T123600Z`. */
function amzDate(now: Date): string {
  return `${now.toISOString().replaceAll(/[:-]/g, "").slice(0, 15)}Z`;
}

function scopeText({ region, service, now }: SigningScope): string {
  return `${amzDate(now).slice(0, 8)}/${region}/${service}/aws4_request`;
}

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Names in lower case, in their order; runs of blanks count as one. */
function canonicalHeaders(headers: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ {2,}/g, " ")] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The path as it is sent: S3 wants it encoded once and not normalised. */
function canonicalPath(url: string): string {
  const { pathname } = new URL(url);
  return pathname
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
}

function canonicalQuery(url: string): string {
  return [...new URL(url).searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Percent-encodes all characters but those that RFC 3986 calls unreserved. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
