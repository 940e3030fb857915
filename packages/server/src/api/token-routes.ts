import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { hashToken } from "../http/authentication.ts";
import { HttpError } from "../http/http-error.ts";
import { readJson } from "../http/request-body.ts";
import type { Access, Route } from "../http/route.ts";
import type { ServiceCore } from "../service-core.ts";

const grantable: readonly Access[] = ["read", "write", "admin"];

function isGrantable(word: unknown): word is Access {
  return grantable.some((access) => access === word);
}

/** Tokens: made, listed and revoked. The database holds their digests alone. */
export function tokenRoutes(core: ServiceCore): readonly Route[] {
  const { queries } = core.database;
  const create: Route = {
    method: "post",
    path: "/api/v1/tokens",
    operation: "createToken",
    tag: "operation",
    summary: "Make a token; it is shown this once",
    access: "admin",
    body: {
      description: "A name for the logs, and what it may.",
      mediaTypes: ["application/json"],
      schema: {
        type: "object",
        properties: { name: { type: "string" }, access: { type: "array", items: { enum: grantable } } },
        required: ["name", "access"],
      },
    },
    responses: { 201: { description: "The token", mediaTypes: ["application/json"], schema: { type: "object" } } },
    async handle({ request }) {
      // as: both are checked below
      const body = (await readJson(request, ["application/json"], 10_000)) as {
        name?: unknown;
        access?: unknown;
      } | null;
      const { name, access } = body ?? {};
      if (typeof name !== "string" || !/^[\w .@-]{1,100}$/.test(name) || name === "anonymous")
        throw new HttpError(400, '"name" has 1 to 100 letters, digits, blanks and .@_-');
      if (!Array.isArray(access) || access.length === 0 || !access.every(isGrantable))
        throw new HttpError(400, `"access" is a list of ${grantable.join(", ")}`);
      const token = `plimsoll_${randomBytes(32).toString("base64url")}`;
      const granted = grantable.filter((word) => access.includes(word));
      await sql`insert into token (hash, name, access, created_at)
        values (${hashToken(token)}, ${name}, ${granted.join(",")}, ${core.now()})`.execute(queries);
      return Response.json({ token, name, access: granted }, { status: 201 });
    },
  };
  const list: Route = {
    method: "get",
    path: "/api/v1/tokens",
    operation: "listTokens",
    tag: "operation",
    summary: "Which tokens there are, without what they are",
    access: "admin",
    responses: { 200: { description: "Tokens", mediaTypes: ["application/json"], schema: { type: "object" } } },
    async handle() {
      const rows = await queries
        .selectFrom("token")
        .select(["name", "access", "created_at"])
        .orderBy("created_at")
        .execute();
      return Response.json({
        tokens: rows.map(({ name, access, created_at: at }) => ({
          name,
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
    responses: { 204: { description: "They are gone" } },
    async handle({ parameters }) {
      await queries
        .deleteFrom("token")
        .where("name", "=", parameters["name"] ?? "")
        .execute();
      return new Response(null, { status: 204 });
    },
  };
  return [create, list, revoke];
}
