import { currentRevision } from "../catalog/store-inventory.ts";
import type { ServiceCore } from "../service-core.ts";
import type { Route } from "./route.ts";

const state = {
  type: "object",
  properties: { status: { enum: ["ok", "degraded", "unavailable"] } },
  required: ["status"],
} as const;

/** The liveness and readiness routes. */
export function healthRoutes(core: ServiceCore): readonly Route[] {
  const health: Route = {
    method: "get",
    path: "/healthz",
    operation: "health",
    tag: "operation",
    summary: "Whether the process is alive",
    access: "public",
    unlimited: true,
    responses: { 200: { description: "It is", mediaTypes: ["application/json"], schema: state } },
    handle: () => Response.json({ status: "ok" }),
  };
  const readiness: Route = {
    method: "get",
    path: "/readyz",
    operation: "readiness",
    tag: "operation",
    summary: "Whether the database answers and has room, and with which advisories findings are made",
    access: "public",
    unlimited: true,
    responses: {
      200: {
        description: "Requests can be answered",
        mediaTypes: ["application/json"],
        schema: {
          ...state,
          properties: { ...state.properties, advisories: { type: "string" }, problem: { type: "string" } },
        },
      },
      503: { description: "Requests cannot be answered", mediaTypes: ["application/json"], schema: state },
    },
    async handle() {
      try {
        const advisories = await currentRevision(core.database.queries);
        // What is known is still answered.
        if (core.disk.isFull())
          return Response.json({
            status: "degraded",
            problem: "a disk is full: nothing new can be stored",
            advisories,
          });
        return Response.json({ status: "ok", advisories });
      } catch {
        return Response.json({ status: "unavailable" }, { status: 503 });
      }
    },
  };
  return [health, readiness];
}
