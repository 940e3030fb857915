import type { Steps } from "@plimsoll/formats";
import { checkOptions, optionIs, piecesOf } from "@plimsoll/model";
import type { Package, Report, Reporter } from "@plimsoll/model";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { items } from "../shared/items.ts";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { targetsOf } from "../shared/targets.ts";
import { visibleStart } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** The commit and the job that a snapshot belongs to; GitHub Actions states both in environment variables. */
export interface GitHubOptions {
  /** Full commit id, 40 hex digits. Absent: zeros. */
  readonly sha?: string | undefined;
  /** `refs/heads/main`. */
  readonly ref?: string | undefined;
  /** Absent: 0. */
  readonly jobId?: string | undefined;
  /** Groups the snapshots of one job: GitHub keeps the newest of each correlator. Absent: the artifact's name. */
  readonly correlator?: string | undefined;
}

/** A dependency snapshot (https://docs.github.com/rest/dependency-graph/dependency-submission). It lists packages, no findings. */
export function github(options: GitHubOptions = {}): Reporter {
  checkOptions("github", options, {
    sha: optionIs.text,
    ref: optionIs.text,
    jobId: optionIs.text,
    correlator: optionIs.text,
  });
  return {
    id: "github",
    mediaType: "application/json",
    shows: [],
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject(yield* snapshot(yield* orderedReport(report), options));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<GitHubOptions>[] = [
  {
    id: "github",
    listsPackages: true,
    make: ({ sha, ref, jobId, correlator }) => github({ sha, ref, jobId, correlator }),
  },
];

function* snapshot(report: Report, options: GitHubOptions): Steps<Readonly<Record<string, unknown>>> {
  const name = visibleStart(report.artifact.name, 200);
  return {
    version: 0,
    job: { id: options.jobId ?? "0", correlator: options.correlator ?? `${report.tool.name}/${name}` },
    sha: options.sha ?? "0".repeat(40),
    ref: options.ref ?? "refs/heads/main",
    detector: { name: report.tool.name, version: report.tool.version, url: "https://www.npmjs.com/package/plimsoll" },
    scanned: dateOrEpoch(report),
    manifests: yield* manifests(report, name),
  };
}

function* manifests(report: Report, artifact: string): Steps<Readonly<Record<string, unknown>>> {
  const purls = new Map(report.packages.map((pkg) => [pkg.id, pkg.purl]));
  const entries: [string, unknown][] = [];
  for (const target of targetsOf(report)) {
    if (target.packages.length === 0) continue;
    const title = visibleStart(target.title, 500);
    entries.push([
      title,
      {
        name: title,
        // The service wants a file of the repository; what was found in an image is told by the image.
        ...(target.path === undefined ? {} : { file: { source_location: visibleStart(target.path, 1000) } }),
        metadata: { artifact, ecosystem: visibleStart(target.ecosystem, 100) },
        resolved: Object.fromEntries(yield* items(target.packages, (pkg) => [pkg.id, resolved(pkg, purls)])),
      },
    ]);
  }
  return Object.fromEntries(entries);
}

function resolved(pkg: Package, purls: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  const dependencies = (pkg.dependencies ?? []).flatMap((id) => purls.get(id) ?? []);
  return {
    package_url: pkg.purl,
    relationship: pkg.relationship === "indirect" ? "indirect" : "direct",
    scope: pkg.scope === "dev" ? "development" : "runtime",
    ...(dependencies.length === 0 ? {} : { dependencies: [...new Set(dependencies)].sort() }),
  };
}
