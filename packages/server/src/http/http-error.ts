/** An error response in Clair's form: `{ code, message }`. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const codes: Readonly<Record<number, string>> = {
  400: "bad-request",
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  405: "method-not-allowed",
  406: "not-acceptable",
  408: "request-timeout",
  409: "conflict",
  413: "request-entity-too-large",
  415: "unsupported-media-type",
  422: "unprocessable-entity",
  429: "too-many-requests",
  500: "internal-server-error",
  501: "not-implemented",
  503: "service-unavailable",
  507: "insufficient-storage",
};

/** The error as a response. On paths of Clair's or Harbor's API it has their form and media type. */
export function errorResponse(error: HttpError, path: string): Response {
  const { status, message, headers } = error;
  const clair = /^\/(indexer|matcher|notifier)\//.test(path);
  const harbor = path.startsWith("/harbor/");
  const body = harbor ? { error: { message } } : { code: codes[status] ?? "error", message };
  const ownType = clair ? "application/vnd.clair.error.v1+json" : "application/json";
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: {
      ...headers,
      "content-type": harbor ? "application/vnd.scanner.adapter.error+json; version=1.0" : ownType,
      "x-content-type-options": "nosniff",
    },
  });
}
