import { goJson, orderedControls } from "./kube-bench-json.ts";
import type { KubeBenchCheck, KubeBenchControls } from "./kube-bench-json.ts";

/** kube-bench's JUnit report: one suite for each controls file. */
export function kubeBenchJUnit(controls: readonly KubeBenchControls[]): string {
  return `<testsuites>\n${orderedControls(controls).map(testSuite).join("")}\n</testsuites>\n`;
}

/** One suite. Its numbers are those of the summary; warnings and information are skipped tests. */
export function testSuite(controls: KubeBenchControls): string {
  const tests = controls.total_pass + controls.total_fail + controls.total_info + controls.total_warn;
  const head = `<testsuite name="${xmlText(controls.text)}" tests="${tests}" failures="${controls.total_fail}" errors="0" time="0">`;
  const cases = controls.tests.flatMap((group) => group.results.map((check) => testCase(check, group.desc)));
  return cases.length === 0 ? `${head}</testsuite>` : `${head}\n${cases.join("\n")}\n</testsuite>`;
}

function testCase(check: KubeBenchCheck, group: string): string {
  const name = xmlText(`${check.test_number} ${check.test_desc}`);
  const lines = [`    <testcase name="${name}" classname="${xmlText(group)}" time="0">`];
  if (check.status === "FAIL") lines.push(`        <failure type="">${xmlText(check.remediation)}</failure>`);
  else if (check.status === "WARN" || check.status === "INFO") lines.push("        <skipped></skipped>");
  lines.push(`        <system-out>${xmlText(goJson(check))}</system-out>`, "    </testcase>");
  return lines.join("\n");
}

const entities: Readonly<Record<string, string>> = {
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\t": "&#x9;",
  "\n": "&#xA;",
  "\r": "&#xD;",
};

/** Text as Go's XML encoder writes it: what XML cannot hold becomes the replacement character. */
function xmlText(text: string): string {
  return text
    .replace(/["'&<>\t\n\r]/g, (char) => entities[char] ?? char)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");
}
