import { expect, test } from "vitest";
import { bodyOf, readBytes } from "./request-body.ts";

function sending(
  chunks: readonly string[],
  ended: boolean,
): { readonly request: Request; readonly left: () => boolean } {
  let left = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      if (ended) controller.close();
    },
    cancel() {
      left = true;
    },
  });
  const init = { method: "POST", body, duplex: "half" };
  return { request: new Request("http://service/", init), left: () => left };
}

test("a body that stops coming is left with 408", async () => {
  const { request, left } = sending(["half"], false);

  await expect(readBytes(request, 100, { silence: 10 })).rejects.toMatchObject({ status: 408 });
  expect(left()).toBe(true);
});

test("a body that comes without end is left when its time is up", async () => {
  const { request } = sending(["half"], false);

  await expect(readBytes(request, 100, { silence: 60_000, total: 10 })).rejects.toMatchObject({ status: 408 });
});

test("a body is read to its end, and not beyond its limit", async () => {
  expect(new TextDecoder().decode(await readBytes(sending(["one", "two"], true).request, 6))).toBe("onetwo");
  await expect(readBytes(sending(["one", "two"], true).request, 5)).rejects.toMatchObject({ status: 413 });
  const read = async (): Promise<void> => {
    for await (const _ of bodyOf(sending(["one", "two"], true).request, 5));
  };
  await expect(read()).rejects.toMatchObject({ status: 413 });
});
