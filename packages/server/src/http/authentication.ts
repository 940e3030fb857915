import { jsonIn, record } from "@plimsoll/formats";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import type { Database } from "../database/open-database.ts";
import { HttpError } from "./http-error.ts";
import type { Access } from "./route.ts";

/** The authenticated caller. */
export interface Actor {
  /** For logs and the audit log: the issuer of a JWT, the name of a token, or `anonymous`. */
  readonly name: string;
  /** The tenant whose images the caller sees; empty: the operator. */
  readonly tenant: string;
  /** Identifies the credential, also among several with one name; the credential cannot be derived from it. */
  readonly credential: string;
  readonly may: ReadonlySet<Access>;
}

/** How callers are authenticated. */
export interface AuthenticationOptions {
  /** Accept JWTs signed with a shared key, as Clair's clients send them. */
  readonly psk?: {
    /** The key's bytes. */
    readonly key: Uint8Array;
    /** Accepted issuers (`iss`). */
    readonly issuers: readonly string[];
  };
  /** What callers without a credential may do. Absent: everything where neither `psk` nor `tokens` is set, nothing otherwise. */
  readonly anonymous?: readonly Access[] | undefined;
  /** Accept the tokens in the database. */
  readonly tokens?: boolean | undefined;
}

const everything: ReadonlySet<Access> = new Set<Access>(["public", "read", "write", "admin"]);

/** How many seconds the clocks of issuer and service may differ. */
const leeway = 60;

/**
 * Authenticates the caller of a request.
 * @throws HttpError 401 for an invalid credential; callers without one are `anonymous`.
 */
export async function authenticate(
  request: Request,
  { psk, anonymous, tokens = false }: AuthenticationOptions,
  database: Database,
  now: Date,
): Promise<Actor> {
  const open = psk === undefined && !tokens;
  const header = request.headers.get("authorization");
  if (header === null || open)
    return {
      name: "anonymous",
      tenant: "",
      credential: "anonymous",
      may: new Set(["public", ...(anonymous ?? (open ? everything : []))]),
    };
  const credential = credentialOf(header.trim());
  if (credential === undefined)
    throw unauthorized("the Authorization header holds neither a bearer token nor a password");
  if (credential.split(".").length === 3) {
    if (psk === undefined) throw unauthorized("JSON Web Tokens are not accepted here");
    const issuer = verifyToken(credential, psk, now);
    return { name: issuer, tenant: "", credential: `issuer ${issuer}`, may: everything };
  }
  const actor = tokens ? await tokenActor(credential, database) : undefined;
  if (actor === undefined) throw unauthorized("the token is not known");
  return actor;
}

/** A bearer token, or the password that browsers ask people for: then that is the token. */
function credentialOf(header: string): string | undefined {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) ([^\s]+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() !== "basic") return value === "" ? undefined : value;
  const [, password = ""] = /^[^:]*:(.+)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
  return password === "" ? undefined : password;
}

/** Checks that a caller has the access. @throws HttpError 401 for a caller without a credential, 403 for one with a credential. */
export function authorize(actor: Actor, access: Access): void {
  if (access === "public" || actor.may.has(access)) return;
  if (actor.name === "anonymous") throw unauthorized("this needs a bearer token");
  throw new HttpError(403, `${actor.name} may not ${access}`);
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, message, { "www-authenticate": 'Bearer realm="plimsoll", Basic realm="plimsoll"' });
}

/** Algorithms of RFC 7518, section 3.2. `none`, and keys of other kinds, are no choice. */
const hashes: ReadonlyMap<unknown, string> = new Map([
  ["HS256", "sha256"],
  ["HS384", "sha384"],
  ["HS512", "sha512"],
]);

/** The issuer of a JWT (RFC 7519) that is whole, in time and one of those believed. */
function verifyToken(token: string, { key, issuers }: NonNullable<AuthenticationOptions["psk"]>, now: Date): string {
  const [head = "", claims = "", signature = ""] = token.split(".");
  const hash = hashes.get(decodePart(head)["alg"]);
  if (hash === undefined) throw unauthorized("the token is not signed with HS256, HS384 or HS512");
  const expected = createHmac(hash, key).update(`${head}.${claims}`).digest();
  const actual = Buffer.from(signature, "base64url");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
    throw unauthorized("the token's signature is wrong");
  const { iss, exp, nbf } = decodePart(claims);
  const seconds = now.getTime() / 1000;
  if (typeof exp === "number" ? exp + leeway < seconds : exp !== undefined) throw unauthorized("the token has expired");
  if (typeof nbf === "number" ? nbf - leeway > seconds : nbf !== undefined)
    throw unauthorized("the token is not valid yet");
  if (typeof iss !== "string" || !issuers.includes(iss)) throw unauthorized("the token's issuer is not known");
  return iss;
}

function decodePart(part: string): Readonly<Record<string, unknown>> {
  const value = record(jsonIn(Buffer.from(part, "base64url").toString("utf8")));
  if (value === undefined) throw unauthorized("the token cannot be read");
  return value;
}

async function tokenActor(credential: string, database: Database): Promise<Actor | undefined> {
  const hash = hashToken(credential);
  const { rows } = await sql<{ name: string; access: string; tenant: string }>`select name, access, tenant from token
    where hash = ${hash}`.execute(database.queries);
  const [row] = rows;
  return row === undefined
    ? undefined
    : {
        name: row.name,
        tenant: row.tenant,
        credential: `token ${hash}`,
        may: new Set(["public", ...(row.access.split(",") as Access[])]), // as: checked when it was written
      };
}

/** Stores a token as the operator's, which gives all access, in place of the one before. */
export async function keepAdminToken(database: Database, token: string, now: Date): Promise<void> {
  await database.queries.transaction().execute(async (transaction) => {
    await sql`delete from token where name = 'admin'`.execute(transaction);
    await sql`insert into token (hash, name, access, created_at)
      values (${hashToken(token)}, 'admin', 'read,write,admin', ${now}) on conflict (hash) do nothing`.execute(
      transaction,
    );
  });
}

/** The digest under which a token is stored. Tokens are random, so a digest without salt suffices. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
