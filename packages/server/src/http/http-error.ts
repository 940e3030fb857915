/** An answer that is an error, in Clair's form: `{ code, message }`. */
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
  503: "service-unavailable",
};

/** The error as a response. Media type as Clair's, where the path is one of Clair's. */
export function errorResponse(error: HttpError, path: string): Response {
  const clair = /^\/(indexer|matcher|notifier)\//.test(path);
  const body = JSON.stringify({ code: codes[error.status] ?? "error", message: error.message });
  return new Response(`${body}\n`, {
    status: error.status,
    headers: {
      ...error.headers,
      "content-type": clair ? "application/vnd.clair.error.v1+json" : "application/json",
      "x-content-type-options": "nosniff",
    },
  });
}
