import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { csaf } from "./index.ts";

async function parse(document: unknown, name = "csaf/2024/cve-2024-0001.json"): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(typeof document === "string" ? document : JSON.stringify(document));
  const records: FeedRecord[] = [];
  for await (const record of csaf.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) }))
    records.push(record);
  return records;
}

/** One line per statement: `namespace/name introduced…end status {qualifiers}`. */
function lines([record]: readonly FeedRecord[]): string[] {
  if (record?.kind !== "advisory") return [JSON.stringify(record)];
  return record.advisory.affected.map(({ namespace, name, ranges, status = "", qualifiers = {}, severities = [] }) =>
    [
      `${namespace}/${name}`,
      ...ranges.map(({ end }) => (end.kind === "open" ? "open" : `<${end.version}`)),
      status,
      ...Object.entries(qualifiers).map(([key, value]) => `${key}=${value}`),
      ...severities.map(({ value }) => value),
    ]
      .filter((part) => part !== "")
      .join(" "),
  );
}

const product = (id: string, helper: object): object => ({
  category: "product_version",
  name: id,
  product: { name: id, product_id: id, product_identification_helper: helper },
});
const pair = (component: string, container: string): object => ({
  category: "default_component_of",
  full_product_name: { name: `${component} of ${container}`, product_id: `${container}:${component}` },
  product_reference: component,
  relates_to_product_reference: container,
});

