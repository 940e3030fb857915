import { expect, test } from "vitest";
import { readSbomDocument } from "./read-sbom-document.ts";

/** What the only package of an SPDX document is taken for. */
function guess(fields: Readonly<Record<string, unknown>>): readonly [string | undefined, boolean] {
  const text = JSON.stringify({
    spdxVersion: "SPDX-2.3",
    packages: [{ SPDXID: "SPDXRef-1", name: "lodash", versionInfo: "4.17.21", ...fields }],
  });
  const [component] = readSbomDocument(text)?.components ?? [];
  return [component?.purl, component?.purlIsInferred === true];
}

const reference = (referenceType: string, referenceLocator: string): Readonly<Record<string, unknown>> => ({
  externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType, referenceLocator }],
});

test.each([
  [reference("maven-central", "org.apache.tomcat:tomcat:9.0.0.M4"), "pkg:maven/org.apache.tomcat/tomcat@9.0.0.M4"],
  [reference("http://spdx.org/rdf/references/npm", "http-server@0.3.0"), "pkg:npm/http-server@0.3.0"],
  [reference("npm", "@scope/a"), "pkg:npm/%40scope/a@4.17.21"],
  [reference("nuget", "Microsoft.AspNet.MVC/5.0.0"), "pkg:nuget/Microsoft.AspNet.MVC@5.0.0"],
  [
    { downloadLocation: "https://repo1.maven.org/maven2/org/slf4j/slf4j-api/2.0.9/slf4j-api-2.0.9.jar" },
    "pkg:maven/org.slf4j/slf4j-api@2.0.9",
  ],
  [{ downloadLocation: "https://registry.npmjs.org/@a/b/-/b-1.2.3.tgz#sha1" }, "pkg:npm/%40a/b@1.2.3"],
  [{ downloadLocation: "https://pypi.org/project/Requests/2.31.0/" }, "pkg:pypi/requests@2.31.0"],
  [{ downloadLocation: "https://crates.io/api/v1/crates/serde/1.0.1/download" }, "pkg:cargo/serde@1.0.1"],
  [{ downloadLocation: "https://rubygems.org/downloads/rack-2.2.3.gem" }, "pkg:gem/rack@2.2.3"],
  [
    { downloadLocation: "https://proxy.golang.org/golang.org/x/net/@v/v0.7.0.zip" },
    "pkg:golang/golang.org/x/net@v0.7.0",
  ],
  [{ name: "org.slf4j:slf4j-api" }, "pkg:maven/org.slf4j/slf4j-api@4.17.21"],
  [{ name: "pip:requests" }, "pkg:pypi/requests@4.17.21"],
  [{ name: "maven:org.slf4j:slf4j-api" }, "pkg:maven/org.slf4j/slf4j-api@4.17.21"],
  [{ name: "github.com/gorilla/mux", versionInfo: "v1.8.0" }, "pkg:golang/github.com/gorilla/mux@v1.8.0"],
  [{ SPDXID: "SPDXRef-npm-lodash-4.17.21" }, "pkg:npm/lodash@4.17.21"],
  [{ SPDXID: "SPDXRef-Package-rust-crate-serde-abc", name: "serde" }, "pkg:cargo/serde@4.17.21"],
  [
    { name: "openssl", versionInfo: "3.0.7-27.el9", supplier: "Organization: Red Hat, Inc." },
    "pkg:rpm/redhat/openssl@3.0.7-27.el9",
  ],
  [
    { name: "zlib1g", versionInfo: "1:1.2.13.dfsg-1", supplier: "Organization: Debian" },
    "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1",
  ],
  [{ name: "in-house", supplier: "Organization: Example" }, "pkg:generic/in-house@4.17.21"],
])("%j is taken for %s", (fields, purl) => {
  expect(guess(fields)).toEqual([purl, true]);
});

test("what states a package URL, has a CPE name, no version, or is what the document is about is not guessed", () => {
  expect(guess(reference("purl", "pkg:npm/a@1"))).toEqual(["pkg:npm/a@1", false]);
  expect(guess(reference("cpe23Type", "cpe:2.3:a:x:lodash:4:*:*:*:*:*:*:*"))).toEqual([undefined, false]);
  expect(guess({ versionInfo: "NOASSERTION" })).toEqual([undefined, false]);
  expect(guess({ versionInfo: undefined })).toEqual([undefined, false]);
  expect(guess({ primaryPackagePurpose: "CONTAINER" })).toEqual([undefined, false]);
  const text = JSON.stringify({
    spdxVersion: "SPDX-2.3",
    documentDescribes: ["SPDXRef-1"],
    packages: [{ SPDXID: "SPDXRef-1", name: "shop", versionInfo: "1" }],
  });
  expect(readSbomDocument(text)?.components[0]?.purl).toBeUndefined();
});

test("SPDX 3 says it in other words", () => {
  const text = JSON.stringify({
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
      {
        type: "software_Package",
        spdxId: "urn:1",
        name: "b",
        software_packageVersion: "1.2.3",
        software_downloadLocation: "https://registry.npmjs.org/b/-/b-1.2.3.tgz",
      },
    ],
  });

  expect(readSbomDocument(text)?.components).toMatchObject([{ purl: "pkg:npm/b@1.2.3", purlIsInferred: true }]);
});
