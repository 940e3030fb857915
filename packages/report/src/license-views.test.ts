// Licences in documents that are no lists of findings: bills of materials and notices.
import { fingerprintOf, located } from "@plimsoll/model";
import type { LicenseFinding, Package, Report } from "@plimsoll/model";
import { hostileTexts, jsonSchemaValidator, sampleReport, xmlSchemaValidator } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { cyclonedx, notices, spdx, spdx3, table } from "./index.ts";
import type { CycloneDxVersion } from "./index.ts";

const lodash = sampleReport.packages.find(({ name }) => name === "lodash");
const musl = sampleReport.packages.find(({ name }) => name === "musl");

function finding(
  pkg: Package | undefined,
  id: string,
  source: "statement" | "text",
  more: Partial<LicenseFinding> & { readonly notes?: readonly string[] } = {},
): LicenseFinding {
  const { notes, ...rest } = more;
  return {
    kind: "license",
    id,
    category: "notice",
    severity: "LOW",
    confidence: 1,
    ...(pkg === undefined
      ? {}
      : { package: { id: pkg.id, name: pkg.name, version: pkg.version, purl: pkg.purl, ecosystem: pkg.ecosystem } }),
    ...located([{ path: `${pkg?.name ?? "srv"}/LICENSE` }]),
    fingerprint: fingerprintOf("license", id, pkg?.name, source),
    explanation: { source, ...(notes === undefined ? {} : { notes }) },
    ...rest,
  };
}

const reportWith = (copyright: string): Report => ({
  ...sampleReport,
  licenses: [
    finding(lodash, "MIT OR Apache-2.0", "statement"),
    finding(lodash, "MIT", "text", { copyrights: [copyright] }),
    finding(lodash, "GPL-3.0-only", "text", { notes: ["lodash states MIT OR Apache-2.0, which does not name it"] }),
    finding(musl, "BSD-3-Clause", "text"),
    finding(musl, "GPL-2.0-or-later WITH Classpath-exception-2.0", "text"),
    finding(undefined, "ISC", "text", { copyrights: ["Copyright 1999 Somebody"] }),
  ],
});
const report = reportWith("Copyright (c) 2012 The Dojo Foundation");
const textOf = (chunks: Iterable<string>): string => [...chunks].join("");

describe("SPDX", () => {
  const schema = jsonSchemaValidator("conformance/schemas/spdx/spdx-schema-2.3.json");

  test("declares what packages state and concludes what their texts add", () => {
    const document = JSON.parse(textOf(spdx().render(report))) as {
      packages: readonly { name: string; licenseDeclared: string; licenseConcluded: string; copyrightText: string }[];
    };
    const of = (name: string) => document.packages.find((pkg) => pkg.name === name);

    expect(of("lodash")).toMatchObject({
      licenseDeclared: "MIT OR Apache-2.0",
      licenseConcluded: "GPL-3.0-only AND (MIT OR Apache-2.0)",
      copyrightText: "Copyright (c) 2012 The Dojo Foundation",
    });
    expect(of("musl")?.licenseConcluded).toBe("BSD-3-Clause AND GPL-2.0-or-later WITH Classpath-exception-2.0");
    expect(of("ssl_client")?.licenseConcluded).toBe("NOASSERTION");
    expect(schema?.(document) ?? []).toEqual([]);
  });

  test("3 has both as relationships", () => {
    const text = textOf(spdx3().render(report));

    expect(text).toContain("hasConcludedLicense");
    expect(text).toContain("GPL-3.0-only AND (MIT OR Apache-2.0)");
  });
});

describe.each<CycloneDxVersion>(["1.4", "1.5", "1.6", "1.7"])("CycloneDX %s", (specVersion) => {
  const schema = jsonSchemaValidator(
    `conformance/schemas/cyclonedx/bom-${specVersion}.schema.json`,
    "spdx.schema.json",
    "jsf-0.82.schema.json",
    ...(specVersion === "1.7" ? ["cryptography-defs.schema.json"] : []),
  );
  const xsd = xmlSchemaValidator(`conformance/schemas/cyclonedx/bom-${specVersion}.xsd`, "spdx.xsd");

  test("has the texts that were found as evidence, valid by the schema", async () => {
    for (const copyright of ["Copyright (c) 2012 The Dojo Foundation", ...hostileTexts]) {
      const document = JSON.parse(textOf(cyclonedx({ specVersion }).render(reportWith(copyright)))) as {
        components: readonly { name: string; evidence?: { licenses?: readonly unknown[] } }[];
      };
      expect(schema?.(document) ?? []).toEqual([]);
      const acknowledgement = specVersion === "1.4" || specVersion === "1.5" ? {} : { acknowledgement: "concluded" };
      expect(document.components.find(({ name }) => name === "lodash")?.evidence?.licenses).toEqual([
        { license: { id: "GPL-3.0-only", ...acknowledgement } },
        { license: { id: "MIT", ...acknowledgement } },
      ]);
    }
    const xml = textOf(cyclonedx({ specVersion, format: "xml" }).render(report));
    expect(xml).toContain("The Dojo Foundation");
    expect((await xsd?.(xml)) ?? []).toEqual([]);
  });
});

describe("notices", () => {
  test("have each licence once, with who is under it, their copyrights and its text", () => {
    const text = textOf(
      notices({ licenseText: (id) => (id === "MIT" ? "Permission is hereby granted" : undefined) }).render(report),
    );

    expect(text.match(/Permission is hereby granted/g)).toHaveLength(1);
    expect(text).toMatch(/\nMIT\n=+\n\nlodash 4\.17\.4\n {4}Copyright \(c\) 2012 The Dojo Foundation\n/);
    expect(text).toMatch(/\nISC\n=+\n\nsrv\/LICENSE\n {4}Copyright 1999 Somebody\n/);
    expect(text).toContain("GPL-2.0-or-later WITH Classpath-exception-2.0");
  });

  test("say where nobody looked for licences", () => {
    expect(textOf(notices().render(sampleReport))).toContain("Not scanned for licences");
  });
});

test("the table sums licences up by category and by licence", () => {
  const text = textOf(table().render(report));

  expect(text).toContain("By category: notice 6");
  expect(text).toContain("By licence: BSD-3-Clause 1");
});
