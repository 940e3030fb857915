import { fingerprintOf, located } from "@plimsoll/model";
import type {
  Digest,
  LicenseFinding,
  Misconfiguration,
  Package,
  PackageRef,
  Report,
  SecretFinding,
  Vulnerability,
} from "@plimsoll/model";

const base: Digest = `sha256:${"a".repeat(64)}`;
const own: Digest = `sha256:${"b".repeat(64)}`;

const musl: Package = {
  id: "pkg:apk/alpine/musl@1.1.22-r3?arch=x86_64&distro=alpine-3.10.9",
  name: "musl",
  version: "1.1.22-r3",
  ecosystem: "apk",
  class: "os",
  purl: "pkg:apk/alpine/musl@1.1.22-r3?arch=x86_64&distro=alpine-3.10.9",
  source: { name: "musl", version: "1.1.22-r3" },
  architecture: "x86_64",
  licenses: ["MIT"],
  supplier: "Timo Teräs <timo.teras@iki.fi>",
  hashes: { sha1: "0".repeat(40) },
  locations: [{ path: "lib/apk/db/installed", layer: { index: 0, diffId: base }, line: 1, evidence: "installed" }],
  foundBy: ["apk/installed"],
};

const busybox: Package = {
  id: "pkg:apk/alpine/ssl_client@1.30.1-r5?arch=x86_64&distro=alpine-3.10.9&upstream=busybox",
  name: "ssl_client",
  version: "1.30.1-r5",
  ecosystem: "apk",
  class: "os",
  purl: "pkg:apk/alpine/ssl_client@1.30.1-r5?arch=x86_64&distro=alpine-3.10.9&upstream=busybox",
  source: { name: "busybox", version: "1.30.1-r5" },
  architecture: "x86_64",
  licenses: ["GPL-2.0-only"],
  locations: [{ path: "lib/apk/db/installed", layer: { index: 0, diffId: base }, evidence: "installed" }],
  dependencies: [musl.id],
  foundBy: ["apk/installed"],
};

const lodash: Package = {
  id: "pkg:npm/lodash@4.17.4",
  name: "lodash",
  version: "4.17.4",
  ecosystem: "npm",
  class: "library",
  purl: "pkg:npm/lodash@4.17.4",
  licenses: ["MIT OR Apache-2.0"],
  hashes: { sha512: "c".repeat(128) },
  cpes: ["cpe:2.3:a:lodash:lodash:4.17.4:*:*:*:*:node.js:*:*"],
  relationship: "indirect",
  locations: [
    {
      path: "app/node_modules/lodash/package.json",
      layer: { index: 1, diffId: own },
      evidence: "installed",
    },
  ],
  foundBy: ["npm/installed"],
};

const shop: Package = {
  id: "pkg:npm/shop@1.0.0",
  name: "shop",
  version: "1.0.0",
  ecosystem: "npm",
  class: "library",
  purl: "pkg:npm/shop@1.0.0",
  licenses: ["Our own licence, see LICENSE.txt", "MIT"],
  facts: { module: "shop" },
  relationship: "root",
  locations: [{ path: "app/package.json", layer: { index: 1, diffId: own }, evidence: "installed" }],
  dependencies: [lodash.id],
  foundBy: ["npm/installed"],
};

/** What a finding says of the package it is in. */
function inPackage(pkg: Package): Pick<Vulnerability, "package" | "location" | "locations"> {
  const { id, name, version, purl, ecosystem, locations } = pkg;
  const named: PackageRef = { id, name, version, purl, ecosystem };
  const [first] = locations;
  return { package: first === undefined ? named : { ...named, path: first.path }, ...located(locations) };
}

