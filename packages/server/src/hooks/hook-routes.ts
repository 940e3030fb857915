import { jsonIn, record } from "@plimsoll/formats";
import { createHmac, timingSafeEqual } from "node:crypto";
import { ScanError } from "@plimsoll/model";
import { HttpError } from "../http/http-error.ts";
import { authorize } from "../http/authentication.ts";
import { readBytes } from "../http/request-body.ts";
import type { Route } from "../http/route.ts";
import { requestScan } from "../scans/scan.ts";
import type { ServiceCore } from "../service-core.ts";
import { acr } from "./acr.ts";
import { distribution } from "./distribution.ts";
import { dockerHub } from "./docker-hub.ts";
import { ecr } from "./ecr.ts";
import { gcr } from "./gcr.ts";
import { github } from "./github.ts";
import { harbor } from "./harbor.ts";
import type { HookDialect } from "./push.ts";
import { quay } from "./quay.ts";

/** The kinds of registry webhooks that are understood. */
export const hookDialects: readonly HookDialect[] = [distribution, dockerHub, harbor, quay, github, acr, ecr, gcr];

/** The most images of one message that are scanned. */
const maxPushes = 100;

/**
 * Routes that receive registries' webhooks about pushed images; each image is then scanned. A registry authenticates with a token that has write
 * access, in `Authorization` or as a password in the URL; GitHub, which can do neither, signs with `secret`.
 */
export function hookRoutes(core: ServiceCore, secret: Uint8Array | undefined, maxBodyBytes: number): readonly Route[] {
  return hookDialects.map((dialect) => ({
    method: "post",
    path: `/api/v1/hooks/${dialect.id}`,
    operation: `hook-${dialect.id}`,
    tag: "scans",
    summary: `Webhook of ${dialect.id}: scan each pushed image`,
    access: "public",
    audited: true,
    body: {
      description: "The webhook's own.",
      mediaTypes: ["application/json", "application/vnd.docker.distribution.events.v1+json"],
      schema: { type: "object" },
    },
    responses: {
      202: {
        description: "Ids of the scans, and the references that were refused",
        mediaTypes: ["application/json"],
        schema: {
          type: "object",
          properties: {
            scans: { type: "array", items: { type: "string" } },
            refused: { type: "array", items: { type: "string" } },
          },
          required: ["scans", "refused"],
        },
      },
    },
    async handle({ request, actor }) {
      const signature = request.headers.get("x-hub-signature-256");
      const signed = signature !== null && secret !== undefined && !actor.may.has("write");
      // Only who may write is read at length; a signature can be looked at when all is there.
      if (!signed) authorize(actor, "write");
      const bytes = await readBytes(request, maxBodyBytes);
      if (signed && !isSignedWith(secret, bytes, signature)) throw new HttpError(401, "the signature is wrong");
      const pushes = dialect.read(parse(bytes));
      if (pushes === undefined) throw new HttpError(422, `that is no webhook of ${dialect.id}`);
      const scans: string[] = [];
      const refused = pushes.slice(maxPushes).map(({ reference }) => `${reference}: too many in one message`);
      for (const { reference } of pushes.slice(0, maxPushes)) {
        try {
          scans.push(await requestScan(core, { tenant: actor.tenant, reference, source: dialect.id }));
        } catch (error) {
          if (!(error instanceof ScanError)) throw error;
          refused.push(error.message);
        }
      }
      return Response.json({ scans, refused }, { status: 202 });
    },
  }));
}

/** @throws HttpError 400 */
function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = record(jsonIn(bytes));
  if (value === undefined) throw new HttpError(400, "the body is no JSON object");
  return value;
}

/** GitHub's way of signing: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
function isSignedWith(secret: Uint8Array, bytes: Uint8Array, signature: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`);
  const actual = Buffer.from(signature);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
