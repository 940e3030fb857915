// Scans an image and says what was found, line by line: the whole program is this file and what it imports.
//
//   node scan.mjs IMAGE DATABASE
import process from "node:process";
import { scanImage } from "plimsoll";

// No `await` at the top: a bundle in CommonJS has none.
async function main([image, db]) {
  const report = await scanImage(image, { db, offline: true, cache: false });
  for (const { id, package: pkg } of report.vulnerabilities) console.log(id, pkg.purl);
  console.log(`${report.packages.length} packages, coverage is ${report.coverage.verdict}`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
