import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { clairClient } from "./clair-client.ts";

test("waits for ten minutes until Clair has indexed an image, and has it indexed once", async () => {
  let asked = 0;
  let finish: (() => void) | undefined;
  const server = createServer((_, response) => {
    asked++;
    finish = () => void response.end(JSON.stringify({ success: true }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // as: it listens on a port
    const client = clairClient(address, {}, () => "2026-01-01T00:00:00Z");
    const indexing = client.index({ hash: `sha256:${"0".repeat(64)}`, layers: [] }, {});
    await vi.waitUntil(() => finish !== undefined);
    await vi.advanceTimersByTimeAsync(600_000);
    finish?.();

    await indexing;
    expect(asked).toBe(1);
  } finally {
    vi.useRealTimers();
    server.close();
  }
});
