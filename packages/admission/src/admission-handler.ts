import { checkOptions, optionIs, WorkBudget, type OptionChecks } from "@plimsoll/model";
import { field, parseJson, textField } from "@plimsoll/formats";
import { decideAs, evidenceDigestOf, refuseAs } from "./decide.ts";
import type { Decision, DecideOptions, Evidence } from "./evidence.ts";
import type { VerdictCache } from "./verdict-cache.ts";

/** Options of {@link admissionHandler} and {@link admissionAnswers}. */
export interface AdmissionHandlerOptions {
  /** Gathers the evidence for one request; see `evidenceSource`. When it rejects, `onFailure` decides about the object. */
  readonly evidenceFor: (review: unknown, signal: AbortSignal) => Evidence | Promise<Evidence>;
  /**
   * Milliseconds for one request. Absent: 8000, less than the API server's 10 seconds. When the evidence is not there by then, `onFailure` decides.
   * Policies get nine tenths of the time that is left once the evidence is there; one that does not finish refuses the object, unless its failure
   * policy is `Ignore`.
   */
  readonly deadlineMs?: number | undefined;
  /** A monotonic clock in milliseconds, for the deadline of the policies. Absent: the platform's. */
  readonly clock?: (() => number) | undefined;
  /** Longest request body that is accepted, in bytes; longer ones get status 413. Absent: 10 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * What happens to an object when the evidence fails or is late. Absent: `refuse`. `admit` admits it with a warning, for clusters where
   * availability matters more. Objects that policies refuse, invalid policies and objects that cannot be evaluated are refused either way.
   */
  readonly onFailure?: "refuse" | "admit" | undefined;
  /** Caches decisions, by the digest of request and evidence; not those that an authorizer was asked for. Absent: every request is evaluated. */
  readonly cache?: VerdictCache<Decision> | undefined;
  /** As for {@link decide}. Absent: 40 changes are tried for each reason, which takes a few milliseconds. */
  readonly decide?: Pick<DecideOptions, "authorize" | "maxAttempts" | "verifyBundle"> | undefined;
}

/** The part of what is left of the deadline that policies may take. */
const shareOfPolicies = 0.9;

/** How many changes are tried for each reason. A person is waiting for `kubectl apply`. */
const attemptsInTime = 40;

/** An HTTP response of the webhook. */
export interface AdmissionAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * A webhook of `admission.k8s.io/v1` as a Fetch handler, validating and mutating. It fails closed unless `onFailure` is `admit`: whatever goes
 * wrong, the answer is an AdmissionReview that refuses the object with the reason; only requests that are not an AdmissionReview or too long get status 400 or 413.
 * @throws {TypeError} for unknown or invalid options.
 */
export function admissionHandler(options: AdmissionHandlerOptions): (request: Request) => Promise<Response> {
  checkOptions("admissionHandler", options, handlerChecks);
  const { maxBytes, answerTo, begin } = webhook(options);
  return async (request) => {
    const begun = begin();
    const text = await bodyOf(request, maxBytes);
    const { status, contentType, body } = text === undefined ? tooLong(maxBytes) : await answerTo(text, begun);
    return new Response(body, { status, headers: { "content-type": contentType } });
  };
}

/**
 * {@link admissionHandler} for servers that already have the request body as text; it takes a third of the time of the Fetch handler, whose streams
 * are slow. The caller limits how much it reads; here a text of more than `maxBytes` UTF-16 code units gets status 413.
 * @throws {TypeError} for unknown or invalid options.
 */
export function admissionAnswers(options: AdmissionHandlerOptions): (body: string) => Promise<AdmissionAnswer> {
  checkOptions("admissionAnswers", options, handlerChecks);
  const { maxBytes, answerTo, begin } = webhook(options);
  return async (body) => (body.length > maxBytes ? tooLong(maxBytes) : answerTo(body, begin()));
}

/** What the validating and the mutating webhook have in common. */
interface Webhook {
  readonly maxBytes: number;
  /** Call it when a request has come: from then on its deadline counts. */
  readonly begin: () => Deadline;
  readonly answerTo: (text: string, deadline: Deadline) => Promise<AdmissionAnswer>;
}

/** When a request is to be answered. */
interface Deadline {
  readonly milliseconds: number;
  /** A new budget for the work of all policies together, up to the deadline. */
  readonly budget: () => WorkBudget;
}

