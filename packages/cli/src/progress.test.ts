import type { ScanEvent } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import type { Terminal } from "./command-line.ts";
import { progress } from "./progress.ts";

const layer = `sha256:${"0".repeat(64)}` as const;

function drawing(isTTY: boolean, columns = 120) {
  let text = "";
  let time = 0;
  const terminal: Terminal = {
    stdout: { write: () => undefined },
    stderr: { write: (part) => (text += part), isTTY, columns },
    env: {},
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  };
  const drawn = progress(terminal, true, () => time);
  return {
    drawn,
    take: (event: ScanEvent, at = time) => {
      time = at;
      drawn.onEvent?.(event);
    },
    lines: () => text.split("\r\u001b[K"),
    text: () => text,
  };
}

const opened: ScanEvent = { kind: "image-opened", name: "app", layers: 2, bytes: 100_000_000 };
const started: ScanEvent = { kind: "layer-started", layer, index: 0, size: 80_000_000 };

describe("progress on a terminal", () => {
  test("counts layers, bytes and packages, and estimates what is left", () => {
    const { take, lines } = drawing(true);

    take(opened, 0);
    take(started);
    take({ kind: "layer-progress", layer, index: 0, bytes: 40_000_000, entries: 10 }, 1_000);
    const early = lines().at(-1);
    take({ kind: "package-found", index: 0, ecosystem: "npm", name: "ms", version: "1", path: "p" }, 4_000);

    expect(early).toBe("Reading layer 1 of 2, 20.0 of 100 MB, 0 packages so far");
    expect(lines().at(-1)).toBe("Reading layer 1 of 2, 20.0 of 100 MB, 1 packages so far, about 16 s left");
  });

  test("tells the advisories while it matches, and wipes the line away at the end", () => {
    const { drawn, take, lines, text } = drawing(true);

    take(opened);
    take({ kind: "inventory-taken", packages: [] });
    drawn.advisories(69_514);
    expect(lines().at(-1)).toBe("Matching 0 packages with 69514 advisories …");
    drawn.end();
    expect(text().endsWith("\r\u001b[K")).toBe(true);
  });

  test("tells what is fetched of the advisories", () => {
    const { drawn, lines } = drawing(true);

    drawn.fetching({ ecosystems: ["Alpine", "npm"], bytes: 0 });
    expect(lines().at(-1)).toBe("Fetching advisories for Alpine, npm …");
    drawn.end();
    drawn.fetching({ ecosystems: ["Alpine", "npm"], bytes: 0 });
    expect(lines().at(-1)).toBe("Fetching advisories for Alpine, npm …");
  });

  test("never wraps a narrow line", () => {
    const { take, lines } = drawing(true, 30);

    take(opened);

    expect(lines().at(-1)?.length).toBeLessThan(30);
  });
});

test("that advisories are fetched is told once where there is no terminal", () => {
  const { drawn, text } = drawing(false);

  drawn.fetching({ ecosystems: ["Alpine"], bytes: 0 });
  drawn.fetching({ ecosystems: ["Alpine"], bytes: 1_000_000, total: 2_000_000 });

  expect(text()).toBe("Fetching advisories for Alpine …\n");
});

test("progress draws nothing where there is no terminal", () => {
  const { drawn, take, text } = drawing(false);

  take(opened);
  drawn.advisories(3);
  drawn.say("Reading …");
  drawn.end();

  expect(text()).toBe("");
});
