import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** Escaped markup, or a promise of it. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** One style sheet, in the page: nothing else is loaded, and the policy of its response says so. */
const style = `
:root { color-scheme: light dark; --line: #8886; background: Canvas; color: CanvasText; }
a { color: light-dark(#0645ad, #9ec1ff); } a:visited { color: light-dark(#5b2a86, #cfb3ff); }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 1.25rem; list-style: none; padding: 0; }
a:focus-visible, input:focus-visible, button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
p, li, h1 { overflow-wrap: anywhere; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: 1rem; background: Canvas; padding: .5rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
td.count { text-align: right; font-variant-numeric: tabular-nums; } code, pre { overflow-wrap: anywhere; white-space: pre-wrap; }
figure { margin: 1rem 0; } svg { display: block; height: 6rem; width: 100%; } rect { fill: light-dark(#0645ad, #9ec1ff); } line { stroke: var(--line); }
polyline { fill: none; stroke: light-dark(#0645ad, #9ec1ff); stroke-width: 2px; vector-effect: non-scaling-stroke; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; } label { display: block; } input, button { font: inherit; padding: .3rem .6rem; }
`;

/** A whole page. */
export async function page(title: string, content: Markup, status = 200): Promise<Response> {
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Plimsoll</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <nav aria-label="Pages">
            <ul>
              <li><a href="/">Images</a></li>
              <li><a href="/changes">What changed</a></li>
              <li><a href="/trends">Trends</a></li>
              <li><a href="/vulnerabilities">Where is a vulnerability?</a></li>
              <li><a href="/docs">API</a></li>
            </ul>
          </nav>
        </header>
        <main id="content" tabindex="-1">
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `;
  return new Response(String(text), {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

/** A table with a caption that scrolls on small screens, also by keyboard. */
export function table(caption: string, headings: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** A bar chart of counts by day, oldest first, with the counts in a table beside it and a text for screen readers. */
export function bars(caption: string, days: readonly { readonly label: string; readonly count: number }[]): Markup {
  const most = Math.max(1, ...days.map(({ count }) => count));
  const total = days.reduce((all, { count }) => all + count, 0);
  const said = `${total} in all; most on one day: ${Math.max(0, ...days.map(({ count }) => count))}`;
  return html`<figure>
    <figcaption>${caption}: ${said}</figcaption>
    <svg viewBox="0 0 ${days.length * 10} 100" preserveAspectRatio="none" role="img" aria-label="${caption}: ${said}">
      ${days.map(({ label, count }, at) => {
        const height = Math.round((count / most) * 98);
        return html`<rect x="${at * 10 + 1}" y="${99 - height}" width="8" height="${height}">
          <title>${label}: ${count}</title>
        </rect>`;
      })}
      <line x1="0" y1="99.5" x2="${days.length * 10}" y2="99.5" />
    </svg>
  </figure>`;
}

/** Counts at the end of each day, oldest first; undefined: none was recorded on that day. */
export type Counted = readonly { readonly label: string; readonly count: number | undefined }[];

/** A line chart of counts by day, with the counts in a table beside it and a text for screen readers. */
export function curve(caption: string, days: Counted): Markup {
  const known = days.flatMap(({ label, count }, at) => (count === undefined ? [] : [{ at, label, count }]));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first === last)
    return html`<p>
      ${caption}: ${last?.count ?? "not counted"}${last === undefined ? "" : " now"}; a curve needs two days.
    </p>`;
  const most = Math.max(1, ...known.map(({ count }) => count));
  const said = `${first.count} on ${first.label}, ${last.count} on ${last.label}; at most ${Math.max(...known.map(({ count }) => count))}`;
  const points = known.map(({ at, count }) => `${at * 10},${(99 - (count / most) * 98).toFixed(1)}`).join(" ");
  const width = (days.length - 1) * 10;
  return html`<figure>
    <figcaption>${caption}: ${said}</figcaption>
    <svg viewBox="0 0 ${width} 100" preserveAspectRatio="none" role="img" aria-label="${caption}: ${said}">
      <polyline points="${points}" />
      <line x1="0" y1="99.5" x2="${width}" y2="99.5" />
    </svg>
  </figure>`;
}