const muslFinding: Vulnerability = {
  kind: "vulnerability",
  id: "CVE-2020-28928",
  fingerprint: fingerprintOf("vulnerability", "CVE-2020-28928"),
  aliases: ["ALPINE-CVE-2020-28928"],
  ...inPackage(musl),
  fixedVersion: "1.1.22-r4",
  fixedVersions: ["1.1.22-r4"],
  status: "fixed",
  severity: "MEDIUM",
  severitySource: "nvd",
  cvss: [
    { source: "nvd", version: "3.1", vector: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", score: 5.5 },
    { source: "nvd", version: "2.0", vector: "AV:L/AC:L/Au:N/C:N/I:N/A:P", score: 2.1 },
  ],
  title: "wcsnrtombs mishandles a buffer that is too small",
  description: "In musl libc through 1.2.1, wcsnrtombs mishandles particular combinations of destination buffer size.",
  cwes: ["CWE-787"],
  references: ["https://nvd.nist.gov/vuln/detail/CVE-2020-28928", "https://musl.libc.org/releases.html"],
  published: "2020-11-24T18:15:12Z",
  modified: "2023-11-07T03:21:00Z",
  layer: { index: 0, diffId: base, createdBy: "/bin/sh -c #(nop) ADD file:alpine in /" },
  explanation: {
    key: { namespace: "Alpine:v3.10", name: "musl" },
    comparedVersion: "1.1.22-r3",
    advisory: "ALPINE-CVE-2020-28928",
    range: ">= 0, < 1.1.22-r4",
    scheme: "apk",
    confidence: "exact",
  },
};

const lodashFinding: Vulnerability = {
  kind: "vulnerability",
  id: "CVE-2019-10744",
  fingerprint: fingerprintOf("vulnerability", "CVE-2019-10744"),
  aliases: ["GHSA-jf85-cpcp-j695"],
  ...inPackage(lodash),
  fixedVersion: "4.17.12",
  fixedVersions: ["4.17.12"],
  status: "fixed",
  severity: "CRITICAL",
  severitySource: "ghsa",
  cvss: [{ source: "ghsa", version: "3.1", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H", score: 9.1 }],
  epss: { probability: 0.31, percentile: 0.97, date: "2026-11-01" },
  knownExploited: { dateAdded: "2022-01-10", dueDate: "2022-07-10", ransomware: true },
  risk: 87.5,
  title: "Prototype pollution in lodash",
  cwes: ["CWE-1321", "CWE-20"],
  references: ["https://nvd.nist.gov/vuln/detail/CVE-2019-10744"],
  published: "2019-07-10T19:45:23Z",
  modified: "2025-01-14",
  layer: { index: 1, diffId: own, createdBy: "RUN npm ci" },
  explanation: {
    key: { namespace: "npm", name: "lodash" },
    comparedVersion: "4.17.4",
    advisory: "GHSA-jf85-cpcp-j695",
    range: ">= 0, < 4.17.12",
    scheme: "semver",
    confidence: "exact",
    notes: ["severity from ghsa, nvd says CRITICAL too"],
  },
};

const unfixed: Vulnerability = {
  kind: "vulnerability",
  id: "GHSA-xxxx-yyyy-zzzz",
  fingerprint: fingerprintOf("vulnerability", "GHSA-xxxx-yyyy-zzzz"),
  aliases: [],
  ...inPackage(lodash),
  fixedVersions: [],
  status: "will_not_fix",
  severity: "NEGLIGIBLE",
  cvss: [],
  references: [],
  layer: { index: 1, diffId: own, createdBy: "RUN npm ci" },
  explanation: {
    key: { namespace: "npm", name: "lodash" },
    comparedVersion: "4.17.4",
    advisory: "GHSA-xxxx-yyyy-zzzz",
    range: ">= 0",
    scheme: "semver",
    confidence: "approximate",
  },
};

const suppressed: Vulnerability = {
  ...muslFinding,
  fingerprint: fingerprintOf("vulnerability", "CVE-2019-14697"),
  id: "CVE-2019-14697",
  aliases: [],
  severity: "HIGH",
  cvss: [
    {
      source: "nvd",
      version: "4.0",
      vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
      score: 9.3,
    },
  ],
  ...inPackage(busybox),
};

/** A small report that uses every field of the model: what tests of formats render. In canonical order. */
export const sampleReport: Report = {
  schemaVersion: 2,
  tool: { name: "plimsoll", version: "0.1.0" },
  artifact: {
    name: "shop:1.0",
    kind: "container-image",
    digest: `sha256:${"d".repeat(64)}`,
    platform: "linux/amd64",
    tags: ["shop:1.0"],
    distro: {
      id: "alpine",
      versionId: "3.10.9",
      name: "Alpine Linux",
      prettyName: "Alpine Linux v3.10",
      endOfLife: "2021-05-01",
    },
    layers: [
      {
        index: 0,
        digest: `sha256:${"1".repeat(64)}`,
        diffId: base,
        createdBy: "/bin/sh -c #(nop) ADD file:alpine in /",
        size: 2_800_000,
        base: true,
      },
      {
        index: 1,
        digest: `sha256:${"2".repeat(64)}`,
        diffId: own,
        createdBy: "RUN npm ci",
        size: 120_000,
        base: false,
      },
    ],
  },
  advisories: {
    revision: "2026-11-01T00:00:00Z",
    sources: [
      { id: "osv/Alpine", records: 3000, updatedAt: "2026-10-31T00:00:00Z" },
      { id: "osv/npm", records: 20_000 },
    ],
  },
  packages: [musl, busybox, lodash, shop],
  vulnerabilities: [lodashFinding, muslFinding, unfixed],
  suppressed: [{ finding: suppressed, by: "vex", reason: "not_affected: vulnerable_code_not_in_execute_path" }],
  coverage: {
    verdict: "partial",
    gaps: [{ code: "malformed-file", message: "app/broken.lock cannot be read: not JSON", path: "app/broken.lock" }],
  },
  diagnostics: [
    {
      kind: "diagnostic",
      code: "malformed-file",
      effect: "incomplete",
      message: "app/broken.lock cannot be read: not JSON",
      location: { path: "app/broken.lock", layer: { index: 1, diffId: own } },
      analyzer: "npm/lock",
    },
  ],
};

/** A report of an image in which nothing was found. */
export const emptyReport: Report = {
  schemaVersion: 2,
  tool: { name: "plimsoll", version: "0.1.0" },
  artifact: { name: "scratch", kind: "container-image", layers: [] },
  packages: [],
  vulnerabilities: [],
  coverage: { verdict: "complete", gaps: [] },
  diagnostics: [],
};

const secret: SecretFinding = {
  kind: "secret",
  id: "aws-access-key-id",
  aliases: ["aws-access-token"],
  category: "AWS",
  title: "AWS access key id",
  severity: "CRITICAL",
  match: "KEY=********************",
  removedIn: { index: 1, diffId: own, createdBy: "RUN npm ci" },
  ...located([
    { path: "srv/app/.env", line: 3, column: 5, endLine: 3, endColumn: 25, layer: { index: 0, diffId: base } },
  ]),
  fingerprint: fingerprintOf("secret", "aws-access-key-id", "srv/app/.env"),
  explanation: { rule: "aws-access-key-id", keyword: "AKIA" },
};

const license: LicenseFinding = {
  kind: "license",
  id: "GPL-2.0-only",
  category: "restricted",
  severity: "HIGH",
  confidence: 1,
  package: { id: busybox.id, name: busybox.name, version: busybox.version, purl: busybox.purl, ecosystem: "apk" },
  ...located(busybox.locations),
  fingerprint: fingerprintOf("license", "GPL-2.0-only", busybox.name),
  explanation: { source: "statement", statement: "GPL-2.0-only" },
};

const misconfiguration: Misconfiguration = {
  kind: "misconfiguration",
  engine: "checks",
  subject: "file",
  id: "DS-0002",
  aliases: ["AVD-DS-0002", "DS002"],
  severity: "HIGH",
  status: "fail",
  title: "The image runs as root",
  message: "The last USER instruction is root",
  resolution: "Add a USER instruction with another user",
  references: ["https://docs.docker.com/develop/develop-images/dockerfile_best-practices/"],
  resource: { type: "dockerfile", name: "Dockerfile" },
  ...located([{ path: "Dockerfile", line: 4, endLine: 4 }]),
  snippet: [{ line: 4, text: "USER root", cause: true }],
  fix: {
    edits: [{ path: "Dockerfile", start: { line: 4, column: 6 }, end: { line: 4, column: 10 }, text: "node" }],
  },
  fingerprint: fingerprintOf("misconfiguration", "DS-0002", "dockerfile", "Dockerfile"),
  explanation: { rule: "the last USER is not root" },
};

const passed: Misconfiguration = {
  ...misconfiguration,
  id: "DS-0026",
  aliases: [],
  severity: "LOW",
  status: "pass",
  title: "The image has a HEALTHCHECK",
  message: "There is a HEALTHCHECK instruction",
  fingerprint: fingerprintOf("misconfiguration", "DS-0026", "dockerfile", "Dockerfile"),
};

/** The sample with findings of all four kinds, one of each suppressed, too. In canonical order. */
export const everyKindReport: Report = {
  ...sampleReport,
  secrets: [secret],
  licenses: [license],
  misconfigurations: [misconfiguration, passed],
  suppressed: [
    ...(sampleReport.suppressed ?? []),
    {
      finding: { ...secret, id: "generic-password" },
      by: "ignorefile",
      reason: "a test password",
      origin: ".trivyignore",
    },
    { finding: { ...license, id: "MPL-2.0" }, by: "ignorefile", reason: "cleared" },
    { finding: { ...misconfiguration, id: "DS-0001" }, by: "ignorefile", reason: "pinned by digest elsewhere" },
  ],
};
