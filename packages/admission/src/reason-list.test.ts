import { expect, test } from "vitest";
import { decide } from "./index.ts";

const pod = (containers: number): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "app", namespace: "shop" },
  spec: {
    containers: Array.from({ length: containers }, (_, at) => ({
      name: `c${at}`,
      image: `registry.example/app:${at}`,
      securityContext: { privileged: true },
    })),
  },
});

test("reasons of one policy are told up to a thousand, and the others counted", async () => {
  const gate = { severity: "HIGH" } as const;
  const { allowed, reasons } = await decide(pod(1_500), { policies: [], gate }, { maxAttempts: 0 });

  expect(allowed).toBe(false);
  expect(reasons).toHaveLength(1_001);
  expect(reasons.at(-1)).toMatchObject({ policy: "gate HIGH", fact: "500 more violations are not listed" });
});

test("checks that many containers break look for no change that takes long", async () => {
  const checks = { ids: ["KSV-0017"] };
  const { reasons } = await decide(pod(300), { policies: [], checks }, { maxAttempts: 40 });

  expect(reasons).toHaveLength(300);
  expect(reasons[0]?.flip).toBeDefined();
});
