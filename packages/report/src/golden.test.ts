import { sampleReport } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { everyReporter, reporterFor } from "./reporters.ts";

/** What a reviewer reads when a format changes. The page is left out: its script would drown the rest, and a browser judges it. */
const endings: ReadonlyMap<string, string> = new Map([
  ["table", "txt"],
  ["json", "json"],
  ["cyclonedx", "json"],
  ["cyclonedx-xml", "xml"],
  ["spdx-json", "json"],
  ["spdx", "spdx"],
  ["spdx3-json", "json"],
  ["sarif", "json"],
  ["markdown", "md"],
  ["junit", "xml"],
  ["gitlab", "json"],
  ["gitlab-secrets", "json"],
  ["github", "json"],
  ["github-annotations", "txt"],
  ["openvex", "json"],
  ["csv", "csv"],
  ["cosign-vuln", "json"],
  ["notices", "txt"],
  ["template", "txt"],
]);

const template = `{{ report.artifact.name }}: {{ total }}
{% for target in targets %}{{ target.title }}
{% for finding in target.findings %}  {{ finding.id }} {{ finding.severity | downcase }} {{ finding | url }}
{% endfor %}{% endfor %}`;

test.each([...everyReporter.keys()].filter((id) => id !== "html"))("%s has not changed", async (id) => {
  const text = [...reporterFor(id, { template, width: 120, dependencyTree: true }).render(sampleReport)].join("");

  await expect(text).toMatchFileSnapshot(`../golden/sample.${id}.${endings.get(id)}`);
});
