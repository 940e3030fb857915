import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { RawBuilder, SqlBool } from "kysely";
import { hashToken } from "../http/authentication.ts";
import type { Actor } from "../http/authentication.ts";
import { HttpError } from "../http/http-error.ts";
import { readJson } from "../http/request-body.ts";
import type { Access, Route } from "../http/route.ts";
import type { ServiceCore } from "../service-core.ts";

const grantable: readonly Access[] = ["read", "write", "admin"];

function isGrantable(word: unknown): word is Access {
  return grantable.some((access) => access === word);
}

/** Tokens that an actor may know of: the operator all, a tenant its own. */
function isOf({ tenant }: Actor): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${tenant} = '' or tenant = ${tenant})`;
}

/** Routes to create, list and revoke tokens. The database stores only their digests. */
export function tokenRoutes(core: ServiceCore): readonly Route[] {
  const { queries } = core.database;
  const create: Route = {
    method: "post",
    path: "/api/v1/tokens",
    operation: "createToken",
    tag: "operation",
    summary: "Create a token; only this response shows it",
    access: "admin",
    body: {
      description: "A name for the logs, the access, and the tenant whose images it sees; absent: the caller's tenant.",
      mediaTypes: ["application/json"],
      schema: {
        type: "object",
        properties: {
          name: { type: "string" },
          access: { type: "array", items: { enum: grantable } },
          tenant: { type: "string", pattern: "^[a-z0-9][a-z0-9._-]{0,62}$" },
        },
        required: ["name", "access"],
      },
    },
    responses: { 201: { description: "The token", mediaTypes: ["application/json"], schema: { type: "object" } } },
    async handle({ request, actor }) {
      // as: both are checked below
      const body = (await readJson(request, ["application/json"], 10_000)) as {
        name?: unknown;
        access?: unknown;
        tenant?: unknown;
      } | null;
      const { name, access, tenant = actor.tenant } = body ?? {};
      if (typeof name !== "string" || !/^[\w .@-]{1,100}$/.test(name) || name === "anonymous")
        throw new HttpError(400, '"name" has 1 to 100 letters, digits, blanks and .@_-');
      if (!Array.isArray(access) || access.length === 0 || !access.every(isGrantable))
        throw new HttpError(400, `"access" is a list of ${grantable.join(", ")}`);
      if (tenant !== actor.tenant) {
        if (actor.tenant !== "") throw new HttpError(403, `${actor.name} can create tokens of its own tenant only`);
        if (typeof tenant !== "string" || !/^[a-z0-9][a-z0-9._-]{0,62}$/.test(tenant))
          throw new HttpError(
            400,
            '"tenant" has 1 to 63 lower-case letters, digits and ._-, and begins with a letter or digit',
          );
      }
      const token = `plimsoll_${randomBytes(32).toString("base64url")}`;
      const granted = grantable.filter((word) => access.includes(word));
      await sql`insert into token (hash, name, access, tenant, created_at)
        values (${hashToken(token)}, ${name}, ${granted.join(",")}, ${tenant}, ${core.now()})`.execute(queries);
      return Response.json({ token, name, access: granted, ...(tenant === "" ? {} : { tenant }) }, { status: 201 });
    },
  };
  const list: Route = {
    method: "get",
    path: "/api/v1/tokens",
    operation: "listTokens",
    tag: "operation",
    summary: "List the tokens, without their values",
    access: "admin",
    responses: { 200: { description: "Tokens", mediaTypes: ["application/json"], schema: { type: "object" } } },
    async handle({ actor }) {
      const rows = await queries
        .selectFrom("token")
        .select(["name", "access", "tenant", "created_at"])
        .where(isOf(actor))
        .orderBy("created_at")
        .execute();
      return Response.json({
        tokens: rows.map(({ name, access, tenant, created_at: at }) => ({
          name,
          ...(tenant === "" ? {} : { tenant }),
          access: access.split(","),
          createdAt: at.toISOString(),
        })),
      });
    },
  };
  const revoke: Route = {
    method: "delete",
    path: "/api/v1/tokens/{name}",
    operation: "revokeToken",
    tag: "operation",
    summary: "Revoke every token of that name",
    access: "admin",
    parameters: [{ name: "name", in: "path", description: "The name.", schema: { type: "string" }, required: true }],
    responses: { 204: { description: "Revoked" } },
    async handle({ parameters, actor }) {
      await queries
        .deleteFrom("token")
        .where(isOf(actor))
        .where("name", "=", parameters["name"] ?? "")
        .execute();
      return new Response(null, { status: 204 });
    },
  };
  return [create, list, revoke];
}
