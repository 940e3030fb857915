import { expect, test } from "vitest";
import { HttpError } from "./http-error.ts";
import { requestGate } from "./request-limits.ts";

function refusal(work: () => unknown): Pick<HttpError, "status" | "headers"> {
  try {
    work();
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, headers: error.headers };
    throw error;
  }
  throw new Error("nothing was refused");
}

test("a client's requests are refused beyond its rate, with when to come again, and another client's are not", () => {
  let now = 0;
  const gate = requestGate({ perMinute: 30 }, () => now);
  for (let at = 0; at < 30; at++) gate.enter("ann")();

  expect(refusal(() => gate.enter("ann"))).toEqual({ status: 429, headers: { "retry-after": "2" } });
  gate.enter("ben")();
  now += 2_000;
  gate.enter("ann")();
  expect(refusal(() => gate.enter("ann")).status).toBe(429);
  now += 3_600_000;
  for (let at = 0; at < 30; at++) gate.enter("ann")();
  expect(refusal(() => gate.enter("ann")).status).toBe(429);
});

test("places are counted, by client and in all, and come back once", () => {
  const gate = requestGate({ concurrent: 3, concurrentPerClient: 2 });
  const leave = gate.enter("ann");
  gate.enter("ann");

  expect(refusal(() => gate.enter("ann"))).toEqual({ status: 429, headers: { "retry-after": "1" } });
  gate.enter("ben");
  expect(refusal(() => gate.enter("cleo")).status).toBe(503);
  leave();
  leave();
  gate.enter("cleo");
  expect(refusal(() => gate.enter("dan")).status).toBe(503);
});

test("what is remembered of clients is bounded", () => {
  const gate = requestGate({ perMinute: 1 }, () => 0);
  gate.enter("first")();
  expect(refusal(() => gate.enter("first")).status).toBe(429);

  for (let at = 0; at < 10_000; at++) gate.enter(`client ${at}`)();

  // Forgotten, so that it may again.
  gate.enter("first")();
});
