import { severities, type Vulnerability, type LayerInfo, type Report, type Severity } from "@plimsoll/model";
import { groupBy } from "../shared/group-by.ts";
import { countsText, severityCounts } from "../shared/severity-counts.ts";
import { escapeHtml } from "./escape-html.ts";

/** One bar of severities; its length is the share of `most`. */
function severityBar(findings: readonly Vulnerability[], most: number): string {
  const scale = most === 0 ? 0 : 100 / most;
  let x = 0;
  const parts = [...severityCounts(findings)].map(([severity, count]) => {
    const width = count * scale;
    const part =
      count === 0 ? "" : `<rect class="fill-${severity}" x="${round(x)}" y="0" width="${round(width)}" height="10"/>`;
    x += width;
    return part;
  });
  return `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(countsText(findings))}">${parts.join("")}</svg>`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A table of the number of vulnerabilities of each severity, and how many of them an upgrade fixes. */
export function severityChart(findings: readonly Vulnerability[]): string {
  const counts = severityCounts(findings);
  const most = Math.max(1, ...counts.values());
  const rows = severities.map((severity) => {
    const of = findings.filter((finding) => finding.severity === severity);
    const fixable = of.filter(({ fixedVersion }) => fixedVersion !== undefined).length;
    return `<tr><th scope="row"><span class="badge ${severity}">${word(severity)}</span></th><td class="number">${of.length}</td><td class="wide">${fixBar(severity, of.length, fixable, most)}</td><td class="number">${fixable}</td></tr>`;
  });
  return `<table class="chart"><caption>By severity; the solid part of each bar can be fixed by upgrading</caption><thead><tr><th scope="col">Severity</th><th scope="col" class="number">Found</th><td></td><th scope="col" class="number">Fixable</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function fixBar(severity: Severity, count: number, fixable: number, most: number): string {
  const scale = 100 / most;
  const label = `${fixable} of ${count} ${word(severity)} can be fixed`;
  return `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="fill-${severity} faint" x="0" y="0" width="${round(count * scale)}" height="10"/><rect class="fill-${severity}" x="0" y="0" width="${round(fixable * scale)}" height="10"/></svg>`;
}

function word(severity: Severity): string {
  return severity.charAt(0) + severity.slice(1).toLowerCase();
}

/** A ring chart: the share of the vulnerabilities that have a fixed version, in percent. */
export function fixChart(findings: readonly Vulnerability[]): string {
  const fixable = findings.filter(({ fixedVersion }) => fixedVersion !== undefined).length;
  const share = findings.length === 0 ? 0 : fixable / findings.length;
  const circumference = 2 * Math.PI * 40;
  return `<figure class="ring"><svg viewBox="0 0 100 100" role="img" aria-label="${fixable} of ${findings.length} can be fixed by upgrading"><circle class="track" cx="50" cy="50" r="40"/><circle class="share" cx="50" cy="50" r="40" stroke-dasharray="${round(share * circumference)} ${round(circumference)}" transform="rotate(-90 50 50)"/><text x="50" y="57" text-anchor="middle">${Math.round(share * 100)}%</text></svg><figcaption>${fixable} of ${findings.length} can be fixed by upgrading</figcaption></figure>`;
}

/** The layers of the image as a list, newest first, with the vulnerabilities that each layer brought in. */
export function layerPicture({ artifact, vulnerabilities: findings = [] }: Report): string {
  if (artifact.layers.length === 0) return "";
  const byLayer = groupBy(findings, ({ layer }) => layer?.index ?? -1);
  const most = artifact.layers.reduce((highest, { index }) => Math.max(highest, byLayer.get(index)?.length ?? 0), 1);
  const boxes = artifact.layers
    .toReversed()
    .map((layer) => layerBox(layer, byLayer.get(layer.index) ?? [], most))
    .join("");
  return `<ol class="layers" reversed>${boxes}</ol>${originSentence(artifact.layers, byLayer)}`;
}

function layerBox(layer: LayerInfo, findings: readonly Vulnerability[], most: number): string {
  const origin = layer.base === undefined ? "" : layer.base ? "base" : "own";
  const label = origin === "" ? "" : `<span class="origin">${origin === "base" ? "base image" : "own layer"}</span>`;
  const text = escapeHtml((layer.createdBy ?? layer.diffId).slice(0, 300));
  return `<li class="layer ${origin}"><span class="index">${layer.index}</span><code>${text}</code>${label}<span class="count">${findings.length === 0 ? "none" : escapeHtml(countsText(findings))}</span>${severityBar(findings, most)}</li>`;
}

/** Whose job it is: an update of the base image, or of one's own Dockerfile. */
function originSentence(layers: readonly LayerInfo[], byLayer: ReadonlyMap<number, readonly Vulnerability[]>): string {
  if (layers.every(({ base }) => base === undefined)) return "";
  const count = (base: boolean): number =>
    layers
      .filter((layer) => (layer.base ?? false) === base)
      .reduce((sum, { index }) => sum + (byLayer.get(index)?.length ?? 0), 0);
  return `<p><strong>${count(true)}</strong> came with the base image, <strong>${count(false)}</strong> with own layers.</p>`;
}
