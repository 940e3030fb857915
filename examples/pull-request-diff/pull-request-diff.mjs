// What does a pull request change? Scans the image of the target branch and the one of the pull request, writes a comment in
// Markdown, and exits with 1 when something came that a fix exists for.
//
//   node pull-request-diff.mjs BEFORE AFTER DATABASE
//
// Both are scanned with the same database, so that what is new in the world is not blamed on the pull request.
// Without arguments: the image of examples/first-scan, before and after its last layers.
import { compareReports, diffMarkdown, openAdvisories, scanImage } from "plimsoll";

const [
  before = "dist/before.tar",
  after = "../first-scan/dist/app.tar",
  database = "../first-scan/dist/advisories.plimsoll",
] = process.argv.slice(2);
if (process.argv.length === 2) await import("./make-before.mjs");
const advisories = await openAdvisories(database);
const [old, now] = await Promise.all(
  [before, after].map((image) => scanImage(image, { advisories, offline: true, cache: false })),
);
await advisories.close();

const diff = compareReports(old, now);
for (const text of diffMarkdown(diff)) process.stdout.write(text);
process.exitCode = diff.findings.added.some(({ finding }) => finding.status === "fixed") ? 1 : 0;
