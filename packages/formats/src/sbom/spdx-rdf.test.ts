import { expect, test } from "vitest";
import { readSbomDocument } from "./read-sbom-document.ts";

const rdf = `<?xml version="1.0"?>
<r:RDF xmlns:s="http://spdx.org/rdf/terms#" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <s:SpdxDocument r:about="http://example.org/d#SPDXRef-DOCUMENT">
  <s:specVersion>SPDX-2.2</s:specVersion>
  <s:relationship><s:Relationship>
   <s:relationshipType r:resource="http://spdx.org/rdf/terms#relationshipType_describes"/>
   <s:relatedSpdxElement><s:Package r:about="http://example.org/d#SPDXRef-a">
    <s:name>a</s:name><s:versionInfo>1.0</s:versionInfo>
    <s:licenseDeclared r:resource="http://spdx.org/licenses/MIT"/>
    <s:checksum><s:Checksum>
     <s:algorithm r:resource="http://spdx.org/rdf/terms#checksumAlgorithm_sha1"/>
     <s:checksumValue>0123456789012345678901234567890123456789</s:checksumValue>
    </s:Checksum></s:checksum>
    <s:externalRef><s:ExternalRef>
     <s:referenceType r:resource="http://spdx.org/rdf/references/purl"/>
     <s:referenceLocator>pkg:npm/a@1.0</s:referenceLocator>
    </s:ExternalRef></s:externalRef>
    <s:relationship><s:Relationship>
     <s:relationshipType r:resource="http://spdx.org/rdf/terms#relationshipType_dependsOn"/>
     <s:relatedSpdxElement r:resource="http://example.org/d#SPDXRef-b"/>
    </s:Relationship></s:relationship>
   </s:Package></s:relatedSpdxElement>
  </s:Relationship></s:relationship>
 </s:SpdxDocument>
 <s:Package r:about="http://example.org/d#SPDXRef-b"><s:name>b</s:name></s:Package>
</r:RDF>`;

test("SPDX in RDF: packages wherever they stand, what they are, and their edges", () => {
  const document = readSbomDocument(rdf);

  expect(document?.format).toBe("SPDX-2.2");
  expect(document?.subject?.name).toBe("a");
  expect(document?.components).toMatchObject([
    {
      ref: "SPDXRef-a",
      name: "a",
      version: "1.0",
      purl: "pkg:npm/a@1.0",
      licenses: ["MIT"],
      hashes: { sha1: "0123456789012345678901234567890123456789" },
      dependsOn: ["SPDXRef-b"],
    },
    { ref: "SPDXRef-b", name: "b" },
  ]);
});

test("other RDF is no SBOM", () => {
  expect(readSbomDocument('<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>')).toBeUndefined();
});
