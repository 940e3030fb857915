import { existsSync } from "node:fs";
import type { Vulnerability, Report } from "@plimsoll/model";
import {
  emptyReport,
  everyKindReport,
  hostileReport,
  hostileTexts,
  sampleReport,
  testReporter,
} from "@plimsoll/testkit";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { html } from "./index.ts";

const render = (report: Report = sampleReport): string => [...html().render(report)].join("");

/** The page as a parser that knows no JavaScript sees it: scripts and styles taken out. */
function markupOf(text: string): string {
  return text.replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, "");
}

const allowed = new Set(
  "a body button caption circle code dd details div dl dt fieldset figcaption figure footer form h1 h2 head header html input label legend li link main meta nav noscript ol option p rect section select span strong summary svg table tbody td text th thead title tr ul".split(
    " ",
  ),
);

testReporter(html(), {
  validate: (text) => {
    expect(text.match(/<script/g)).toHaveLength(2);
    const tags = [...markupOf(text).matchAll(/<([a-z0-9]+)/gi)].map(([, name = ""]) => name);
    expect(tags.filter((name) => !allowed.has(name))).toEqual([]);
    expect(markupOf(text)).not.toMatch(/<[^>]*\s(?:on[a-z]+|src|style|href="(?!#main))=/i);
    expect(text).toMatch(/http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
  },
});

test("each note of an explanation is a sentence of its own", () => {
  const [first] = sampleReport.vulnerabilities ?? [];
  if (first === undefined) throw new Error("the sample has no findings");
  const noted = { ...first, explanation: { ...first.explanation, notes: ["One says so", "Another does not"] } };

  expect(render({ ...sampleReport, vulnerabilities: [noted] })).toContain("One says so. Another does not.");
});

test("the verdict is calm only where nothing was found, and no score is made up", () => {
  const verdictOf = (report: Report): string => /class="(verdict[^"]*)"/.exec(render(report))?.[1] ?? "";
  const [first, second, third] = sampleReport.vulnerabilities ?? [];
  const scores = [...render().matchAll(/"score":(-?[\d.]+),"ratings"/g)].map(([, score]) => Number(score));

  expect(verdictOf(sampleReport)).toBe("verdict worst");
  expect(verdictOf({ ...sampleReport, vulnerabilities: [second ?? first].filter((one) => one !== undefined) })).toBe(
    "verdict found",
  );
  expect(verdictOf(emptyReport)).toBe("verdict");
  expect(third?.cvss).toEqual([]);
  expect(scores).toEqual([9.1, 5.5, -1]);
});

/** As many findings as the worst images have. */
function bigReport(count: number): Report {
  const [first] = sampleReport.vulnerabilities ?? [];
  if (first === undefined) throw new Error("the sample has findings");
  const levels = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "NEGLIGIBLE"] as const;
  const { fixedVersion: _, ...unfixed } = first;
  const findings = Array.from({ length: count }, (__, index): Vulnerability => ({
    ...(index % 3 === 0 ? unfixed : first),
    id: `CVE-2024-${10_000 + index}`,
    severity: levels[index % 5] ?? "UNKNOWN",
    title: `Something about number ${index}`,
  }));
  return { ...sampleReport, vulnerabilities: findings };
}

describe("without scripts", () => {
  const plain = (report: Report): string => /<noscript>([^]*?)<\/noscript>/.exec(markupOf(render(report)))?.[1] ?? "";

  test("every finding is in the page with its package, fix and layer", () => {
    const [first] = sampleReport.vulnerabilities ?? [];
    const rows = [...plain(sampleReport).matchAll(/<tr><td [^]*?<\/tr>/g)].map(([row]) => row);
    expect(rows).toHaveLength(sampleReport.vulnerabilities?.length ?? 0);
    const row = rows.find((text) => text.includes(first?.id ?? "-")) ?? "";
    for (const text of [first?.package.name, first?.package.version, first?.fixedVersion])
      expect(row).toMatch(new RegExp(`<td data-label="\\w+">${text?.replaceAll(".", "\\.") ?? "-"}</td>`));
  });

  test("more than a reader pages through are counted, and nothing hostile is markup", () => {
    expect(plain(bigReport(2_500))).toContain("and 500 more");
    for (const text of hostileTexts)
      expect(plain(hostileReport(text))).not.toMatch(/<(?!\/?(?:p|div|table|thead|tbody|tr|th|td|span)\b)/);
  });
});

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
// One that is there and does not start (no memory, no namespaces, a broken installation) says nothing about the page.
const started = await (
  executable === undefined
    ? Promise.reject(new Error("no Chromium found"))
    : chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"], timeout: 0 })
).catch((error: unknown) => {
  const [reason = ""] = String(error).split("\n");
  console.warn(`the tests of the HTML page in a browser are skipped: ${reason}`);
  return undefined;
});

