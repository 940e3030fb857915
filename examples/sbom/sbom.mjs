// Writes a CycloneDX SBOM of an image, reads it back, and matches it: an inventory needs no image any more.
//
//   node sbom.mjs IMAGE DATABASE SBOM
import { readFileSync, writeFileSync } from "node:fs";
import { analyzeImage, cyclonedx, inventoryReport, scanInventory, readSbom } from "plimsoll";

const [image = "../first-scan/dist/app.tar", db = "../first-scan/dist/advisories.plimsoll", file = "sbom.cdx.json"] =
  process.argv.slice(2);

const inventory = await analyzeImage(image, { offline: true });
writeFileSync(file, [...cyclonedx({ specVersion: "1.6" }).render(inventoryReport(inventory))].join(""));
console.log(`${file}: ${inventory.packages.length} packages of ${inventory.artifact.name}`);

// Later, elsewhere, with newer advisories:
const report = await scanInventory(readSbom(readFileSync(file), { label: file }), { db });
console.log(`${report.vulnerabilities?.length ?? 0} findings today`);
