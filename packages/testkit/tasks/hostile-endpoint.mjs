// Probes one endpoint that behaves as named, and prints the peak of live memory and the time it took.
// node --expose-gc hostile-endpoint.mjs empty|endless|redirects|slow
import { createServer } from "node:http";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";

const kinds = {
  /** An answer without content. */
  empty: (_, response) => response.writeHead(404).end(),
  /** A body without an end, as fast as it is taken. */
  endless: (_, response) => {
    const chunk = Buffer.alloc(64 * 1024, "a");
    response.writeHead(200, { "content-type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  },
  /** Every answer sends elsewhere. */
  redirects: (request, response) => response.writeHead(302, { location: `${request.url}a` }).end(),
  /** One byte a second. */
  slow: (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("a"), 1_000);
    response.on("close", () => clearInterval(timer));
  },
};

if (isMainThread) {
  // The server has a thread of its own, whose memory is not the client's.
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: process.argv[2] });
  const port = await new Promise((resolve) => worker.once("message", resolve));
  const { probe } = await import("../../probes/dist/index.js");
  const { endpointConnection } = await import("../../node/dist/index.js");
  const live = () => {
    // What nobody holds any more is the engine's to keep or to give back.
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1e6;
  };
  let peak = live();
  const sampling = setInterval(() => (peak = Math.max(peak, live())), 20);
  const start = performance.now();
  await probe({ targets: [{ host: "127.0.0.1", port }], ...endpointConnection() });
  const seconds = (performance.now() - start) / 1_000;
  clearInterval(sampling);
  console.log(JSON.stringify({ megabytes: peak, seconds }));
  await worker.terminate();
} else {
  const server = createServer(kinds[workerData]);
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
}
