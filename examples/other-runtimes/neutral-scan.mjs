// Scans with the neutral entry: bytes in, the report as JSON out. Runs as it is in Node, Bun, Deno and worker threads.
//
//   node neutral-scan.mjs IMAGE DATABASE
import { readFileSync } from "node:fs";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { imageArchive, json, openStore, scanImage } from "plimsoll/neutral";

function bytesOf(file) {
  const bytes = readFileSync(file);
  return {
    size: bytes.length,
    read: async function* (start, end) {
      yield bytes.subarray(start, end);
    },
  };
}

const [image, database] = workerData?.files ?? process.argv.slice(2);
const store = await openStore(bytesOf(database), { label: "database" });
// What the command looks for unless it is told otherwise.
const scanners = ["vuln", "secret"];
// The command says how old its advisories are; without a clock nobody does.
const options = { advisories: store, scanners, now: new Date().toISOString() };
const report = await scanImage(imageArchive(bytesOf(image), { name: "app.tar" }), options);
const text = [...json().render(report)].join("");
if (parentPort === null) process.stdout.write(text);
else parentPort.postMessage(text);
