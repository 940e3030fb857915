import { visibleText } from "@plimsoll/report";
import type { ComplianceDetail, ComplianceReport, ControlResult } from "./compliance-report.ts";
import { failureLines } from "./failure-lines.ts";

const style =
  "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1f24}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d5d9de;padding:.4rem .6rem;text-align:left;vertical-align:top}" +
  ".fail{color:#b3261e;font-weight:600}.pass{color:#1a7f37}.unknown,.manual{color:#7a5c00}ul{margin:.3rem 0 0;padding-left:1.2rem;overflow-wrap:anywhere}small{color:#57606a}";

/** A compliance report as one HTML page without scripts: a row for each control; with `all`, its failures too. */
export function complianceHtml({ spec, controls }: ComplianceReport, detail: ComplianceDetail): string {
  const counted = (["fail", "pass", "unknown", "manual"] as const)
    .map((status) => `${controls.filter((each) => each.status === status).length} ${status}`)
    .join(" · ");
  const links = spec.relatedResources
    .filter((url) => url.startsWith("https://"))
    .map((url) => `<p><a href="${escaped(url)}" rel="noreferrer">${escaped(url)}</a></p>`);
  return [
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${escaped(spec.title)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    `<h1>${escaped(spec.title)}</h1>\n<p>${escaped(spec.description)}</p>\n${links.join("\n")}\n<p>${counted}</p>\n`,
    "<table>\n<thead><tr><th>ID</th><th>Severity</th><th>Control</th><th>Status</th><th>Issues</th></tr></thead>\n<tbody>\n",
    ...controls.map((each) => row(each, detail)),
    "</tbody>\n</table>\n</body>\n</html>\n",
  ].join("");
}

function row({ control, status, results, reason }: ControlResult, detail: ComplianceDetail): string {
  const told = detail === "all" ? results.flatMap(failureLines) : [];
  const list = told.length === 0 ? "" : `<ul>${told.map((text) => `<li>${escaped(text)}</li>`).join("")}</ul>`;
  const why = reason === undefined ? "" : `<br><small>${escaped(reason)}</small>`;
  const issues = status === "pass" || status === "fail" ? String(results.length) : "-";
  return `<tr><td>${escaped(control.id)}</td><td>${control.severity}</td><td>${escaped(control.name)}${why}${list}</td><td class="${status}">${status}</td><td>${issues}</td></tr>\n`;
}

function escaped(text: string): string {
  return visibleText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
