import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { signalAfter } from "./deadline.ts";

describe("a signal that aborts after a time", () => {
  test("does so although garbage is collected meanwhile", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const aborted = new Promise((resolve) => {
      const signal = signalAfter(100, new AbortController().signal);
      signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
    });
    const collecting = setInterval(collect, 10);
    const reason = await aborted;
    clearInterval(collecting);

    expect(reason).toMatchObject({ name: "TimeoutError" });
  });

  test("or as soon as another does, for that one's reason", () => {
    const other = new AbortController();
    const signal = signalAfter(60_000, undefined, other.signal);

    expect(signal.aborted).toBe(false);
    other.abort(new Error("enough"));
    expect(signal.reason).toEqual(new Error("enough"));
  });

  test("alone, too", () => {
    expect(signalAfter(60_000, undefined).aborted).toBe(false);
  });
});
