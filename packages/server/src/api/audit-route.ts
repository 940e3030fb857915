import { readAuditEntries } from "../http/audit-log.ts";
import type { Route } from "../http/route.ts";
import type { ServiceCore } from "../service-core.ts";
import { wholeNumber } from "./query-numbers.ts";

/** The audit log: who changed what, and whose requests were refused. */
export function auditRoute({ database }: ServiceCore): Route {
  return {
    method: "get",
    path: "/api/v1/audit",
    operation: "auditLog",
    tag: "operation",
    summary: "Who changed what and who was refused, newest first",
    access: "admin",
    parameters: [
      {
        name: "limit",
        in: "query",
        description: "Entries in a page.",
        schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
      },
      { name: "before", in: "query", description: "`next` of the page before.", schema: { type: "integer" } },
    ],
    responses: {
      200: {
        description: "A page",
        mediaTypes: ["application/json"],
        schema: {
          type: "object",
          properties: {
            entries: {
              type: "array",
              items: {
                type: "object",
                properties: {
                  id: { type: "integer" },
                  at: { type: "string", format: "date-time" },
                  actor: { type: "string" },
                  tenant: { type: "string" },
                  client: { type: "string", description: "Address of who asked." },
                  operation: { type: "string" },
                  target: { type: "string" },
                  status: { type: "integer" },
                },
                required: ["id", "at", "actor", "operation", "target", "status"],
              },
            },
            next: { type: "integer" },
          },
          required: ["entries"],
        },
      },
    },
    async handle({ query, actor: { tenant } }) {
      const before = wholeNumber(query, "before", 0, Number.MAX_SAFE_INTEGER) || undefined;
      const limit = wholeNumber(query, "limit", 100, 1_000);
      return Response.json(await readAuditEntries(database.queries, { tenant, limit, before }));
    },
  };
}
