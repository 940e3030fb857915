import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { digests, mutatingPolicies, reviewPolicies } from "./fixtures/review-policies.ts";
import { admissionHandler, preparePolicies } from "./index.ts";

// Reviews as an API server of 1.20 sent them, and some of later ones with all that these write; see fixtures/README.md.

interface Row {
  readonly what: string;
  readonly allowed: boolean;
  readonly review: { readonly request: Readonly<Record<string, unknown>> };
}

interface RecordedRow extends Row {
  readonly asked: "mutate" | "validate";
}

const rowsOf = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
const written = rowsOf("admission-reviews") as readonly Row[]; // as: the file is ours
const recorded = rowsOf("recorded-reviews") as readonly RecordedRow[]; // as: the file is ours

const policies = await preparePolicies(reviewPolicies);
const mutating = await preparePolicies(mutatingPolicies);
const handlers = {
  validate: admissionHandler({ evidenceFor: () => ({ policies }) }),
  mutate: admissionHandler({ evidenceFor: () => ({ policies: mutating, digests }) }),
};

async function answerTo(review: Row["review"], asked: RecordedRow["asked"]): Promise<unknown> {
  const response = await handlers[asked](
    new Request("https://webhook/", { method: "POST", body: JSON.stringify(review) }),
  );
  expect(response.status).toBe(200);
  return response.json();
}

const answer = ({ allowed, review }: Row): object => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  response: { uid: review.request["uid"], allowed },
});

describe("reviews with all that API servers write", () => {
  test.each(written)("$what", async (row) => {
    expect(await answerTo(row.review, "validate")).toMatchObject(answer(row));
  });
});

describe("reviews that an API server sent", () => {
  test.each(recorded)("$what, to $asked", async (row) => {
    expect(await answerTo(row.review, row.asked)).toMatchObject(answer(row));
  });

  test("are changed in the namespace of the request, which objects do not name before they are stored", async () => {
    const created = recorded.filter(
      ({ asked, review: { request } }) => asked === "mutate" && request["operation"] === "CREATE",
    );
    expect(created.length).toBeGreaterThan(3);
    for (const { review, asked } of created) {
      const { response } = (await answerTo(review, asked)) as { readonly response: { readonly patch: string } }; // as: it is ours
      const object = review.request["object"] as { readonly metadata: object }; // as: an API server sent it

      expect(object.metadata).not.toHaveProperty("namespace");
      expect(atob(response.patch)).toMatch(/zone".*"shop"/);
      expect(atob(response.patch)).toContain(digests["registry.example/app:1"]);
      expect(atob(response.patch)).not.toContain("/metadata/namespace");
    }
  });
});
