import { memoryCache } from "@plimsoll/inventory";
import { expect, test } from "vitest";
import { layerResultsIn } from "../indexing/layer-results.ts";
import type { ServiceCore } from "../service-core.ts";
import type { Actor } from "../http/authentication.ts";
import { clientRoutes } from "./client-routes.ts";

test("many results of layers are asked for before their turn, and answered in the order of their keys", async () => {
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  const cache = {
    ...memoryCache(),
    get: (key: string) =>
      new Promise<Uint8Array>((resolve) => {
        asked.push(key);
        waiting.push(() => resolve(new TextEncoder().encode(key.slice(-1))));
      }),
  };
  const route = clientRoutes({ results: layerResultsIn(cache) } as unknown as ServiceCore).find(
    ({ operation }) => operation === "getLayerResults",
  ); // as: what the route uses of it
  const request = new Request("http://service/api/v1/layer-results", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ keys: ["a", "b", "c", "d", "e", "f"] }),
  });
  const actor = { credential: "c", name: "", tenant: "" } as unknown as Actor; // as: what the route uses of it

  const response = await route?.handle({
    request,
    parameters: {},
    query: new URLSearchParams(),
    actor,
    client: "",
    signal: request.signal,
  });
  let isTold = false;
  const body = response?.bytes().finally(() => (isTold = true));
  while (asked.length < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  while (!isTold) {
    // The last that was asked for comes first.
    for (const answer of waiting.splice(0).reverse()) answer();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }

  const told = await body;
  expect(new TextDecoder().decode(told?.filter((byte) => byte > 1))).toBe("abcdef");
});
