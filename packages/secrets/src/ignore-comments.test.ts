import { describe, expect, test } from "vitest";
import { openSecretSearch, searchSecrets } from "./index.ts";
import { readComment } from "./ignore-comments.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Made up, and put together here so that no scanner takes this file for a leak. */
const awsKey = "AKI" + "AQ3EGUYT2XK7BNMLP";

const search = (text: string) => searchSecrets(utf8(text), { path: "a.conf" });

describe("a comment", () => {
  test.each([
    `key = ${awsKey} # gitleaks:allow\n`,
    `key = ${awsKey} # trivy:ignore:aws-access-key-id\n`,
    `key = ${awsKey} # trivy:ignore:AWS-ACCESS-*:exp:2030-01-01\n`,
    `# trivy:ignore:aws-access-key-id\nkey = ${awsKey}\n`,
    `// plimsoll:ignore aws-access-key-id,github-pat an example until 2030-01-01\nkey = ${awsKey}\n`,
  ])("takes the secret out that it stands beside, or above: %j", (text) => {
    const { secrets, ignored, unusedComments } = search(text);

    expect(secrets).toEqual([]);
    expect(ignored).toMatchObject([{ id: "aws-access-key-id" }]);
    expect(unusedComments).toEqual([]);
    expect(JSON.stringify(ignored)).not.toContain(awsKey);
  });

  test.each([
    [`key = ${awsKey}\n# gitleaks:allow\n`, ["gitleaks:allow"]],
    [`# gitleaks:allow\nkey = ${awsKey}\n`, ["gitleaks:allow"]],
    [`x = 1 # trivy:ignore:aws-access-key-id\nkey = ${awsKey}\n`, ["trivy:ignore:aws-access-key-id"]],
    [`key = ${awsKey} # trivy:ignore:github-pat\n`, ["trivy:ignore:github-pat"]],
    // About a check of configurations: none of ours to tell.
    [`key = ${awsKey} # trivy:ignore:AVD-DS-0002\n`, []],
  ])("that speaks of none is told: %j", (text, unused) => {
    const { secrets, unusedComments } = search(text);

    expect(secrets).toHaveLength(1);
    expect(unusedComments.map(({ text: comment }) => comment)).toEqual(unused);
  });

  test("says until when it holds", () => {
    expect(readComment("# trivy:ignore:a:exp:2026-12-31", 2, 7)).toEqual({
      text: "trivy:ignore:a:exp:2026-12-31",
      line: 7,
      ids: ["a"],
      until: "2026-12-31",
      alone: true,
    });
  });

  test("holds in a file of any length, once", () => {
    const filler = "filler line of a long file\n".repeat(1000);
    const text = `${filler}key = ${awsKey} # gitleaks:allow\n`.repeat(120);
    const pieces = openSecretSearch({ path: "a.conf" });
    const bytes = utf8(text);
    for (let at = 0; at < bytes.length; at += 65_536) pieces.push(bytes.subarray(at, at + 65_536));
    const { secrets, ignored, unusedComments } = pieces.finish();

    expect(secrets).toEqual([]);
    expect(ignored.map(({ line }) => line)).toEqual(Array.from({ length: 120 }, (_, i) => (i + 1) * 1001));
    expect(unusedComments).toEqual([]);
  });
});
