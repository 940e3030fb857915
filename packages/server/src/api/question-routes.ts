import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";
import { compareReportsInTurns, explain, failAtOrAbove, findingsOf } from "plimsoll";
import { bases, weakerThan } from "../catalog/image-key.ts";
import type { Basis } from "../catalog/image-key.ts";
import { maxTrendDays } from "../catalog/totals.ts";
import { HttpError } from "../http/http-error.ts";
import type { Call, Route } from "../http/route.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";
import { digestParameter, imageOf } from "./digest-parameter.ts";
import { imagesWith, isImagesCursor, recentChanges } from "./image-lists.ts";
import type { ImageReports } from "./image-reports.ts";
import { wholeNumber } from "./query-numbers.ts";
import { dailyTrends } from "./trends.ts";

const json = ["application/json"];
const anything = { type: "object" } as const;

/** Plimsoll's own API for questions: whether an image may run, why, where a vulnerability is, and what changed. */
export function questionRoutes(core: ServiceCore, { reportOf }: Pick<ImageReports, "reportOf">): readonly Route[] {
  const { queries } = core.database;

  const explanation: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/explain/{id}",
    operation: "explain",
    tag: "questions",
    summary: "Why a vulnerability is or is not in an image",
    access: "read",
    parameters: [
      digestParameter,
      { name: "id", in: "path", description: "CVE or any other id.", schema: { type: "string" }, required: true },
    ],
    responses: { 200: { description: "The explanation", mediaTypes: json, schema: anything } },
    async handle(call) {
      const { report: found } = await reportOf(imageOf(call), call.signal);
      return withAdvisories(core, async (lease) =>
        Response.json(
          await explain(found, call.parameters["id"] ?? "", lease === undefined ? {} : { advisories: lease.store }),
        ),
      );
    },
  };

  const gate: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/gate",
    operation: "gate",
    tag: "questions",
    summary: "Whether this digest may run; never for an image that was not scanned, or not completely",
    access: "read",
    parameters: [
      digestParameter,
      {
        name: "severity",
        in: "query",
        description: "The mildest severity that refuses.",
        schema: { enum: [...severities], default: "HIGH" },
      },
      {
        name: "basis",
        in: "query",
        description:
          "The weakest basis that is accepted. `read`: this service read the image; `layers`: a client stated which layers the image has; `client`: a client stated everything.",
        schema: { enum: [...bases], default: "client" },
      },
    ],
    responses: {
      200: {
        description: "The verdict",
        mediaTypes: json,
        schema: {
          type: "object",
          properties: {
            allowed: { type: "boolean" },
            reasons: { type: "array", items: { type: "string" } },
            basis: { enum: [...bases] },
          },
          required: ["allowed", "reasons"],
        },
      },
    },
    async handle(call) {
      const word = (call.query.get("severity") ?? "HIGH").toUpperCase();
      // To ask for any word.
      if (!(severities as readonly string[]).includes(word))
        throw new HttpError(400, `"severity" is one of ${severities.join(", ")}`);
      const weakest = call.query.get("basis") ?? "client";
      const tooWeak = weakerThan(weakest);
      if (!bases.some((known) => known === weakest)) throw new HttpError(400, `"basis" is one of ${bases.join(", ")}`);
      return Response.json(await judge(call, word as Severity, tooWeak)); // as: checked
    },
  };

  async function judge(
    call: Call,
    severity: Severity,
    tooWeak: readonly Basis[],
  ): Promise<{ readonly allowed: boolean; readonly reasons: readonly string[]; readonly basis?: Basis }> {
    try {
      const { report: found, basis } = await reportOf(imageOf(call), call.signal);
      const failures = failAtOrAbove(severity).failures(findingsOf(found));
      const reasons = [
        ...(tooWeak.includes(basis) ? [`its contents are only stated by a client (${basis})`] : []),
        ...failures.map((finding) => `${finding.id} (${finding.severity})`),
        ...found.coverage.gaps.map(({ message }) => `not wholly known: ${message}`),
      ];
      return { allowed: reasons.length === 0, reasons: [...new Set(reasons)], basis };
    } catch (error) {
      if (!(error instanceof HttpError) || error.status === 400) throw error;
      return { allowed: false, reasons: [error.message] };
    }
  }

  const diff: Route = {
    method: "get",
    path: "/api/v1/diff",
    operation: "diff",
    tag: "questions",
    summary: "Findings that were added, removed and changed between two images",
    access: "read",
    parameters: ["before", "after"].map((name) => ({ ...digestParameter, name, in: "query" as const })),
    responses: { 200: { description: "The difference", mediaTypes: json, schema: anything } },
    async handle({ query, signal, actor: { tenant } }) {
      const { report: before } = await reportOf({ tenant, digest: query.get("before") }, signal);
      const { report: after } = await reportOf({ tenant, digest: query.get("after") }, signal);
      return Response.json(await compareReportsInTurns(before, after, { signal }));
    },
  };

  const where: Route = {
    method: "get",
    path: "/api/v1/vulnerabilities/{id}",
    operation: "whereIs",
    tag: "questions",
    summary: "All images that have a vulnerability, with the packages, 250 in a page",
    access: "read",
    parameters: [
      { name: "id", in: "path", description: "CVE or advisory id.", schema: { type: "string" }, required: true },
      { name: "after", in: "query", description: "`next` of the page before.", schema: { type: "string" } },
    ],
    responses: { 200: { description: "Images", mediaTypes: json, schema: anything } },
    async handle({ parameters, query, actor }) {
      const after = query.get("after") ?? undefined;
      if (after !== undefined && !isImagesCursor(after))
        throw new HttpError(400, '"after" is not the "next" of a page');
      return Response.json(await imagesWith(queries, actor.tenant, parameters["id"] ?? "", after));
    },
  };

  const changes: Route = {
    method: "get",
    path: "/api/v1/changes",
    operation: "changes",
    tag: "questions",
    summary: "What updates of the advisories changed, newest first",
    access: "read",
    parameters: [
      {
        name: "limit",
        in: "query",
        description: "Changes.",
        schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
      },
    ],
    responses: { 200: { description: "Changes", mediaTypes: json, schema: anything } },
    handle: async ({ query, actor }) =>
      Response.json(await recentChanges(queries, actor.tenant, wholeNumber(query, "limit", 100, 1_000))),
  };

  const trends: Route = {
    method: "get",
    path: "/api/v1/trends",
    operation: "trends",
    tag: "questions",
    summary: "Day by day: images indexed, and findings that updates of the advisories added and removed",
    access: "read",
    parameters: [
      {
        name: "days",
        in: "query",
        description: "Days, the present one included.",
        schema: { type: "integer", minimum: 1, maximum: maxTrendDays, default: 30 },
      },
    ],
    responses: { 200: { description: "Days, oldest first", mediaTypes: json, schema: anything } },
    handle: async ({ query, actor: { tenant } }) =>
      Response.json(
        await dailyTrends(queries, {
          tenant,
          days: wholeNumber(query, "days", 30, maxTrendDays),
          now: core.now(),
          present: await core.totals(tenant),
        }),
      ),
  };

  return [explanation, gate, diff, where, changes, trends];
}
