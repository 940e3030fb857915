import { sql } from "kysely";
import type { AnsweredRequest } from "./router.ts";
import { jobKinds } from "../jobs/job-queue.ts";
import type { ServiceCore } from "../service-core.ts";
import type { Route } from "./route.ts";

/** Upper bounds of the histogram, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Answers {
  readonly labels: string;
  readonly buckets: number[];
  count: number;
  sum: number;
}

/** Metrics in Prometheus' text format: counts of requests, and gauges of what the service stores. */
export interface Metrics {
  count(answered: AnsweredRequest): void;
  readonly route: Route;
}

/** Creates the metrics of this process; the gauges are read from the shared database. */
export function createMetrics(core: ServiceCore): Metrics {
  const answers = new Map<string, Answers>();
  return {
    count({ method, route, status, milliseconds }) {
      const labels = `method="${method}",route="${route}",status="${status}"`;
      const known = answers.get(labels) ?? { labels, buckets: bounds.map(() => 0), count: 0, sum: 0 };
      const seconds = milliseconds / 1000;
      bounds.forEach((bound, at) => {
        if (seconds <= bound) known.buckets[at] = (known.buckets[at] ?? 0) + 1;
      });
      known.count++;
      known.sum += seconds;
      answers.set(labels, known);
    },
    route: {
      method: "get",
      path: "/metrics",
      operation: "metrics",
      tag: "operation",
      summary: "Prometheus metrics",
      access: "public",
      unlimited: true,
      responses: { 200: { description: "Text format 0.0.4", mediaTypes: ["text/plain"], schema: { type: "string" } } },
      async handle() {
        const lines = [...requestLines([...answers.values()]), ...(await stateLines(core))];
        return new Response(`${lines.join("\n")}\n`, {
          headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
        });
      },
    },
  };
}

function requestLines(answers: readonly Answers[]): readonly string[] {
  const name = "plimsoll_http_request_duration_seconds";
  return [
    `# HELP ${name} Time from a request to its answer.`,
    `# TYPE ${name} histogram`,
    ...answers.flatMap(({ labels, buckets, count, sum }) => [
      ...bounds.map((bound, at) => `${name}_bucket{${labels},le="${bound}"} ${buckets[at] ?? 0}`),
      `${name}_bucket{${labels},le="+Inf"} ${count}`,
      `${name}_sum{${labels}} ${sum}`,
      `${name}_count{${labels}} ${count}`,
    ]),
  ];
}

async function stateLines({ database, disk, queue }: ServiceCore): Promise<readonly string[]> {
  const { rows } = await sql<Record<string, number>>`select
    (select count(*) from inventory where state = 'IndexFinished') AS indexed,
    (select count(*) from inventory where state = 'IndexError') AS failed,
    (select count(*) from package) AS packages, (select count(*) from finding) AS findings,
    (select count(*) from delivery where state = 'dead') AS dead`.execute(database.queries);
  const found = rows[0] ?? {};
  const jobs = await Promise.all(jobKinds.map(async (kind) => [kind, await queue.counts(kind)] as const));
  return [
    ...gauge("plimsoll_manifests", "Manifests by state.", [
      ['state="indexed"', found["indexed"]],
      ['state="failed"', found["failed"]],
    ]),
    ...gauge("plimsoll_packages", "Distinct packages.", [["", found["packages"]]]),
    ...gauge("plimsoll_findings", "Vulnerabilities in distinct packages.", [["", found["findings"]]]),
    ...gauge("plimsoll_disk_full", "1 when a disk was full in the last minute.", [["", disk.isFull() ? 1 : 0]]),
    ...gauge("plimsoll_dead_letters", "Deliveries that were given up.", [["", found["dead"]]]),
    ...gauge(
      "plimsoll_jobs",
      "Jobs by kind and state.",
      jobs.flatMap(([kind, { waiting, setAside }]) => [
        [`kind="${kind}",state="waiting"`, waiting],
        [`kind="${kind}",state="set-aside"`, setAside],
      ]),
    ),
  ];
}

function gauge(
  name: string,
  help: string,
  values: readonly (readonly [labels: string, value: number | undefined])[],
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...values.map(([labels, value]) => `${name}${labels === "" ? "" : `{${labels}}`} ${Number(value ?? 0)}`),
  ];
}
