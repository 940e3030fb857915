import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { json, renderReports } from "plimsoll";
import type { Report } from "plimsoll";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cli = here("../../packages/plimsoll/bin/plimsoll.js");
const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const built = existsSync(here("../../packages/plimsoll/dist/program/main.js"));
if (executable === undefined) console.warn("no Chromium found: the scan in a browser is skipped");

describe.skipIf(executable === undefined || !built)("a scan in a browser", () => {
  let browser: Browser;
  let server: Server;
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-browser-"));
    expect(
      spawnSync(process.execPath, [here("../first-scan/first-scan.mjs")], {
        env: { ...process.env, PLIMSOLL_CACHE_DIR: folder },
      }).status,
    ).toBe(0);
    const { serve } = (await import("./serve.mjs" as string)) as { serve(): Promise<Server> };
    server = await serve();
    browser = await chromium.launch({ executablePath: executable ?? "", args: ["--no-sandbox", "--disable-gpu"] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("gives the very report that Node gives", async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

    await page.setInputFiles("#file", here("../first-scan/dist/app.tar"));
    await page.waitForFunction(
      "globalThis.report !== undefined || /not|cannot/i.test(document.querySelector('#status').textContent)",
      undefined,
      { timeout: 0 },
    );
    const status = await page.textContent("#status");
    const inBrowser: unknown = await page.evaluate("JSON.stringify(globalThis.report)");
    const output = join(folder, "report.json");
    spawnSync(process.execPath, [
      cli,
      "image",
      "--input",
      here("../first-scan/dist/app.tar"),
      "--db",
      here("../first-scan/dist/advisories.plimsoll"),
      "--scanners",
      "vuln",
      "--format",
      "json",
      "--output",
      output,
      "--no-cache",
    ]);
    // Between the two scans a day may end.
    const parsed = (text: string): unknown => JSON.parse(text.replaceAll(/\d+ days ago/g, "some days ago"));

    expect(problems).toEqual([]);
    expect(status).toMatch(/^11 findings in 11 packages/);
    const rendered = renderReports(json(), JSON.parse(String(inBrowser)) as Report);
    expect(parsed([...rendered].join(""))).toEqual(parsed(readFileSync(output, "utf8")));
    await page.close();
  });
});
