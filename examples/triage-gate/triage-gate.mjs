// Scans an image and exits with 1 when something is left that our rules do not accept.
//
//   node triage-gate.mjs IMAGE DATABASE
//
// A triage rule is a function of one finding: typed, testable, and free to know what your organisation knows.
import { failAtOrAbove, scanImage } from "plimsoll";

/** @type {import("plimsoll").TriageRule} */
const notReachable = {
  id: "not-reachable",
  judge: (finding) =>
    finding.package.name === "lodash" && finding.cwes?.includes("CWE-1321")
      ? { kind: "suppress", by: "not-reachable", reason: "our input never reaches lodash's merge functions" }
      : undefined,
};

const [image = "../first-scan/dist/app.tar", db = "../first-scan/dist/advisories.plimsoll"] = process.argv.slice(2);
const report = await scanImage(image, { db, triage: [notReachable], ignoreUnfixed: true, offline: true });

const unacceptable = failAtOrAbove("HIGH").failures(report.vulnerabilities ?? []);
for (const { id, package: pkg, fixedVersion, layer } of unacceptable)
  console.log(
    `${id} in ${pkg.name} ${pkg.version}: upgrade to ${fixedVersion} (came with: ${layer?.createdBy ?? "unknown"})`,
  );
for (const { finding, by, reason } of report.suppressed ?? [])
  console.log(`${finding.id} left out by ${by}: ${reason}`);

// "Nothing found" must not mean "nothing looked at".
if (report.coverage.verdict !== "complete") console.log("Not everything could be looked at:", report.coverage.gaps);
process.exitCode = unacceptable.length > 0 ? 1 : 0;
