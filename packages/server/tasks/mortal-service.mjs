// The bundled service, for tests of what happens to a process at a place of their choosing: `node mortal-service.mjs '{"serve": …, "kill": {"kind": "statement", "at": 2}}'`.
// Counts what the process does to the world outside, and sends itself SIGKILL at the n-th: nothing is caught, closed or written after that.
// The service itself knows of none of this: the libraries below it are watched. With `"matching"` only statements count whose text has it.
//
// Prints the address that it listens on, and what it counted when SIGTERM ends it, as JSON lines.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";

const { serve: options, kill = {} } = JSON.parse(process.argv[2] ?? "{}");

/** How often each kind of thing happened. */
const counts = { statement: 0, answer: 0, write: 0, request: 0 };
let counted = 0;

function happens(kind, text = "") {
  counts[kind]++;
  if (kind !== kill.kind || !text.includes(kill.matching ?? "")) return;
  if (++counted === kill.at) process.kill(process.pid, "SIGKILL");
}

/** Statements: dies before one is sent, or when it was carried out and its answer was not seen. */
function watchStatements(prototype, name) {
  const real = prototype[name];
  prototype[name] = function (...all) {
    const text = typeof all[0] === "string" ? all[0] : String(all[0]?.text ?? "");
    happens("statement", text);
    const answer = real.apply(this, all);
    answer?.then?.(
      () => happens("answer", text),
      () => undefined,
    );
    return answer;
  };
}

watchStatements(pg.Client.prototype, "query");
for (const name of ["query", "exec"]) watchStatements(PGlite.prototype, name);

// Writes to files: of the embedded database, and of results of layers.
const { writeSync } = fs;
fs.writeSync = (file, ...all) => {
  if (file > 2) happens("write");
  return writeSync(file, ...all);
};
for (const name of ["writeFile", "rename"]) {
  const real = fs.promises[name];
  fs.promises[name] = async (...all) => {
    happens("write");
    return real(...all);
  };
}
syncBuiltinESMExports();

// What is told to others.
const { fetch } = globalThis;
globalThis.fetch = (...all) => {
  happens("request");
  return fetch(...all);
};

const { layerStoreAt, sealingKeyIn, serve } = await import("../dist/program/server.js");
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());
const { directory, ...given } = options;
await serve({
  ...given,
  cache: layerStoreAt(`${directory}/layers`, {}),
  sealingKey: sealingKeyIn(directory),
  signal: ending.signal,
  log: { info: () => undefined, warn: told, error: told },
  onListening: (url) => process.stdout.write(`${JSON.stringify({ url })}\n`),
});
process.stdout.write(`${JSON.stringify({ counts })}\n`);

function told(facts, message) {
  process.stderr.write(`${message} ${facts.err?.stack ?? JSON.stringify(facts)}\n`);
}
