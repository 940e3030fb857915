import type { Actor } from "./authentication.ts";

/** JSON Schema as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The access that a caller needs. `public`: none. */
export type Access = "public" | "read" | "write" | "admin";

/** An operation of the API: its documentation, and the function that handles it. */
export interface Route {
  readonly method: "get" | "post" | "put" | "delete";
  /** As OpenAPI writes it: `/api/v1/images/{digest}`. */
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  /** Exempt from the request limits: for monitoring the service. */
  readonly unlimited?: boolean;
  /**
   * Whether calls are written to the audit log. Absent: if the operation changes something. False: no, as part of a client's ordinary work. Refused
   * calls always are.
   */
  readonly audited?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly description: string; readonly mediaTypes: readonly string[]; readonly schema: JsonSchema };
  readonly responses: Readonly<Record<number, RouteResponse>>;
  handle(call: Call): Promise<Response> | Response;
}

/** A parameter in the path or the query. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly description: string;
  readonly schema: JsonSchema;
  readonly required?: boolean;
}

/** A possible response of an operation. */
export interface RouteResponse {
  readonly description: string;
  readonly mediaTypes?: readonly string[];
  readonly schema?: JsonSchema;
}

/** One request to a route. */
export interface Call {
  readonly request: Request;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly actor: Actor;
  /** Network address of the client; empty where it is not known. */
  readonly client: string;
  /** Aborted when the client disconnects or a timeout passes. */
  readonly signal: AbortSignal;
}
