import { npm } from "@plimsoll/ecosystems";
import { memoryStore } from "@plimsoll/advisories";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { scanEvents } from "./index.ts";

const source = literalImage({
  layers: [
    { "srv/node_modules/ms/package.json": '{"name":"ms","version":"2.0.0"}' },
    { "srv/node_modules/qs/package.json": '{"name":"qs","version":"6.5.0"}' },
  ],
});
const options = { ecosystems: [npm], advisories: memoryStore([]) };

describe("a scan that is followed", () => {
  test("tells what happens and gives the report last", async () => {
    const kinds: string[] = [];
    let packages = 0;
    for await (const event of scanEvents(source, options)) {
      kinds.push(event.kind);
      if (event.kind === "report") packages = event.report.packages.length;
    }

    expect(kinds[0]).toBe("image-opened");
    expect(kinds.filter((kind) => kind === "package-found")).toHaveLength(2);
    expect(kinds.at(-1)).toBe("report");
    expect(packages).toBe(2);
  });

  test("stops when nobody follows it any more", async () => {
    let signal: AbortSignal | undefined;
    const watched = {
      label: source.label,
      open: (open: { signal?: AbortSignal | undefined } = {}) => {
        signal = open.signal;
        return source.open(open);
      },
    };
    for await (const event of scanEvents(watched, options)) if (event.kind === "image-opened") break;

    expect(signal?.aborted).toBe(true);
  });

  test("throws what the scan throws", async () => {
    const broken = { label: "broken", open: () => Promise.reject(new Error("no such image")) };

    await expect(scanEvents(broken, options).next()).rejects.toThrow("no such image");
  });

  test("throws the reason of its own signal", async () => {
    const scan = scanEvents(source, { ...options, signal: AbortSignal.abort(new Error("enough")) });

    await expect(scan.next()).rejects.toThrow("enough");
  });
});
