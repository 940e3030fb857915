import { html } from "hono/html";
import { severities } from "@plimsoll/model";
import { explain, explanationText } from "plimsoll";
import type { ImageReports } from "../api/image-reports.ts";
import { imagesWith, isImagesCursor, listImages, recentChanges } from "../api/image-lists.ts";
import { dailyTrends, imageTrend } from "../api/trends.ts";
import { HttpError } from "../http/http-error.ts";
import type { Call, Route } from "../http/route.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";
import { bars, curve, page, table } from "./layout.ts";
import type { Markup } from "./layout.ts";

/** How many images a page shows. */
const pageSize = 100;

/** How many changes are listed. */
const maxChanges = 1_000;

/** How many days of trends are shown. */
const trendDays = 30;

const day = 24 * 60 * 60 * 1000;

/** The HTML pages of the service, rendered on the server, without scripts. */
export function pageRoutes(core: ServiceCore, { reportOf }: ImageReports, routes: readonly Route[]): readonly Route[] {
  const { queries } = core.database;

  const images = pageRoute("/", "images", "Images", async ({ query, actor: { tenant } }) => {
    const before = Number(query.get("before") ?? 0) || undefined;
    const list = await listImages(queries, { tenant, limit: pageSize, before });
    if (list.images.length === 0) return html`<p>Nothing was scanned yet.</p>`;
    const rows = list.images.map(
      ({ name, digest, state, error, indexedAt, vulnerabilities }) =>
        html`<tr>
          <th scope="row"><a href="/images/${digest}">${name}</a><br /><code>${digest}</code></th>
          <td>${error ?? state}</td>
          <td>${indexedAt ?? ""}</td>
          ${severities.map((severity) => html`<td class="count">${vulnerabilities[severity] ?? 0}</td>`)}
        </tr>`,
    );
    return html`${table(
      "Images, newest first, with their vulnerabilities by severity",
      ["Image", "State", "Indexed", ...severities.map(capitalized)],
      rows,
    )}
    ${list.next === undefined ? "" : html`<p><a href="/?before=${list.next}">Older images</a></p>`}`;
  });

  const image = pageRoute("/images/{digest}", "image", "Image", async ({ parameters, signal, actor: { tenant } }) => {
    const digest = parameters["digest"];
    const { report } = await reportOf({ tenant, digest }, signal);
    const { artifact, vulnerabilities = [], secrets = [], coverage } = report;
    const trend = await imageTrend(queries, { tenant, digest: digest ?? "" }, { days: trendDays, now: core.now() });
    const rows = vulnerabilities.map(
      ({ id, severity, package: pkg, fixedVersion, title }) =>
        html`<tr>
          <th scope="row"><a href="/images/${digest}/explain/${encodeURIComponent(id)}">${id}</a></th>
          <td>${capitalized(severity)}</td>
          <td>${pkg.name} ${pkg.version}</td>
          <td>${fixedVersion ?? "none"}</td>
          <td>${title ?? ""}</td>
        </tr>`,
    );
    return html`<p>
        ${artifact.name}${artifact.distro === undefined ? "" : `, ${artifact.distro.prettyName ?? artifact.distro.id}`}
      </p>
      ${
        coverage.gaps.length === 0
          ? ""
          : html`<h2>Not wholly known</h2>
              <ul>
                ${coverage.gaps.map(({ message }) => html`<li>${message}</li>`)}
              </ul>`
      }
      ${table(`${vulnerabilities.length} vulnerabilities`, ["Id", "Severity", "Package", "Fixed in", "Title"], rows)}
      ${curve(
        `Findings in ${trendDays} days, each package counted once`,
        trend.map((each) => ({ label: each.day, count: each.findings })),
      )}
      ${
        trend.some(({ added, removed }) => added + removed > 0)
          ? table(
              "Days on which updates of the advisories changed something, newest first",
              ["Day", "Findings added", "Findings removed", "Findings"],
              trend
                .toReversed()
                .filter(({ added, removed }) => added + removed > 0)
                .map(
                  (each) =>
                    html`<tr>
                      <th scope="row">${each.day}</th>
                      ${[each.added, each.removed, each.findings].map((count) => html`<td class="count">${count}</td>`)}
                    </tr>`,
                ),
            )
          : ""
      }
      ${
        secrets.length === 0
          ? ""
          : table(
              `${secrets.length} secrets`,
              ["Rule", "Severity", "File"],
              secrets.map(
                ({ id, severity, location }) =>
                  html`<tr>
                    <th scope="row">${id}</th>
                    <td>${capitalized(severity)}</td>
                    <td>${location?.path ?? ""}</td>
                  </tr>`,
              ),
            )
      }`;
  });

  const explanation = pageRoute(
    "/images/{digest}/explain/{id}",
    "explanation",
    "Explanation",
    async ({ parameters, signal, actor: { tenant } }) => {
      const { report } = await reportOf({ tenant, digest: parameters["digest"] }, signal);
      return withAdvisories(core, async (lease) => {
        const told = await explain(
          report,
          parameters["id"] ?? "",
          lease === undefined ? {} : { advisories: lease.store },
        );
        return html`<pre>${[...explanationText(told)].join("")}</pre>`;
      });
    },
  );

  const changes = pageRoute("/changes", "whatChanged", "What changed since yesterday", async ({ actor }) => {
    const since = new Date(core.now().getTime() - day).toISOString();
    const { changes: all } = await recentChanges(queries, actor.tenant, maxChanges);
    const recent = all.filter(({ at }) => at >= since);
    if (recent.length === 0) return html`<p>Nothing, in the last 24 hours.</p>`;
    const rows = recent.map(
      ({ at, change, vulnerability, severity, package: pkg }) =>
        html`<tr>
          <th scope="row"><a href="/vulnerabilities?id=${encodeURIComponent(vulnerability)}">${vulnerability}</a></th>
          <td>${change}</td>
          <td>${capitalized(severity)}</td>
          <td><code>${pkg}</code></td>
          <td>${at}</td>
        </tr>`,
    );
    return table(
      "Changes by updates of the advisories, newest first",
      ["Id", "Change", "Severity", "Package", "When"],
      rows,
    );
  });

  const trends = pageRoute("/trends", "trendsPage", `Trends of ${trendDays} days`, async ({ actor: { tenant } }) => {
    const { days } = await dailyTrends(queries, {
      tenant,
      days: trendDays,
      now: core.now(),
      present: await core.totals(tenant),
    });
    const all = days.map(({ day: date, images: indexed, added, removed, totals }) => ({
      date,
      indexed,
      added: sum(added),
      severe: (added.CRITICAL ?? 0) + (added.HIGH ?? 0),
      removed: sum(removed),
      images: totals?.images,
      findings: totals === undefined ? undefined : sum(totals.findings),
    }));
    const rows = all
      .toReversed()
      .filter(({ indexed, added, removed, images: counted }) => indexed + added + removed > 0 || counted !== undefined)
      .map(
        ({ date, indexed, added, severe, removed, images: counted, findings }) =>
          html`<tr>
            <th scope="row">${date}</th>
            ${[indexed, added, severe, removed, counted ?? "not counted", findings ?? "not counted"].map(
              (count) => html`<td class="count">${count}</td>`,
            )}
          </tr>`,
      );
    const chart = (what: string, count: (each: (typeof all)[number]) => number): Markup =>
      bars(
        what,
        all.map((each) => ({ label: each.date, count: count(each) })),
      );
    const line = (what: string, count: (each: (typeof all)[number]) => number | undefined): Markup =>
      curve(
        what,
        all.map((each) => ({ label: each.date, count: count(each) })),
      );
    return html`<p>
        Findings are counted once for each distinct package, however many images have it. Days are those of UTC.
      </p>
      ${line("Findings", ({ findings }) => findings)} ${line("Images", ({ images: counted }) => counted)}
      ${chart("Findings that updates of the advisories added", ({ added }) => added)}
      ${chart("Findings that updates of the advisories removed", ({ removed }) => removed)}
      ${chart("Images indexed", ({ indexed }) => indexed)}
      ${
        rows.length === 0
          ? html`<p>Nothing happened in these days.</p>`
          : table(
              "Days on which something happened, newest first",
              [
                "Day",
                "Images indexed",
                "Findings added",
                "Of them critical or high",
                "Findings removed",
                "Images",
                "Findings",
              ],
              rows,
            )
      }`;
  });

  const where = pageRoute("/vulnerabilities", "whereIsIt", "Where is a vulnerability?", async ({ query, actor }) => {
    const id = (query.get("id") ?? "").trim();
    const form = html`<form action="/vulnerabilities" method="get">
      <p>
        <label for="id">CVE or advisory id</label><input id="id" name="id" value="${id}" required autocomplete="off" />
      </p>
      <p><button type="submit">Look</button></p>
    </form>`;
    if (id === "") return form;
    const after = query.get("after") ?? undefined;
    if (after !== undefined && !isImagesCursor(after)) throw new HttpError(400, "there is no such page");
    const { packages, next } = await imagesWith(queries, actor.tenant, id, after);
    if (packages.length === 0)
      return html`${form}
        <p role="status">${id} is in no image that was scanned.</p>`;
    const rows = packages.flatMap(({ package: pkg, severity, fixedVersion, images: list }) =>
      list.map(
        ({ digest, name }) =>
          html`<tr>
            <th scope="row"><a href="/images/${digest}">${name}</a></th>
            <td><code>${pkg}</code></td>
            <td>${capitalized(severity)}</td>
            <td>${fixedVersion ?? "none"}</td>
          </tr>`,
      ),
    );
    const more = `/vulnerabilities?id=${encodeURIComponent(id)}&after=${next ?? ""}`;
    return html`${form}${table(`Images with ${id}`, ["Image", "Package", "Severity", "Fixed in"], rows)}
    ${next === undefined ? "" : html`<p><a href="${more}">More images</a></p>`}`;
  });

  const docs = pageRoute(
    "/docs",
    "docs",
    "API",
    () =>
      html`<p>The <a href="/openapi.json">OpenAPI document</a> says all of it.</p>
        ${table(
          "Operations",
          ["Method", "Path", "What it does", "Needs"],
          routes.map(
            ({ method, path, summary, access }) =>
              html`<tr>
                <td>${method.toUpperCase()}</td>
                <th scope="row">
                  ${method === "get" && !path.includes("{") ? html`<a href="${path}"><code>${path}</code></a>` : html`<code>${path}</code>`}
                </th>
                <td>${summary}</td>
                <td>${access}</td>
              </tr>`,
          ),
        )}`,
  );

  return [images, image, explanation, changes, trends, where, docs];
}

function pageRoute(
  path: string,
  operation: string,
  title: string,
  content: (call: Call) => Markup | Promise<Markup>,
): Route {
  return {
    method: "get",
    path,
    operation,
    tag: "pages",
    summary: `Page: ${title}`,
    access: "read",
    responses: { 200: { description: "A page", mediaTypes: ["text/html"], schema: { type: "string" } } },
    async handle(call) {
      try {
        return await page(title, await content(call));
      } catch (error) {
        if (error instanceof HttpError) return page(title, html`<p role="alert">${error.message}</p>`, error.status);
        throw error;
      }
    },
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function capitalized(word: string): string {
  return word.charAt(0) + word.slice(1).toLowerCase();
}