describe.skipIf(started === undefined)("in a browser", () => {
  let browser: Browser;
  beforeAll(() => {
    if (started !== undefined) browser = started;
  });
  afterAll(async () => {
    await browser.close();
  });

  /** The page with everything it complained about and asked for. */
  async function open(report: Report): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push("dialog");
      void dialog.dismiss();
    });
    page.on("request", (request) => requests.push(request.url()));
    await page.setContent(render(report));
    return { page, complaints, requests };
  }

  test("shows the findings, breaks no rule of its own policy, and asks nobody anything", async () => {
    const { page, complaints, requests } = await open(sampleReport);

    expect(await page.locator("h1").textContent()).toBe("shop:1.0");
    expect(await page.locator("#rows tr").count()).toBe(3);
    expect(await page.locator("#rows tr").first().textContent()).toContain("CVE-2019-10744");
    expect(await page.locator(".layer").count()).toBe(2);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    await page.close();
  });

  test.each([true, false])("is read on a phone, with JavaScript: %s", async (javaScriptEnabled) => {
    const context = await browser.newContext({ viewport: { width: 360, height: 800 }, javaScriptEnabled });
    const page = await context.newPage();
    await page.setContent(render(everyKindReport));
    // The search stands there where it works, and each row's cells stand below one another, none beside the screen.
    expect(await page.locator("#query").isVisible()).toBe(javaScriptEnabled);
    expect(await page.locator("noscript table").first().isVisible()).toBe(!javaScriptEnabled);
    const cells = await page.locator(".stacked tbody [data-label]").locator("visible=true").all();
    expect(cells.length).toBeGreaterThan(20);
    for (const cell of cells) {
      const { x, width } = (await cell.boundingBox()) ?? { x: -1, width: 0 };
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(360);
    }
    await context.close();
  });

  // The suite above reads every hostile text; a browser has its say on those that are made for it.
  test.each(hostileTexts.filter((text) => /[<\u202e\0{]/.test(text)).slice(0, 6))("shows %j as text", async (text) => {
    const { page, complaints, requests } = await open(hostileReport(text));

    await page.locator("#rows .open").first().click();

    expect(await page.locator("#rows .detail").count()).toBe(1);
    expect(await page.locator("main script, main img, main iframe, #rows b").count()).toBe(0);
    if (text.includes("<script>")) expect(await page.locator("#rows").textContent()).toContain(text);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    await page.close();
  });

  test("5,000 findings are there quickly, and filter, sort and page at once", async () => {
    const { page, complaints } = await open(bigReport(5000));
    expect(await page.locator("#status").textContent()).toBe("5000 findings");
    expect(await page.locator("#rows tr").count()).toBe(100);

    // Code for the page is text: the DOM's types stay out of this project.
    const spent = await page.evaluate<number>(`(() => {
      const started = performance.now();
      const query = document.getElementById("query");
      query.value = "something cve-2024-1004";
      query.dispatchEvent(new Event("input", { bubbles: true }));
      document.querySelector('th[data-key="id"] button').click();
      return performance.now() - started;
    })()`);

    expect(await page.locator("#status").textContent()).toBe("10 of 5000 findings");
    expect(await page.locator("#rows .open").first().textContent()).toBe("CVE-2024-10040");
    expect(await page.locator('th[data-key="id"]').getAttribute("aria-sort")).toBe("ascending");
    await page.locator("#query").fill("");
    await page.locator("#next").click();
    expect(await page.locator("#page").textContent()).toBe("Page 2 of 50");
    expect(spent).toBeLessThan(2000);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("works by keyboard alone", async () => {
    const { page } = await open(sampleReport);

    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.locator("#rows .open").first().focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("#rows .open").first().getAttribute("aria-expanded")).toBe("true");
    expect(await page.locator(".detail").textContent()).toContain("GHSA-jf85-cpcp-j695 covers >= 0, < 4.17.12");
    await page.locator("#exploited").focus();
    await page.keyboard.press("Space");
    expect(await page.locator("#status").textContent()).toBe("1 of 3 findings");
    await page.close();
  });

  test("names everything that can be operated, for those who only hear it", async () => {
    const { page } = await open(sampleReport);

    const unnamed = await page.evaluate<string[]>(`
      [...document.querySelectorAll("button, input, select, svg, a")]
        .filter((node) => {
          const label = node.labels?.[0]?.textContent ?? node.textContent;
          return label.trim() === "" && node.getAttribute("aria-label") === null;
        })
        .map((node) => node.outerHTML)
    `);

    expect(unnamed).toEqual([]);
    expect(await page.locator("th:not([scope])").count()).toBe(0);
    await page.close();
  });

  test("prints every finding and none of the controls", async () => {
    const { page } = await open(bigReport(250));

    await page.emulateMedia({ media: "print" });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');

    expect(await page.locator("#rows tr").count()).toBe(250);
    expect(await page.locator(".filters").isVisible()).toBe(false);
    await page.close();
  });

  test("is dark where people like it dark, and readable without scripts", async () => {
    const { page } = await open(emptyReport);
    const background = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });

    expect(await background()).not.toBe(light);
    expect(await page.locator("#verdict").textContent()).toBe("No vulnerabilities found");
    await page.close();
  });
});
