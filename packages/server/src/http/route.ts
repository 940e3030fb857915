import type { Actor } from "./authentication.ts";

/** JSON Schema as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a caller must be allowed to. `public`: anybody is. */
export type Access = "public" | "read" | "write" | "admin";

/** An operation of the API: what the documentation says of it, and what does it. */
export interface Route {
  readonly method: "get" | "post" | "put" | "delete";
  /** As OpenAPI writes it: `/api/v1/images/{digest}`. */
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  /** Answered whatever else there is to do, and to whoever asks how often: what watches the service. */
  readonly unlimited?: boolean;
  /** Whether the audit log has it whatever its access says; absent: what changes something. False: part of a client's ordinary work. */
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

/** A kind of answer. */
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
  /** Address of who asks; empty where it is not known. */
  readonly client: string;
  /** Aborted when the client leaves or the time is up. */
  readonly signal: AbortSignal;
}
