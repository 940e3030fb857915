import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { serviceClient } from "./service-client.ts";
import type { ServiceClientOptions } from "./service-client.ts";

/** A service whose every request gets this answer, and the addresses that were asked. */
function service(
  answer: (signal: AbortSignal | undefined) => Promise<Response>,
  more: Partial<ServiceClientOptions> = {},
): { readonly asked: string[]; readonly client: ReturnType<typeof serviceClient> } {
  const asked: string[] = [];
  const client = serviceClient({
    address: "https://plimsoll.example",
    backoff: 0,
    ...more,
    fetch: async (input, init) => {
      asked.push(String(input));
      return answer(init?.signal ?? undefined);
    },
  });
  return { asked, client };
}

describe("a client of a service", () => {
  test("believes no other address than the service's own", async () => {
    const elsewhere = { location: "https://plimsoll.example/other" };
    const { asked, client } = service(async () => new Response(null, { status: 302, headers: elsewhere }));

    await expect(client.ask({ path: "api" }, "The answer", 100)).rejects.toThrow("redirected");
    expect(asked).toEqual(["https://plimsoll.example/api"]);
  });

  test("takes a refusal for one whose words do not come", async () => {
    const silent = new ReadableStream<Uint8Array>();
    const { asked, client } = service(async () => new Response(silent, { status: 403 }), { idleTimeout: 5 });

    await expect(client.ask({ path: "api" }, "The answer", 100)).rejects.toThrow("it answers 403");
    expect(asked).toHaveLength(1);
  });

  test("asks once what may take its time, and not by an engine that gives up earlier", async () => {
    const never = (signal: AbortSignal | undefined): Promise<Response> =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error))); // as: a timeout is one
    const { asked, client } = service(never);
    await expect(client.ask({ path: "api", timeout: 5 }, "The answer", 100)).rejects.toThrow("Cannot reach");
    expect(asked).toHaveLength(1);

    const server = createServer((_, response) => void response.end("done"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const engine = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no head of an answer in five minutes"));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // as: it listens on a port
      const { bytes } = await serviceClient({ address }).ask({ path: "api", timeout: 60_000 }, "The answer", 100);
      expect(new TextDecoder().decode(bytes)).toBe("done");
    } finally {
      engine.mockRestore();
      server.close();
    }
  });
});
