import { field, parseJson, textField } from "@plimsoll/formats";
import { decide } from "./decide.ts";
import type { Decision, Evidence } from "./decide.ts";

/** How {@link admissionHandler} answers. */
export interface AdmissionHandlerOptions {
  /** Gathers what is known; a failure refuses the object. */
  readonly evidenceFor: (review: unknown, signal: AbortSignal) => Evidence | Promise<Evidence>;
  /** Milliseconds until an object is refused because the evidence did not come. Absent: 8000, less than the API server's 10 seconds. */
  readonly deadlineMs?: number | undefined;
  /** Longer requests are refused unread, in bytes. Absent: 10 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * A webhook of `admission.k8s.io/v1` as a Fetch handler. It fails closed: whatever goes wrong, the answer is an AdmissionReview that refuses the
 * object with the reason; only requests that are no AdmissionReview get status 400 or 413.
 */
export function admissionHandler(options: AdmissionHandlerOptions): (request: Request) => Promise<Response> {
  const { evidenceFor, deadlineMs = 8_000, maxBytes = 10 * 1024 * 1024 } = options;
  return async (request) => {
    const text = await bodyOf(request, maxBytes);
    if (text === undefined) return new Response(`the request is longer than ${maxBytes} bytes\n`, { status: 413 });
    let review: unknown;
    try {
      review = parseJson(text);
    } catch {
      return new Response("the request is not JSON\n", { status: 400 });
    }
    const uid = textField(field(review, "request"), "uid");
    const version = textField(review, "apiVersion");
    if (textField(review, "kind") !== "AdmissionReview" || version !== "admission.k8s.io/v1" || uid === undefined) {
      return new Response("the request is not an AdmissionReview of admission.k8s.io/v1 with request.uid\n", {
        status: 400,
      });
    }
    const signal = AbortSignal.timeout(deadlineMs);
    const answer = await decideInTime(review, evidenceFor, signal);
    return Response.json(admissionResponse(uid, answer));
  };
}

/** The AdmissionReview that says a decision, or the reason why none could be made, which refuses. */
export function admissionResponse(uid: string, answer: Decision | string): Readonly<Record<string, unknown>> {
  const refused = { allowed: false, message: String(answer), warnings: [], patches: [], auditAnnotations: {} } as const;
  const { allowed, message, warnings, patches, auditAnnotations } = typeof answer === "string" ? refused : answer;
  const status = allowed
    ? { status: "Success", message }
    : { status: "Failure", message, reason: "Forbidden", code: 403 };
  const patch = patches.length === 0 ? {} : { patchType: "JSONPatch", patch: btoa(asciiJson(patches)) };
  const response = { uid, allowed, status, ...(warnings.length === 0 ? {} : { warnings }), auditAnnotations, ...patch };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}

/** JSON without characters that base64 of the platform refuses. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function decideInTime(
  review: unknown,
  evidenceFor: AdmissionHandlerOptions["evidenceFor"],
  signal: AbortSignal,
): Promise<Decision | string> {
  const late = new Promise<string>((resolve) => {
    signal.addEventListener("abort", () => resolve("no decision was made within the deadline"), { once: true });
  });
  const decided = (async (): Promise<Decision | string> => {
    try {
      return await decide(review, await evidenceFor(review, signal));
    } catch {
      return "what is known of the images could not be gathered";
    }
  })();
  return Promise.race([decided, late]);
}

/** The body as text; undefined where it is longer than allowed. */
async function bodyOf(request: Request, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
