// Formats for services say which commit, which job and when: from flags, else from the CI that runs us, else the flag is named.
import { describe, expect, test } from "vitest";
import { ciFacts, creationTime } from "./ci-facts.ts";

const sha = "a".repeat(40);
const now = (): string => "2026-11-28T12:00:00Z";

describe("what --format github says", () => {
  test.each<readonly [string, Record<string, string>, object]>([
    [
      "GitHub Actions",
      {
        GITHUB_SHA: sha,
        GITHUB_REF: "refs/pull/7/merge",
        GITHUB_RUN_ID: "42",
        GITHUB_WORKFLOW: "scan",
        GITHUB_JOB: "image",
      },
      { sha, ref: "refs/pull/7/merge", jobId: "42", correlator: "scan_image" },
    ],
    [
      "GitLab CI",
      { CI_COMMIT_SHA: sha, CI_COMMIT_BRANCH: "main", CI_JOB_ID: "9" },
      { sha, ref: "refs/heads/main", jobId: "9" },
    ],
    [
      "GitLab CI for a tag",
      { CI_COMMIT_SHA: sha, CI_COMMIT_TAG: "v1", CI_JOB_ID: "9", CI_PROJECT_PATH: "a/b", CI_JOB_NAME: "scan" },
      { sha, ref: "refs/tags/v1", jobId: "9", correlator: "a/b_scan" },
    ],
  ])("comes from %s", (_, env, expected) => {
    expect(ciFacts("github", {}, { env })).toEqual(expected);
  });

  test("flags go before variables", () => {
    const env = { GITHUB_SHA: "b".repeat(40), GITHUB_REF: "refs/heads/x", GITHUB_RUN_ID: "1" };
    const flags = { sha, ref: "refs/heads/y", jobId: "2", correlator: "c" };

    expect(ciFacts("github", flags, { env })).toEqual(flags);
  });

  test.each<readonly [Record<string, string>, string]>([
    [{}, "--sha"],
    [{ GITHUB_SHA: sha }, "--ref"],
    [{ GITHUB_SHA: sha, GITHUB_REF: "refs/heads/x" }, "--job-id"],
    [{ GITHUB_SHA: "main" }, '--sha: "main" is not the full id of a commit'],
  ])("is not made up: with %j the flag is named", (env, named) => {
    expect(() => ciFacts("github", {}, { env })).toThrow(named);
  });

  test("is asked of no other format", () => {
    expect(ciFacts("gitlab", {}, { env: {} })).toEqual({});
  });
});

describe("the time of a report", () => {
  test.each<readonly [string, string, Record<string, string>, string | undefined]>([
    ["of no one who does not ask", "json", {}, undefined],
    ["of the clock for formats that need one", "junit", {}, now()],
    ["of the CI's job", "gitlab", { CI_JOB_STARTED_AT: "2026-11-01T00:00:00Z" }, "2026-11-01T00:00:00Z"],
    ["of SOURCE_DATE_EPOCH, for every format", "json", { SOURCE_DATE_EPOCH: "1700000000" }, "2023-11-14T22:13:20.000Z"],
    [
      "of SOURCE_DATE_EPOCH before the CI's",
      "junit",
      { SOURCE_DATE_EPOCH: "0", CI_JOB_STARTED_AT: "2026-11-01T00:00:00Z" },
      "1970-01-01T00:00:00.000Z",
    ],
  ])("is that %s", (_, id, env, expected) => {
    expect(creationTime({ id }, {}, { env, now })).toBe(expected);
  });

  test("is that of the flag before all", () => {
    const createdAt = "2025-01-01T00:00:00Z";
    expect(creationTime({ id: "json" }, { createdAt }, { env: { SOURCE_DATE_EPOCH: "1" }, now })).toBe(createdAt);
  });

  test.each([
    [{ createdAt: "yesterday" }, {}, "--created-at"],
    [{}, { SOURCE_DATE_EPOCH: "soon" }, "SOURCE_DATE_EPOCH"],
  ])("that is none is refused by name", (flags, env, named) => {
    expect(() => creationTime({ id: "json" }, flags, { env, now })).toThrow(named);
  });
});
