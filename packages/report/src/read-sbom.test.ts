import {
  countTurns,
  emptyReport,
  hostileReport,
  hostileTexts,
  sampleReport,
  sharedFile,
  sharedPath,
  processorTime,
} from "@plimsoll/testkit";
import { ScanError, type Inventory, type Package, type Report, type Reporter } from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cyclonedx } from "./cyclonedx/index.ts";
import { readSbom, readSbomInTurns } from "./read-sbom.ts";
import { spdx } from "./spdx/index.ts";
import { spdx3 } from "./spdx3/index.ts";

const writers: readonly (readonly [string, Reporter])[] = [
  ["CycloneDX 1.4 JSON", cyclonedx({ specVersion: "1.4" })],
  ["CycloneDX 1.6 JSON", cyclonedx()],
  ["CycloneDX 1.6 XML", cyclonedx({ format: "xml" })],
  ["CycloneDX 1.7 XML", cyclonedx({ specVersion: "1.7", format: "xml" })],
  ["SPDX 2.3 JSON", spdx()],
  ["SPDX 3.0 JSON", spdx3()],
  ["SPDX 2.3 tag-value", spdx({ format: "tag-value" })],
];

const write = (reporter: Reporter, report: Report): string => [...reporter.render(report)].join("");

function inventoryOf(report: Report): Inventory {
  const { artifact, packages, diagnostics } = report;
  return { schemaVersion: 2, artifact: { ...artifact, kind: "sbom" }, packages, diagnostics };
}

function failureOf(text: string): unknown {
  try {
    return readSbom(text);
  } catch (error) {
    return String(error);
  }
}

describe("reading in turns", () => {
  test("gives the same of documents that no tool writes", async () => {
    const start = '"bomFormat":"CycloneDX","components":[{"name":"a","purl":"pkg:npm/a@1"}]';
    const documents = [
      `{${start},"components":{"a":1}}`,
      `{${start},"components":[{"name":"b","purl":"pkg:npm/b@1"},1,{"version":[]}],"dependencies":[{"ref":[]},2]}`,
      `{"__proto__":{"a":1},${start}}`,
      `{"sbom":{${start}}}`,
      `[{${start}}]`,
      `{}\n{${start}}`,
      `{${start}}}`,
      "7",
    ];
    for (const text of documents) expect(await readSbomInTurns(text).catch(String), text).toEqual(failureOf(text));
  });

  test.each([
    ["CycloneDX", { bomFormat: "CycloneDX" }, "components", (at: number) => ({ purl: `pkg:npm/p@${at}` })],
    [
      "SPDX",
      { spdxVersion: "SPDX-2.3" },
      "packages",
      (at: number) => ({
        SPDXID: `SPDXRef-${at}`,
        externalRefs: [{ referenceType: "purl", referenceLocator: `pkg:npm/p@${at}` }],
      }),
    ],
  ])("lets others have their turn in a large %s document", async (_, head, list, each) => {
    const items = Array.from({ length: 2_000 }, (__, at) => ({ name: "p", ...each(at) }));
    const turns = countTurns();
    const { packages } = await readSbomInTurns(JSON.stringify({ ...head, [list]: items }));
    turns.stop();

    expect(packages).toHaveLength(2_000);
    // Each is read, placed under its name and merged: some 14 KiB of work.
    expect(turns.count).toBeGreaterThanOrEqual(80);
  });
});