/** Shaped as Red Hat's VEX files are: https://security.access.redhat.com/data/csaf/v2/vex/. */
const vex = {
  document: {
    category: "csaf_vex",
    aggregate_severity: { text: "Moderate" },
    publisher: { name: "Red Hat Product Security", namespace: "https://www.redhat.com" },
    references: [{ category: "self", url: "https://a.example/vex.json" }],
    title: "openssl: a title",
    tracking: {
      id: "CVE-2024-0001",
      status: "final",
      initial_release_date: "2024-01-01T00:00:00+00:00",
      current_release_date: "2024-02-01T00:00:00+00:00",
    },
  },
  product_tree: {
    branches: [
      {
        category: "vendor",
        name: "Red Hat",
        branches: [
          product("AppStream-9.4.0.Z.MAIN", { cpe: "cpe:/a:redhat:enterprise_linux:9::appstream" }),
          product("red_hat_enterprise_linux_8", { cpe: "cpe:/o:redhat:enterprise_linux:8" }),
          product("openshift", { cpe: "cpe:/a:redhat:openshift:4" }),
          product("openssl-1:3.0.7-27.el9.x86_64", {
            purl: "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1",
          }),
          product("openssl-1:3.0.7-27.el9.aarch64", {
            purl: "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=aarch64&epoch=1",
          }),
          product("openssl-1:3.0.7-27.el9.src", { purl: "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1" }),
          product("nodejs:18:9040020240807131341:rhel9", {
            purl: "pkg:rpmmod/redhat/nodejs@18:9040020240807131341:rhel9",
          }),
          product("npm-1:10.8.2-1.el9.x86_64", { purl: "pkg:rpm/redhat/npm@10.8.2-1.el9?arch=x86_64&epoch=1" }),
          product("openssl", { purl: "pkg:rpm/redhat/openssl?arch=src" }),
          product("shim", {}),
        ],
      },
    ],
    relationships: [
      pair("openssl-1:3.0.7-27.el9.x86_64", "AppStream-9.4.0.Z.MAIN"),
      pair("openssl-1:3.0.7-27.el9.aarch64", "AppStream-9.4.0.Z.MAIN"),
      pair("openssl-1:3.0.7-27.el9.src", "AppStream-9.4.0.Z.MAIN"),
      pair("nodejs:18:9040020240807131341:rhel9", "AppStream-9.4.0.Z.MAIN"),
      pair("npm-1:10.8.2-1.el9.x86_64", "AppStream-9.4.0.Z.MAIN:nodejs:18:9040020240807131341:rhel9"),
      pair("openssl", "AppStream-9.4.0.Z.MAIN"),
      pair("openssl", "red_hat_enterprise_linux_8"),
      pair("shim", "red_hat_enterprise_linux_8"),
      pair("nodejs:18/npm", "red_hat_enterprise_linux_8"),
      pair("openssl", "openshift"),
    ],
  },
  vulnerabilities: [
    {
      cve: "CVE-2024-0001",
      cwe: { id: "CWE-476" },
      notes: [{ category: "description", text: "A flaw" }],
      product_status: {
        fixed: [
          "AppStream-9.4.0.Z.MAIN:openssl-1:3.0.7-27.el9.x86_64",
          "AppStream-9.4.0.Z.MAIN:openssl-1:3.0.7-27.el9.aarch64",
          "AppStream-9.4.0.Z.MAIN:openssl-1:3.0.7-27.el9.src",
          "AppStream-9.4.0.Z.MAIN:nodejs:18:9040020240807131341:rhel9:npm-1:10.8.2-1.el9.x86_64",
        ],
        known_affected: ["AppStream-9.4.0.Z.MAIN:openssl", "red_hat_enterprise_linux_8:openssl", "openshift:openssl"],
        under_investigation: ["red_hat_enterprise_linux_8:shim", "red_hat_enterprise_linux_8:nodejs:18/npm"],
        known_not_affected: ["red_hat_enterprise_linux_8:npm"],
      },
      remediations: [
        {
          category: "no_fix_planned",
          details: "Out of support scope",
          product_ids: ["red_hat_enterprise_linux_8:openssl"],
        },
        { category: "vendor_fix", url: "https://access.redhat.com/errata/RHSA-2024:1" },
      ],
      scores: [{ cvss_v3: { vectorString: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" }, products: [] }],
      threats: [
        { category: "impact", details: "Moderate" },
        { category: "impact", details: "Low", product_ids: ["red_hat_enterprise_linux_8:openssl"] },
      ],
    },
  ],
};

describe("Red Hat's VEX", () => {
  test("states fixes by product and module, and what is said of the rest", async () => {
    const stated = await parse(vex);

    expect(lines(stated)).toEqual([
      "Red Hat:enterprise_linux:9::appstream/openssl <1:3.0.7-27.el9 arch=aarch64,x86_64 Moderate",
      "Red Hat:enterprise_linux:9::appstream/npm <1:10.8.2-1.el9 modules=nodejs:18 arch=x86_64 Moderate",
      "Red Hat:enterprise_linux:8/openssl open end_of_life modules= Low",
      "Red Hat:enterprise_linux:8/shim open under_investigation modules= Moderate",
      "Red Hat:enterprise_linux:8/npm open under_investigation modules=nodejs:18 Moderate",
    ]);
    expect(stated).toMatchObject([
      {
        advisory: {
          id: "REDHAT-CVE-2024-0001",
          source: "csaf/redhat",
          upstream: ["CVE-2024-0001"],
          summary: "openssl: a title",
          details: "A flaw",
          modified: "2024-02-01T00:00:00+00:00",
          cwes: ["CWE-476"],
          severities: [
            { system: "cvss-3.1", source: "redhat" },
            { system: "rating", value: "Moderate", source: "redhat" },
          ],
        },
      },
    ]);
  });

  test.each([
    ["Will not fix", "no_fix_planned", "will_not_fix"],
    ["Fix deferred", "none_available", "fix_deferred"],
    ["Affected", "none_available", "affected"],
    ["Out of support scope", "no_fix_planned", "end_of_life"],
  ])("%s as %s is %s", async (details, category, status) => {
    const [vulnerability] = vex.vulnerabilities;
    const remediations = [{ category, details, product_ids: ["red_hat_enterprise_linux_8:openssl"] }];
    const stated = lines(await parse({ ...vex, vulnerabilities: [{ ...vulnerability, remediations }] }));

    expect(stated).toContain(`Red Hat:enterprise_linux:8/openssl open ${status} modules= Low`);
  });
});

/** Shaped as SUSE's errata are: https://ftp.suse.com/pub/projects/security/csaf/. */
const erratum = {
  document: {
    aggregate_severity: { text: "important" },
    category: "csaf_security_advisory",
    notes: [{ category: "summary", text: "Security update" }],
    publisher: { namespace: "https://www.suse.com/" },
    title: "Security update for openssl-1_1",
    tracking: { id: "SUSE-SU-2023:2648-1", status: "final", current_release_date: "2023-06-27T00:00:00Z" },
  },
  product_tree: {
    branches: [
      product("SUSE Linux Enterprise Module for Basesystem 15 SP5", {
        cpe: "cpe:/o:suse:sle-module-basesystem:15:sp5",
      }),
      product("openSUSE Leap 15.5", { cpe: "cpe:/o:opensuse:leap:15.5" }),
      product("libopenssl1_1-1.1.1l-150500.17.6.1.x86_64", {}),
      product("openssl-1_1-doc-1.1.1l-150500.17.6.1.noarch", {}),
    ],
    relationships: [
      pair("libopenssl1_1-1.1.1l-150500.17.6.1.x86_64", "SUSE Linux Enterprise Module for Basesystem 15 SP5"),
      pair("openssl-1_1-doc-1.1.1l-150500.17.6.1.noarch", "openSUSE Leap 15.5"),
    ],
  },
  vulnerabilities: ["CVE-2022-4304", "CVE-2023-2650"].map((cve) => ({
    cve,
    product_status: {
      recommended: [
        "SUSE Linux Enterprise Module for Basesystem 15 SP5:libopenssl1_1-1.1.1l-150500.17.6.1.x86_64",
        "openSUSE Leap 15.5:openssl-1_1-doc-1.1.1l-150500.17.6.1.noarch",
      ],
    },
    threats: [{ category: "impact", details: "important" }],
  })),
};

test("SUSE's errata state what to update to, for all their CVEs", async () => {
  const stated = await parse(erratum, "suse-su-2023_2648-1.json");

  expect(lines(stated)).toEqual([
    "SUSE:Linux Enterprise Module for Basesystem 15 SP5/libopenssl1_1 <1.1.1l-150500.17.6.1 arch=x86_64 important",
    "openSUSE:Leap 15.5/openssl-1_1-doc <1.1.1l-150500.17.6.1 arch=noarch important",
  ]);
  expect(stated).toMatchObject([
    { advisory: { id: "SUSE-SU-2023:2648-1", upstream: ["CVE-2022-4304", "CVE-2023-2650"] } },
  ]);
});

test.each([
  ["{", "diagnostic"],
  ["[]", "diagnostic"],
  ['{"vulnerabilities":[]}', "diagnostic"],
  [JSON.stringify({ ...vex, vulnerabilities: [] }), "skipped"],
  [JSON.stringify({ ...vex, product_tree: 1 }), "skipped"],
  [
    JSON.stringify({ ...vex, document: { ...vex.document, tracking: { id: "CVE-2024-0001", status: "withdrawn" } } }),
    "skipped",
  ],
])("of %.40s it says %s", async (text, kind) => {
  expect((await parse(text)).at(-1)?.kind).toBe(kind);
});

test("products that contain each other end", async () => {
  const circle = { branches: [], relationships: [pair("a", "b:a"), pair("a", "b")] };
  const [vulnerability] = vex.vulnerabilities;
  const loop = { ...vulnerability, product_status: { fixed: ["b:a:a"], known_affected: ["b:a"] } };

  expect(await parse({ ...vex, product_tree: circle, vulnerabilities: [loop] })).toMatchObject([{ kind: "skipped" }]);
});
