// Serves the page with the example's database on loopback: `npm start` here, after `npm start` at the root.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { buildPage } from "./build.mjs";

const files = new Map([
  ["/", ["dist/index.html", "text/html; charset=utf-8"]],
  ["/page.js", ["dist/page.js", "text/javascript"]],
  ["/advisories.plimsoll", ["../first-scan/dist/advisories.plimsoll", "application/octet-stream"]],
]);

/** Starts the server; resolves to it once it listens. */
export async function serve(port = 0) {
  await buildPage();
  const server = createServer(async (request, response) => {
    const [path, type] = files.get(request.url) ?? [];
    if (path === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type }).end(await readFile(new URL(path, import.meta.url)));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`http://127.0.0.1:${(await serve(8080)).address().port}/`);