describe.each(writers)("%s", (_, writer) => {
  test("comes back as the inventory it was written from", () => {
    expect(readSbom(write(writer, sampleReport))).toEqual(inventoryOf(sampleReport));
  });

  test("is read in turns as at once", async () => {
    const text = write(writer, sampleReport);

    expect(await readSbomInTurns(new TextEncoder().encode(text))).toEqual(readSbom(text));
    expect(await readSbomInTurns(text.slice(0, -20)).catch(String)).toEqual(failureOf(text.slice(0, -20)));
  });

  test("a module and a kind come back, also from where earlier versions wrote them", () => {
    const [first] = sampleReport.packages;
    if (first === undefined) throw new Error("it has packages");
    const read = (changes: Partial<Package>) =>
      readSbom(write(writer, { ...emptyReport, packages: [{ ...first, ...changes }] })).packages;
    const typed = { kind: "machine-learning-model", module: "nodejs:18:1:x" } as const;

    expect(read({ ...typed, facts: { a: "b" } })).toMatchObject([{ ...typed, facts: { a: "b" } }]);
    expect(read({ facts: { a: "b", modularitylabel: typed.module } })).toMatchObject([
      { module: typed.module, facts: { a: "b" } },
    ]);
    expect(read({ facts: { kind: typed.kind } })).toMatchObject([{ kind: typed.kind, facts: {} }]);
  });

  test("comes back from bytes inside a DSSE envelope", () => {
    const text = write(writer, sampleReport);
    const predicate: unknown = text.startsWith("{") ? JSON.parse(text) : { Data: text };
    const statement = JSON.stringify({ _type: "https://in-toto.io/Statement/v1", predicateType: "x", predicate });
    const envelope = {
      payloadType: "application/vnd.in-toto+json",
      payload: Buffer.from(statement).toString("base64"),
    };

    if (text.startsWith("<")) return expect(() => readSbom(JSON.stringify(envelope))).toThrow(ScanError);
    return expect(readSbom(new TextEncoder().encode(JSON.stringify(envelope)))).toEqual(inventoryOf(sampleReport));
  });

  test.each(hostileTexts)("keeps the package apart from its hostile name %j", (text) => {
    const inventory = readSbom(write(writer, hostileReport(text)));

    expect(inventory.packages.map(({ ecosystem }) => ecosystem)).toEqual(["npm"]);
  });

  test("throws nothing but ScanError when it is cut off or damaged", () => {
    const text = write(writer, sampleReport);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(50), fc.string({ maxLength: 5 }), (at, gone, inserted) => {
        const damaged = text.slice(0, at) + inserted + text.slice(at + gone);
        try {
          readSbom(damaged);
          readSbom(text.slice(0, at));
        } catch (error) {
          expect(error).toBeInstanceOf(ScanError);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("foreign documents", () => {
  test("Syft's upstream qualifier names the source package", () => {
    const inventory = readSbom(
      JSON.stringify({
        bomFormat: "CycloneDX",
        specVersion: "1.5",
        components: [
          {
            "bom-ref": "a",
            type: "library",
            name: "libssl1.1",
            version: "1.1.1n-0+deb11u3",
            purl: "pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64&upstream=openssl&distro=debian-11",
          },
          {
            "bom-ref": "b",
            type: "library",
            name: "bash",
            version: "4.2.46-31.el7",
            purl: "pkg:rpm/centos/bash@4.2.46-31.el7?arch=x86_64&epoch=1&upstream=bash-4.2.46-31.el7.src.rpm&distro=centos-7",
          },
          { "bom-ref": "os", type: "operating-system", name: "debian", version: "11" },
        ],
      }),
    );

    expect(inventory.artifact.distro).toEqual({ id: "debian", versionId: "11" });
    expect(inventory.packages).toMatchObject([
      {
        name: "libssl1.1",
        version: "1.1.1n-0+deb11u3",
        class: "os",
        source: { name: "openssl", version: "1.1.1n-0+deb11u3" },
        architecture: "amd64",
      },
      { name: "bash", version: "1:4.2.46-31.el7", source: { name: "bash", version: "1:4.2.46-31.el7" } },
    ]);
  });

  test("Trivy's properties name the source package, and its applications the lock file", () => {
    const inventory = readSbom(
      JSON.stringify({
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        metadata: {
          component: {
            "bom-ref": "root",
            type: "container",
            name: "app",
            properties: [{ name: "aquasecurity:trivy:DiffID", value: `sha256:${"a".repeat(64)}` }],
          },
        },
        components: [
          {
            "bom-ref": "os",
            type: "operating-system",
            name: "redhat",
            version: "8.4",
            properties: [{ name: "aquasecurity:trivy:Type", value: "redhat" }],
          },
          {
            "bom-ref": "curl",
            type: "library",
            name: "libcurl",
            version: "7.61.1-18.el8",
            purl: "pkg:rpm/redhat/libcurl@7.61.1-18.el8?arch=x86_64&distro=redhat-8.4",
            properties: [
              { name: "aquasecurity:trivy:SrcName", value: "curl" },
              { name: "aquasecurity:trivy:SrcVersion", value: "7.61.1" },
              { name: "aquasecurity:trivy:SrcRelease", value: "18.el8" },
              { name: "aquasecurity:trivy:LayerDiffID", value: `sha256:${"a".repeat(64)}` },
            ],
          },
          { "bom-ref": "lock", type: "application", name: "srv/package-lock.json" },
          {
            "bom-ref": "core",
            type: "library",
            group: "@babel",
            name: "core",
            version: "7.0.0",
            purl: "pkg:npm/%40babel/core@7.0.0",
          },
          {
            "bom-ref": "text",
            type: "library",
            group: "org.apache.commons",
            name: "commons-text",
            version: "1.9",
            purl: "pkg:maven/org.apache.commons/commons-text@1.9",
          },
        ],
        dependencies: [
          { ref: "lock", dependsOn: ["core"] },
          { ref: "core", dependsOn: ["text", "core", "nobody"] },
        ],
      }),
    );

    expect(inventory.artifact).toMatchObject({ distro: { id: "rhel", versionId: "8.4" }, layers: [{ index: 0 }] });
    expect(inventory.packages).toMatchObject([
      { name: "org.apache.commons:commons-text", class: "library", ecosystem: "maven" },
      {
        name: "@babel/core",
        locations: [{ path: "srv/package-lock.json", evidence: "declared" }],
        dependencies: ["pkg:maven/org.apache.commons/commons-text@1.9"],
      },
      { name: "libcurl", source: { name: "curl", version: "7.61.1-18.el8" } },
    ]);
  });

  test("components that nobody can identify are told, not dropped in silence", () => {
    const { packages, diagnostics } = readSbom(
      JSON.stringify({
        bomFormat: "CycloneDX",
        components: [
          { type: "library", name: "mystery", version: "1" },
          { type: "library", name: "__proto__", purl: "not a purl" },
          { type: "file", name: "/etc/passwd" },
          { type: "container", name: "self", purl: "pkg:oci/self@sha256:00" },
        ],
      }),
    );

    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([
      { code: "unsupported-format", effect: "incomplete", message: /^2 components have no readable package URL/ },
    ]);
  });

  test.each([
    [
      "pkg:golang/github.com/azure/go-autorest@1",
      undefined,
      "github.com/Azure/go-autorest",
      "github.com/Azure/go-autorest",
    ],
    ["pkg:bitnami/elasticsearch@1", undefined, "Elasticsearch", "elasticsearch"],
    ["pkg:maven/org.Example/Lib@1", "org.Example", "Lib", "org.Example:Lib"],
    ["pkg:apk/alpine/musl@1", undefined, "musl", "musl"],
    ["pkg:npm/lodash@1", undefined, "A nice library", "lodash"],
  ])("%s with group %s and name %s is called %s", (purl, group, name, expected) => {
    const component = { type: "library", name, purl, ...(group === undefined ? {} : { group }) };

    expect(readSbom(JSON.stringify({ bomFormat: "CycloneDX", components: [component] })).packages[0]?.name).toBe(
      expected,
    );
  });

  test("a program that only a CPE names is looked up by it, and one that nothing names is told", () => {
    const cpe = "cpe:2.3:a:nginx:nginx:1.21.1:*:*:*:*:*:*:*";
    const application = { type: "application", name: "Nginx", version: "1.21.1" };
    const pkg = { SPDXID: "SPDXRef-nginx", name: "Nginx", versionInfo: "1.21.1" };
    const reference = { referenceCategory: "SECURITY", referenceType: "cpe23Type", referenceLocator: cpe };
    const read = (component: object, spdxPackage: object): readonly Inventory[] =>
      [
        { bomFormat: "CycloneDX", components: [component] },
        { spdxVersion: "SPDX-2.3", documentDescribes: ["SPDXRef-nginx"], packages: [spdxPackage] },
      ].map((document) => readSbom(JSON.stringify(document)));

    for (const { packages, diagnostics } of read({ ...application, cpe }, { ...pkg, externalRefs: [reference] })) {
      expect(packages).toMatchObject([
        { name: "Nginx", version: "1.21.1", ecosystem: "program", purl: "pkg:generic/Nginx@1.21.1", cpes: [cpe] },
      ]);
      expect(diagnostics).toEqual([]);
    }
    for (const { packages, diagnostics } of read(application, pkg)) {
      expect(packages).toEqual([]);
      expect(diagnostics).toMatchObject([{ effect: "incomplete", message: /such as Nginx$/ }]);
    }
  });

  test.each([
    ["pkg:generic/busybox@1.36.1", "program"],
    ["pkg:ebuild/dev-libs/openssl@3.0", "portage"],
    ["pkg:brew/openssl@3.0", "homebrew"],
    ["pkg:npm/a@1", "npm"],
  ])("%s is of the ecosystem %s", (purl, ecosystem) => {
    const component = { type: "library", name: "x", version: "1", purl };

    expect(readSbom(JSON.stringify({ bomFormat: "CycloneDX", components: [component] })).packages).toMatchObject([
      { ecosystem, purl },
    ]);
  });

  test("a document in which every value has the wrong type is read as far as it goes", () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => {
        readSbom(
          JSON.stringify({
            bomFormat: "CycloneDX",
            components: [a, { purl: "pkg:npm/a@1", licenses: b, hashes: c, properties: [a, b] }],
            metadata: c,
            dependencies: [b],
          }),
        );
        readSbom(
          JSON.stringify({
            spdxVersion: "SPDX-2.3",
            packages: [a, { name: "a", externalRefs: b, annotations: c }],
            relationships: [a],
            files: b,
          }),
        );
        readSbom(
          JSON.stringify({
            "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
            "@graph": [a, b, { type: "software_Package", externalIdentifier: c }],
          }),
        );
        readSbom(
          JSON.stringify({
            artifacts: [a, b],
            schema: { url: "syft" },
            source: c,
            distro: a,
            artifactRelationships: [b],
          }),
        );
      }),
      { numRuns: 150 },
    );
  });

  const minimal = {
    SPDXID: "SPDXRef-DOCUMENT",
    spdxVersion: "SPDX-2.2",
    packages: [
      {
        SPDXID: "SPDXRef-a",
        name: "a",
        versionInfo: "1",
        externalRefs: [
          { referenceCategory: "PACKAGE_MANAGER", referenceType: "purl", referenceLocator: "pkg:npm/a@1" },
        ],
      },
    ],
  };
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    predicateType: "https://spdx.dev/Document",
    predicate: minimal,
  };
  const envelope = { payloadType: "application/vnd.in-toto+json", payload: btoa(JSON.stringify(statement)) };

  test.each<[string, string | Uint8Array]>([
    [
      "SPDX as YAML",
      "SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.2\npackages:\n- SPDXID: SPDXRef-a\n  name: a\n  versionInfo: '1'\n  externalRefs:\n  - referenceType: purl\n    referenceLocator: pkg:npm/a@1\n",
    ],
    ["a document in UTF-16", Uint8Array.from(Buffer.from(`\ufeff${JSON.stringify(minimal)}`, "utf16le"))],
    ["a document with a byte order mark", new TextEncoder().encode(`\ufeff${JSON.stringify(minimal)}`)],
    ["GitHub's export", JSON.stringify({ sbom: minimal })],
    ["an in-toto statement", JSON.stringify(statement)],
    ["a DSSE envelope", JSON.stringify(envelope)],
    [
      "a Sigstore bundle",
      JSON.stringify({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", dsseEnvelope: envelope }),
    ],
    ["the one SBOM among several attestations", `${JSON.stringify({ a: 1 })}\n${JSON.stringify(envelope)}\n`],
    [
      "tag-value after comments",
      "# made by hand\n\nSPDXVersion: SPDX-2.2\r\nPackageName: a\r\nSPDXID: SPDXRef-a\r\nPackageVersion: 1\r\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\r\n",
    ],
    [
      "CycloneDX XML with a prefix",
      '<b:bom xmlns:b="http://cyclonedx.org/schema/bom/1.3"><b:components><b:component type="library"><b:name>a</b:name><b:version>1</b:version><b:purl>pkg:npm/a@1</b:purl></b:component></b:components></b:bom>',
    ],
    [
      "components within components",
      JSON.stringify({
        bomFormat: "CycloneDX",
        components: [
          {
            type: "application",
            name: "app",
            components: [{ type: "library", name: "a", version: "1", purl: "pkg:npm/a@1" }],
          },
        ],
      }),
    ],
  ])("%s is understood", (_, content) => {
    expect(readSbom(content).packages).toMatchObject([
      { name: "a", version: "1", ecosystem: "npm", purl: "pkg:npm/a@1" },
    ]);
  });

  test.each([0, 1, 2, 3])("%i byte order marks are the same at once and in turns", async (count) => {
    const marks = "\ufeff".repeat(count);
    const xml = '<bom xmlns="http://cyclonedx.org/schema/bom/1.3"><components/></bom>';
    const texts = [JSON.stringify(minimal), xml, "SPDXVersion: SPDX-2.2\nPackageName: a\nSPDXID: SPDXRef-a\n"];
    for (const text of texts.flatMap((each) => [marks + each, new TextEncoder().encode(marks + each)]))
      expect(await readSbomInTurns(text)).toEqual(readSbom(text));
  });

  test.each([
    "",
    "{}",
    "[]",
    "null",
    "hello",
    "<a/>",
    "<bom",
    "SPDXVersion",
    '{"bomFormat":"x"}',
    "[".repeat(100_000),
    "\0",
    '{"payload":"%%%","payloadType":"x"}',
  ])("%j is no SBOM", (text) => {
    expect(() => readSbom(text.slice(0, 200_000), { label: "a.json" })).toThrow(/^Cannot read a\.json: /);
  });
});

/** Cases that others published: what a reader must find in each document. */
const cases = [
  "sbom/cdx/scalibr-testextract-sbom-with-locations-cdx-json",
  "sbom/spdx/scalibr-testextract-ancestor-of-spdx-json",
  "sbom/spdx/scalibr-testextract-overlapping-refs-spdx-json",
  "sbom/spdx/scalibr-testextract-dhi-spdx-python-json",
  "sbom/analyzer/trivy-test-sbomanalyzer-analyz-valid-sbom-spdx-file-without-application-component",
  "sbom/cataloger/syft-test-parsesbom-parse-syft-json",
];

describe.skipIf(sharedPath("conformance/parsers/sbom") === undefined).each(cases)("published case %s", (folder) => {
  test("gives the expected packages", () => {
    const expected = JSON.parse(sharedFile(`conformance/parsers/${folder}/expected.json`) ?? "{}") as {
      readonly inputs: readonly string[];
      readonly packages: readonly { readonly name: string; readonly version: string; readonly purlType?: string }[];
    };
    const input = sharedFile(`conformance/parsers/${folder}/input/${expected.inputs[0]}`) ?? "";

    const { packages } = readSbom(input);

    for (const { name, version, purlType } of expected.packages) {
      const found = packages.find(
        (pkg) =>
          pkg.version === version &&
          (pkg.name === name || pkg.name.endsWith(`:${name}`) || pkg.name.endsWith(`/${name}`)),
      );
      expect(found, `${name} ${version}`).toBeDefined();
      if (purlType !== undefined) expect(found?.ecosystem).toBe(purlType);
    }
  });
});

const equivalents = [
  "testsbomequivalence-centos7-cyclonedx/input/centos-7-cyclonedx.json",
  "testsbomequivalence-centos7-in-in-toto-attestation/input/centos-7-cyclonedx.intoto.jsonl",
  "testsbomequivalence-centos7-spdx-tag-value/input/centos-7-spdx.txt",
];

describe.skipIf(sharedPath("conformance/e2e/cases") === undefined)("three documents of one image", () => {
  test.each(equivalents)("%s", (file) => {
    const { artifact, packages } = readSbom(sharedFile(`conformance/e2e/cases/${file}`) ?? "");

    expect(artifact.distro).toEqual({ id: "centos", versionId: "7.6.1810" });
    const openssl = packages.find(({ name }) => name === "openssl-libs");
    expect(openssl).toMatchObject({
      version: "1:1.0.2k-16.el7",
      source: { version: "1:1.0.2k-16.el7" },
      class: "os",
      ecosystem: "rpm",
    });
    expect(packages.find(({ name }) => name === "bash")).toMatchObject({ version: "4.2.46-31.el7" });
  });
});

interface Sample {
  readonly file: string;
  readonly valid: boolean;
}

describe.skipIf(sharedPath("conformance/cyclonedx-samples") === undefined)(
  "the standard's own sample documents",
  () => {
    const samples = JSON.parse(sharedFile("conformance/cyclonedx-samples/index.json") ?? "[]") as readonly Sample[];
    const readable = samples.filter(({ file, valid }) => valid && /\.(?:json|xml)$/.test(file));

    test.each(readable.map(({ file }) => file))("%s is read", (file) => {
      const content = sharedFile(`conformance/cyclonedx-samples/${file}`) ?? "";

      expect(readSbom(content).schemaVersion).toBe(2);
    });

    // What is wrong with a date, a licence or a service says nothing about which packages there are.
    const about =
      /(?:component-ref|component-type|swid|hash|patch|dependency|scope|license-choice|properties|evidence)-/;
    const wrong = samples.filter(({ file, valid }) => !valid && /\.(?:json|xml)$/.test(file) && about.test(file));

    test.each(wrong.map(({ file }) => file))("%s is refused, or what is in it is told", (file) => {
      const content = sharedFile(`conformance/cyclonedx-samples/${file}`) ?? "";

      expect(diagnosedOrRefused(content)).toBe(true);
    });
  },
);

/** Whether a document is refused, or read with a package or a remark on what is none. */
function diagnosedOrRefused(content: string): boolean {
  try {
    const { packages, diagnostics } = readSbom(content);
    return packages.length + diagnostics.length > 0;
  } catch (error) {
    expect(error).toBeInstanceOf(ScanError);
    return true;
  }
}

describe("a document made to be slow", () => {
  const many = 50_000;
  const list = <T>(make: (index: number) => T): T[] => Array.from({ length: many }, (_, index) => make(index));
  const digest = (index: number): string => `sha256:${index.toString(16).padStart(64, "0")}`;

  test.each<[string, unknown]>([
    [
      "one ref with many dependency entries",
      { dependencies: list((index) => ({ ref: "a", dependsOn: [`b${index}`] })) },
    ],
    [
      "packages that all need each other's neighbour",
      {
        components: list((index) => ({
          type: "library",
          "bom-ref": `r${index}`,
          name: "n",
          purl: `pkg:npm/n${index}@1`,
        })),
        dependencies: list((index) => ({ ref: `r${index}`, dependsOn: [`r${index + 1}`] })),
      },
    ],
    [
      "many layers and many packages in them",
      {
        metadata: {
          component: {
            name: "x",
            properties: list((index) => ({ name: "aquasecurity:trivy:DiffID", value: digest(index) })),
          },
        },
        components: list((index) => ({
          type: "library",
          name: "n",
          purl: `pkg:npm/n${index}@1`,
          properties: [
            { name: "aquasecurity:trivy:LayerDiffID", value: digest(many - 1) },
            { name: "aquasecurity:trivy:FilePath", value: "a" },
          ],
        })),
      },
    ],
    [
      "one package many times",
      { components: list((index) => ({ type: "library", "bom-ref": `r${index}`, name: "n", purl: "pkg:npm/n@1" })) },
    ],
  ])("%s is read in time", (_, parts) => {
    const started = processorTime();

    readSbom(JSON.stringify({ bomFormat: "CycloneDX", ...(parts as object) }));

    // What is quadratic in any of these takes minutes.
    expect(processorTime() - started).toBeLessThan(10_000);
  });
});

test("a package without a package URL is approximate, and looked up where an ecosystem follows", () => {
  const inventory = readSbom(
    JSON.stringify({
      spdxVersion: "SPDX-2.3",
      name: "x",
      packages: [
        { SPDXID: "SPDXRef-npm-lodash-4.17.20", name: "lodash", versionInfo: "4.17.20" },
        { SPDXID: "SPDXRef-2", name: "in-house", versionInfo: "1.0" },
      ],
    }),
  );

  expect(inventory.packages).toMatchObject([
    { name: "in-house", ecosystem: "program", confidence: "approximate", purl: "pkg:generic/in-house@1.0" },
    { name: "lodash", ecosystem: "npm", confidence: "approximate", purl: "pkg:npm/lodash@4.17.20" },
  ]);
});

describe("what is one thing in several spellings", () => {
  const read = (...purls: readonly string[]): ReturnType<typeof readSbom> =>
    readSbom(
      JSON.stringify({
        bomFormat: "CycloneDX",
        specVersion: "1.5",
        version: 1,
        components: purls.map((purl, at) => ({
          type: "library",
          "bom-ref": `c${at}`,
          name: purl.replace(/^.*\/|@.*$/g, ""),
          version: "1.0",
          purl,
          evidence: { occurrences: [{ location: `place/${at}` }] },
        })),
        dependencies: [{ ref: "c0", dependsOn: ["c1"] }],
      }),
    );

  test.each([
    [["pkg:pypi/Django@1.0", "pkg:pypi/django@1.0"]],
    [["pkg:pypi/zope.interface@1.0", "pkg:pypi/zope-interface@1.0"]],
    [["pkg:nuget/Newtonsoft.Json@1.0", "pkg:nuget/newtonsoft.json@1.0"]],
    [["pkg:composer/Monolog/monolog@1.0", "pkg:composer/monolog/monolog@1.0"]],
    [["pkg:githubactions/Actions/Checkout@1.0", "pkg:githubactions/actions/checkout@1.0"]],
  ])("%j is one package, which does not depend on itself", (purls) => {
    const { packages } = read(...purls);

    expect(packages).toHaveLength(1);
    expect(packages[0]?.dependencies).toBeUndefined();
  });

  test.each([
    [["pkg:maven/a/B@1.0", "pkg:maven/a/b@1.0"]],
    [["pkg:npm/a@1.0", "pkg:npm/a@2.0"]],
    [["pkg:deb/debian/a@1.0?arch=amd64", "pkg:deb/debian/a@1.0?arch=arm64"]],
  ])("%j are two packages", (purls) => {
    expect(read(...purls).packages).toHaveLength(2);
  });

  test.each(["buster", "debian-10", "debian-buster"])("distro=%s is Debian 10", (distro) => {
    expect(read(`pkg:deb/debian/curl@7?distro=${distro}`).artifact.distro).toMatchObject({
      id: "debian",
      versionId: "10",
    });
  });
});

describe("what an SBOM is about", () => {
  const foreign = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    metadata: {
      component: { "bom-ref": "app", type: "application", name: "shop", version: "2.1.0", purl: "pkg:npm/shop@2.1.0" },
    },
    components: [
      { "bom-ref": "lock", type: "application", name: "package-lock.json" },
      { "bom-ref": "a", type: "library", name: "a", version: "1", purl: "pkg:npm/a@1" },
      { "bom-ref": "b", type: "library", name: "b", version: "1", purl: "pkg:npm/b@1" },
      { "bom-ref": "c", type: "library", name: "c", version: "1", purl: "pkg:npm/c@1" },
      { "bom-ref": "d", type: "library", name: "d", version: "1", purl: "pkg:npm/d@1" },
    ],
    dependencies: [
      { ref: "app", dependsOn: ["a", "b", "lock"] },
      { ref: "lock", dependsOn: ["d"] },
      { ref: "a", dependsOn: ["b"] },
    ],
  };
  const inventory = readSbom(JSON.stringify(foreign));
  const report: Report = {
    ...inventory,
    tool: { name: "plimsoll", version: "0.0.0" },
    coverage: { verdict: "complete", gaps: [] },
  };

  test("keeps its version, its package URL and its own edges", () => {
    expect(inventory.artifact).toMatchObject({
      name: "shop",
      version: "2.1.0",
      purl: "pkg:npm/shop@2.1.0",
      // `b` although `a` needs it, `d` through the lock file, and not `c`, which nobody needs.
      dependencies: ["pkg:npm/a@1", "pkg:npm/b@1", "pkg:npm/d@1"],
    });
  });

  test.each(writers)("comes back through %s", (_, writer) => {
    expect(readSbom(write(writer, report)).artifact).toEqual(inventory.artifact);
  });

  test("is written as CycloneDX has it", () => {
    const bom = JSON.parse(write(cyclonedx(), report)) as {
      metadata: { component: object };
      dependencies: { ref: string; dependsOn?: string[] }[];
    };

    expect(bom.metadata.component).toMatchObject({ name: "shop", version: "2.1.0", purl: "pkg:npm/shop@2.1.0" });
    expect(bom.dependencies[0]?.dependsOn).toEqual(["pkg:npm/a@1", "pkg:npm/b@1", "pkg:npm/d@1"]);
  });

  test("has the digests that Trivy's documents tell, its index's among them", () => {
    const [image, index] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`);
    const properties = [
      { name: "aquasecurity:trivy:ImageID", value: image },
      { name: "aquasecurity:trivy:RepoDigest", value: `registry.example/app@${index}` },
    ];
    const component = { "bom-ref": "x", type: "container", name: "app:1", properties };
    const { artifact } = readSbom(JSON.stringify({ ...foreign, metadata: { component } }));

    expect(artifact).toMatchObject({ digest: image, indexDigests: [index] });
    expect(artifact.version).toBeUndefined();
  });
});
