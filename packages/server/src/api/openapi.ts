import { tool } from "plimsoll";
import type { Route, RouteResponse } from "../http/route.ts";

/** The OpenAPI 3.1 document, generated from the routes themselves. */
export function openApiDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operationOf(route);
  return {
    openapi: "3.1.0",
    info: {
      title: "Plimsoll",
      version: tool.version,
      description:
        "Indexes container images once, and matches them again whenever advisories change. The paths under /indexer, /matcher and /notifier are Clair's.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A token of this service, or a JSON Web Token signed with the shared key.",
        },
      },
      schemas: {
        Error: {
          type: "object",
          properties: { code: { type: "string" }, message: { type: "string" } },
          required: ["message"],
        },
      },
    },
  };
}

function operationOf(route: Route): object {
  const { body, parameters = [] } = route;
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    security: route.access === "public" ? [] : [{ bearer: [] }],
    ...(parameters.length === 0
      ? {}
      : { parameters: parameters.map(({ required = false, ...parameter }) => ({ ...parameter, required })) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            description: body.description,
            required: true,
            content: contentOf(body),
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [status, responseOf(response)]),
      ),
      default: {
        description: "What went wrong",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function responseOf(response: RouteResponse): object {
  return {
    description: response.description,
    ...(response.schema === undefined ? {} : { content: contentOf(response) }),
  };
}

function contentOf({
  mediaTypes = ["application/json"],
  schema,
}: Pick<RouteResponse, "mediaTypes" | "schema">): object {
  return Object.fromEntries(mediaTypes.map((type) => [type, { schema: schema ?? {} }]));
}

/** The route that serves the OpenAPI document. */
export function openApiRoute(routes: readonly Route[]): Route {
  const own: Route = {
    method: "get",
    path: "/openapi.json",
    operation: "openapi",
    tag: "operation",
    summary: "This document",
    access: "public",
    responses: { 200: { description: "OpenAPI 3.1", mediaTypes: ["application/json"], schema: { type: "object" } } },
    handle: () => Response.json(openApiDocument([...routes, own])),
  };
  return own;
}