function webhook(options: AdmissionHandlerOptions): Webhook {
  const { deadlineMs = 8_000, maxBytes = 10 * 1024 * 1024, onFailure = "refuse" } = options;
  const { clock = (): number => performance.now() } = options;
  return {
    maxBytes,
    begin: () => {
      const end = clock() + deadlineMs;
      const budget = (): WorkBudget => {
        const now = clock();
        const endOfPolicies = now + (end - now) * shareOfPolicies;
        return new WorkBudget({ isOver: () => clock() >= endOfPolicies });
      };
      return { milliseconds: deadlineMs, budget };
    },
    answerTo: async (text, deadline) => {
      let review: unknown;
      try {
        review = parseJson(text);
      } catch {
        return plain(400, "the request is not JSON");
      }
      const uid = textField(field(review, "request"), "uid");
      const version = textField(review, "apiVersion");
      if (textField(review, "kind") !== "AdmissionReview" || version !== "admission.k8s.io/v1" || uid === undefined)
        return plain(400, "the request is not an AdmissionReview of admission.k8s.io/v1 with request.uid");
      const answer = await decideInTime(review, options, deadline);
      const response =
        typeof answer === "string" ? failureResponse(uid, answer, onFailure) : admissionResponse(uid, answer);
      return { status: 200, contentType: "application/json", body: JSON.stringify(response) };
    },
  };
}

const handlerChecks: OptionChecks<AdmissionHandlerOptions> = {
  evidenceFor: optionIs.call,
  deadlineMs: optionIs.count,
  clock: optionIs.call,
  maxBytes: optionIs.count,
  onFailure: optionIs.oneOf(["refuse", "admit"]),
  cache: optionIs.object,
  decide: optionIs.shape({ authorize: optionIs.call, maxAttempts: optionIs.count, verifyBundle: optionIs.call }),
};

function plain(status: number, text: string): AdmissionAnswer {
  return { status, contentType: "text/plain;charset=UTF-8", body: `${text}\n` };
}

function tooLong(maxBytes: number): AdmissionAnswer {
  return plain(413, `the request is longer than ${maxBytes} bytes`);
}

/** The AdmissionReview for a decision; for a text, one that refuses the object with that reason. */
export function admissionResponse(uid: string, answer: Decision | string): Readonly<Record<string, unknown>> {
  const refused = { allowed: false, message: String(answer), warnings: [], patches: [], auditAnnotations: {} } as const;
  const { allowed, message, patches, auditAnnotations, ...told } = typeof answer === "string" ? refused : answer;
  const warnings = told.warnings.map(inOneLine);
  const status = allowed
    ? { status: "Success", message }
    : { status: "Failure", message, reason: "Forbidden", code: 403 };
  const patch = patches.length === 0 ? {} : { patchType: "JSONPatch", patch: btoa(asciiJson(patches)) };
  const response = { uid, allowed, status, ...(warnings.length === 0 ? {} : { warnings }), auditAnnotations, ...patch };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}

/** An API server passes no warning on that has a control character, as messages of several lines have. */
function inOneLine(warning: string): string {
  return warning.replaceAll(/\s*[\p{Cc}]+\s*/gu, " ").trim();
}

function failureResponse(
  uid: string,
  reason: string,
  onFailure: "refuse" | "admit",
): Readonly<Record<string, unknown>> {
  if (onFailure === "refuse") return admissionResponse(uid, reason);
  const warnings = [`admitted without a decision: ${reason}`];
  const response = { uid, allowed: true, warnings, auditAnnotations: { decision: "none", failure: reason } };
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
  { evidenceFor, cache, decide: options }: AdmissionHandlerOptions,
  { milliseconds, budget: budgetOf }: Deadline,
): Promise<Decision | string> {
  const atDeadline = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
      atDeadline.abort();
    }, milliseconds);
  });
  const gathered = (async (): Promise<{ readonly evidence: Evidence } | string> => {
    try {
      return { evidence: await evidenceFor(review, atDeadline.signal) };
    } catch {
      return "the evidence about the images could not be gathered";
    }
  })();
  try {
    const known = (await Promise.race([gathered, late])) ?? "no decision was made within the deadline";
    if (typeof known === "string") return known;
    const { evidence } = known;
    const budget = budgetOf();
    const key = await evidenceDigestOf(review, evidence);
    const kept = cache?.get(key);
    if (kept !== undefined) return kept;
    const { authorize } = options ?? {};
    let asked = false;
    const asking: DecideOptions["authorize"] =
      authorize === undefined
        ? undefined
        : (...question) => {
            asked = true;
            return authorize(...question);
          };
    const decided = decideAs(key, review, evidence, {
      maxAttempts: attemptsInTime,
      ...options,
      authorize: asking,
      budget,
    });
    const decision = await Promise.race([decided, late]);
    // The evidence is there, so that this is no failure of it: what was not judged to the end is not let in.
    if (decision === undefined) return refuseAs(key, "the policies did not finish within the deadline");
    // Another time, there may be time for more, and an authorizer may answer otherwise.
    if (!budget.isSpent && !asked) cache?.set(key, decision);
    return decision;
  } finally {
    clearTimeout(timer);
  }
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
