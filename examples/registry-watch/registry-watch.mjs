// "Rescan regularly" without pulling an image again: inventories are taken once and stored; whenever the advisory database is
// replaced, all of them are matched again, and what changed is told.
//
//   node registry-watch.mjs DATABASE FOLDER take REFERENCE…     pull or read images once, and store their inventories
//   node registry-watch.mjs DATABASE FOLDER [watch]             match them now, and again after every update; ends with Ctrl-C
//
// Reports are stored beside the inventories, so that a watch that is started again goes on where it was.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { analyzeImage, watch } from "plimsoll";

const [database, folder, task = "watch", ...references] = process.argv.slice(2);

/** Inventories are plain JSON: a folder of files is a store of them, and so is any database. */
const stored = {
  *[Symbol.iterator]() {
    for (const file of readdirSync(folder).sort())
      if (file.endsWith(".inventory.json")) yield [file.replace(/\.inventory\.json$/, ""), read(join(folder, file))];
  },
};

function read(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function readIfThere(file) {
  try {
    return read(file);
  } catch {
    return undefined;
  }
}

async function take(reference) {
  const inventory = await analyzeImage(reference, { cache: false });
  const name = reference.replace(/^[a-z-]+:/, "").replaceAll(/[^\w.-]+/g, "_");
  writeFileSync(join(folder, `${name}.inventory.json`), JSON.stringify(inventory));
  console.log(`${name}: ${inventory.packages.length} packages stored`);
}

async function follow() {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new Error("Interrupted")));
  const lastReport = (name) => readIfThere(join(folder, `${name}.report.json`));
  try {
    for await (const event of watch(stored, { db: database, interval: 200, signal: interrupted.signal, lastReport }))
      tell(event);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  }
}

function tell(event) {
  switch (event.kind) {
    case "matched":
      console.log(`${event.name}: ${event.report.vulnerabilities.length} findings`);
      break;
    case "changed":
      for (const { id, severity, package: pkg } of event.added)
        console.log(`${event.name}: new ${severity} ${id} in ${pkg.name} ${pkg.version}`);
      for (const { id } of event.removed) console.log(`${event.name}: ${id} is gone`);
      for (const { after } of event.changed)
        console.log(`${event.name}: ${after.id} is told otherwise, fix ${after.fixedVersion ?? "none yet"}`);
      break;
    case "failed":
      console.log(`${event.name ?? database}: ${event.error.message}`);
      break;
    case "settled":
      console.log(`${event.inventories} inventories are up to date with ${event.revision.slice(0, 8)}`);
  }
  // Written after it was told: better told twice than never.
  if ("report" in event) writeFileSync(join(folder, `${event.name}.report.json`), JSON.stringify(event.report));
}

if (database === undefined || folder === undefined) throw new Error("Give a database and a folder");
if (task === "take") for (const reference of references) await take(reference);
else await follow();
