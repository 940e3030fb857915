import { admissionHandler, evidenceSource, preparePolicies } from "@plimsoll/admission";
import type { PreparedPolicies } from "@plimsoll/admission";
import { severities } from "@plimsoll/model";
import type { Report, ReportStore, Severity } from "@plimsoll/model";
import { bases, weakerThan } from "../catalog/image-key.ts";
import type { Basis } from "../catalog/image-key.ts";
import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/route.ts";
import type { ServiceCore } from "../service-core.ts";
import type { ImageReports } from "./image-reports.ts";

/** Policies that every object is evaluated by, beside the gate: parsed documents of Kubernetes, Gatekeeper or Kritis policies. */
export interface AdmissionOptions {
  readonly policies?: readonly unknown[] | undefined;
}

/** A Kubernetes admission webhook that uses the reports of this service: `POST /api/v1/admission`. */
export function admissionRoute(
  core: ServiceCore,
  reports: ImageReports,
  { policies = [] }: AdmissionOptions = {},
): Route {
  let prepared: Promise<PreparedPolicies> | undefined;
  return {
    method: "post",
    path: "/api/v1/admission",
    operation: "admission",
    tag: "questions",
    summary: "Decide an AdmissionReview by the reports of this service; an image that was not scanned is refused",
    access: "read",
    parameters: [
      {
        name: "severity",
        in: "query",
        description: "The mildest severity that refuses.",
        schema: { enum: [...severities], default: "HIGH" },
      },
      {
        name: "basis",
        in: "query",
        description: "The weakest basis that is accepted, as for the gate.",
        schema: { enum: [...bases], default: "client" },
      },
    ],
    body: {
      description: "An AdmissionReview of admission.k8s.io/v1.",
      mediaTypes: ["application/json"],
      schema: { type: "object" },
    },
    responses: {
      200: { description: "The review with a response", mediaTypes: ["application/json"], schema: { type: "object" } },
    },
    async handle({ request, query, actor: { tenant } }) {
      const severity = (query.get("severity") ?? "HIGH").toUpperCase();
      const basis = query.get("basis") ?? "client";
      // To ask for any word.
      if (!(severities as readonly string[]).includes(severity))
        throw new HttpError(400, `"severity" is one of ${severities.join(", ")}`);
      if (!bases.some((known) => known === basis)) throw new HttpError(400, `"basis" is one of ${bases.join(", ")}`);
      const evidenceFor = evidenceSource({
        known: {
          policies: await (prepared ??= preparePolicies(policies)),
          gate: { severity: severity as Severity }, // as: checked
        },
        reports: reportsOf(reports, tenant, weakerThan(basis)),
        now: () => `${core.now().toISOString().slice(0, 16)}:00Z`,
      });
      return admissionHandler({ evidenceFor })(request);
    },
  };
}

/** The reports of one tenant's images; those that stand on a word that does not count are none. */
function reportsOf(reports: ImageReports, tenant: string, tooWeak: readonly Basis[]): ReportStore {
  return {
    label: "the service",
    async get(digest, { signal = new AbortController().signal } = {}): Promise<Report | undefined> {
      try {
        const { report, basis } = await reports.reportOf({ tenant, digest }, signal);
        return tooWeak.includes(basis) ? undefined : report;
      } catch (error) {
        // Never scanned, not wholly indexed: there is no report, and the gate refuses what has none.
        if (error instanceof HttpError && [404, 409, 422].includes(error.status)) return undefined;
        throw error;
      }
    },
    put: () => Promise.resolve(),
  };
}
