// Which commit, which job and when: what formats for services must say, from flags, else from the variables of the CI that runs us.
import type { Command } from "commander";
import type { Reporter } from "@plimsoll/model";
import type { ReporterOptions } from "@plimsoll/report";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { underHeading } from "./under-heading.ts";

/** Options of commands that write reports. */
export interface CiFlags {
  readonly sha?: string;
  readonly ref?: string;
  readonly jobId?: string;
  readonly correlator?: string;
  readonly createdAt?: string;
}

type Env = Terminal["env"];

/** A fact, the flag that states it, and what else may. */
interface Fact {
  readonly flag: string;
  /** What the fact is, for messages. */
  readonly what: string;
  of(env: Env): string | undefined;
}

const facts = {
  sha: {
    flag: "--sha",
    what: "the full id of the commit",
    // GitHub, GitLab, Azure Pipelines, Bitbucket, CircleCI, Buildkite, Jenkins.
    of: (env) =>
      firstOf(
        env,
        "GITHUB_SHA",
        "CI_COMMIT_SHA",
        "BUILD_SOURCEVERSION",
        "BITBUCKET_COMMIT",
        "CIRCLE_SHA1",
        "BUILDKITE_COMMIT",
        "GIT_COMMIT",
      ),
  },
  ref: {
    flag: "--ref",
    what: "the branch or tag, such as refs/heads/main",
    of: (env) =>
      firstOf(env, "GITHUB_REF", "BUILD_SOURCEBRANCH") ??
      named("refs/tags/", firstOf(env, "CI_COMMIT_TAG", "BITBUCKET_TAG", "CIRCLE_TAG", "BUILDKITE_TAG")) ??
      named("refs/heads/", firstOf(env, "CI_COMMIT_BRANCH", "BITBUCKET_BRANCH", "CIRCLE_BRANCH", "BUILDKITE_BRANCH")),
  },
  jobId: {
    flag: "--job-id",
    what: "the id of the job",
    of: (env) =>
      firstOf(
        env,
        "GITHUB_RUN_ID",
        "CI_JOB_ID",
        "BUILD_BUILDID",
        "BITBUCKET_BUILD_NUMBER",
        "CIRCLE_BUILD_NUM",
        "BUILDKITE_JOB_ID",
        "BUILD_ID",
      ),
  },
} as const satisfies Record<string, Fact>;

/** Adds the options about the build that a report is of. */
export function withCiOptions(command: Command): Command {
  underHeading(command, "The build, which in CI its variables say:", () =>
    command
      .option("--sha <commit>", "for --format github: the full id of the commit")
      .option("--ref <ref>", "for --format github: the branch or tag, such as refs/heads/main")
      .option("--job-id <id>", "for --format github: the id of the job")
      .option("--correlator <text>", "for --format github: the correlator of this job's snapshots")
      .option(
        "--created-at <time>",
        "the time of the report, RFC 3339 (default: SOURCE_DATE_EPOCH; for junit, gitlab, github, openvex and cosign-vuln else that of the CI's job, or now)",
      ),
  );
  return command;
}

/**
 * The facts about the CI job that a format needs.
 * @throws UsageError naming the flag, when neither the flag nor an environment variable states a required fact.
 */
export function ciFacts(
  format: string,
  flags: CiFlags,
  { env }: Pick<Terminal, "env">,
): Pick<ReporterOptions, "sha" | "ref" | "jobId" | "correlator"> {
  if (format !== "github") return {};
  const need = (name: keyof typeof facts): string => {
    const { flag, what, of }: Fact = facts[name];
    const value = flags[name] ?? of(env);
    if (value === undefined)
      throw new UsageError(
        `${flag}: the format github needs ${what}, and no variable of a CI system has it; give ${flag}`,
      );
    return value;
  };
  const sha = need("sha");
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(sha))
    throw new UsageError(`--sha: "${sha.slice(0, 80)}" is not the full id of a commit`);
  const { correlator = correlatorOf(env) } = flags;
  return { sha, ref: need("ref"), jobId: need("jobId"), ...(correlator === undefined ? {} : { correlator }) };
}

/** GitHub's own actions join workflow and job. */
function correlatorOf(env: Env): string | undefined {
  const workflow = firstOf(env, "GITHUB_WORKFLOW", "CI_PROJECT_PATH");
  const job = firstOf(env, "GITHUB_JOB", "CI_JOB_NAME");
  return workflow === undefined || job === undefined ? undefined : `${workflow}_${job}`;
}

/** Formats whose readers ask when: a date that is impossible would be shown, or refused. */
const dated: ReadonlySet<string> = new Set(["junit", "gitlab", "github", "openvex", "cosign-vuln"]);

/**
 * The time of a report, RFC 3339; undefined where neither the user states one nor the format requires one.
 * @throws UsageError for an invalid time.
 */
export function creationTime(
  { id }: Pick<Reporter, "id">,
  { createdAt }: CiFlags,
  { env, now }: Pick<Terminal, "env" | "now">,
): string | undefined {
  if (createdAt !== undefined) return timeOf("--created-at", createdAt);
  const epoch = firstOf(env, "SOURCE_DATE_EPOCH");
  if (epoch !== undefined) {
    const seconds = /^\d{1,12}$/.test(epoch) ? Number(epoch) : Number.NaN;
    const date = new Date(seconds * 1000);
    if (Number.isNaN(date.getTime()))
      throw new UsageError(`SOURCE_DATE_EPOCH: "${epoch.slice(0, 40)}" is no number of seconds`);
    return date.toISOString();
  }
  if (!dated.has(id)) return undefined;
  const started = firstOf(env, "CI_JOB_STARTED_AT", "CI_PIPELINE_CREATED_AT");
  return started !== undefined && !Number.isNaN(Date.parse(started)) ? started : now();
}

function timeOf(flag: string, text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text) || Number.isNaN(Date.parse(text)))
    throw new UsageError(`${flag}: "${text.slice(0, 40)}" is no time such as 2026-11-28T12:00:00Z`);
  return text;
}

function firstOf(env: Env, ...names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
}

function named(prefix: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : prefix + name;
}
