import { describe, expect, test } from "vitest";
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
});
