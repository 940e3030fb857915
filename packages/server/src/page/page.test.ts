import { existsSync } from "node:fs";
import { memoryCache } from "@plimsoll/inventory";
import type { AdvisoryStore } from "@plimsoll/model";
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { serve } from "../serve.ts";

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (executable === undefined) console.warn("no browser is installed: the service's pages are not looked at in one");

/** What axe found that people cannot get past, by its own grades. */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly object[];
  }[];
}

describe.skipIf(executable === undefined)("the pages in a real browser", () => {
  const stop = new AbortController();
  let host: LayerHost;
  let serving: Promise<void>;
  let browser: Browser;
  let page: Page;
  let url = "";
  let digest = "";
  const refused: string[] = [];

  beforeAll(async () => {
    let now = "2026-01-01T12:00:00Z";
    host = await layerHost();
    let store: AdvisoryStore = alpineStore([{ cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" }]);
    await new Promise<void>((resolve, reject) => {
      serving = serve({
        listen: "127.0.0.1:0",
        database: "memory:",
        advisories: () => Promise.resolve(store),
        cache: memoryCache(),
        allowLayerHosts: ["127.0.0.1"],
        signal: stop.signal,
        now: () => new Date(now),
        onListening: (at) => {
          url = at;
          resolve();
        },
      });
      serving.catch(reject);
    });
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0", openssl: "3.3.0-r2" })]);
    digest = manifest.hash;
    await fetch(new URL("/indexer/api/v1/index_report", url), { method: "POST", body: JSON.stringify(manifest) });
    store = alpineStore([
      { cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" },
      { cve: "CVE-2024-0002", name: "openssl", severity: "CRITICAL" },
    ]);
    now = "2026-01-02T12:00:00Z";
    await fetch(new URL("/api/v1/rematch", url), { method: "POST" });
    let changes = "";
    while (!changes.includes("CVE-2024-0002")) changes = await (await fetch(new URL("/api/v1/changes", url))).text();
    now = "2026-01-03T06:00:00Z";
    browser = await chromium.launch({ executablePath: executable ?? "", args: ["--no-sandbox"] });
    // Axe is put into the page by the test; the pages themselves allow no script.
    page = await browser.newPage({ bypassCSP: true });
    page.on("console", (message) => void (message.type() === "error" && refused.push(message.text())));
  });

  afterAll(async () => {
    await browser.close();
    stop.abort();
    await serving;
    await host.close();
  });

  const pages = (): readonly string[] => [
    "/",
    `/images/${digest}`,
    `/images/${digest}/explain/CVE-2024-0001`,
    "/changes",
    "/trends",
    "/vulnerabilities",
    "/vulnerabilities?id=CVE-2024-0002",
    "/vulnerabilities?id=CVE-1999-0001",
    `/images/sha256:${"0".repeat(64)}`,
    "/docs",
  ];

  test.each([
    ["light", 1280],
    ["dark", 360],
  ] as const)("have nothing that axe calls serious, in %s on a screen of %d", async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const found: string[] = [];
    for (const path of pages()) {
      await page.goto(new URL(path, url).href);
      await page.addScriptTag({ content: axe.source });
      const { violations } = (await page.evaluate("axe.run()")) as AxeResults; // as: axe's own answer
      found.push(
        ...violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id }) => `${path}: ${id}`),
      );
      const [scrolled, shown, inner] = (await page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth, innerWidth]",
      )) as readonly number[]; // as: three numbers
      expect([scrolled, shown, inner], path).toEqual([width, width, width]);
    }

    expect(found).toEqual([]);
  });

  test("are used with the keyboard alone, from the list of images to why a finding is there", async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(url);
    const focused = (): Promise<unknown> => page.evaluate("document.activeElement.textContent.trim()");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("content");

    const follow = async (text: string): Promise<void> => {
      for (let presses = 0; presses < 30 && !String(await focused()).startsWith(text); presses++)
        await page.keyboard.press("Tab");
      expect(await focused()).toContain(text);
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    };
    await follow(digest);
    expect(await page.textContent("caption")).toContain("2 vulnerabilities");
    await follow("CVE-2024-0001");
    expect(await page.textContent("pre")).toContain("musl");

    await follow("Where is a vulnerability?");
    for (let presses = 0; presses < 30 && (await page.evaluate("document.activeElement.id")) !== "id"; presses++)
      await page.keyboard.press("Tab");
    await page.keyboard.type("CVE-2024-0002");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(await page.textContent("table")).toContain("openssl");
    await follow("What changed");
    expect(await page.textContent("table")).toContain("CVE-2024-0002");
  });

  test("show what became of findings, in a picture, in words and in a table", async () => {
    const said = async (path: string): Promise<readonly (string | null)[]> => {
      await page.goto(new URL(path, url).href);
      const pictures = await page.locator("svg:has(polyline)").all();
      return Promise.all(pictures.map((picture) => picture.getAttribute("aria-label")));
    };

    expect(await said(`/images/${digest}`)).toEqual([
      "Findings in 30 days, each package counted once: 1 on 2026-01-01, 2 on 2026-01-03; at most 2",
    ]);
    expect(await page.locator("table").nth(1).textContent()).toMatch(/2026-01-02\s*1\s*0\s*2/);
    expect(await said("/trends")).toEqual([
      "Findings: 2 on 2026-01-02, 2 on 2026-01-03; at most 2",
      "Images: 1 on 2026-01-02, 1 on 2026-01-03; at most 1",
    ]);
    expect(await page.textContent("table")).toMatch(/2026-01-02\s*0\s*1\s*1\s*0\s*1\s*2/);
  });

  test("load nothing else, and run no script", async () => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    for (const path of pages()) await page.goto(new URL(path, url).href);

    expect(asked.filter((address) => !pages().some((path) => address === new URL(path, url).href))).toEqual([]);
    expect(await page.locator("script").count()).toBe(0);
    expect(refused.filter((text) => !text.includes("404"))).toEqual([]);
  });
});
