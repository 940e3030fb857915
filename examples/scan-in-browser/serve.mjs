// Serves the page with the example's database on loopback: `npm start` here, after `npm start` at the root.
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { buildPage } from "./build.mjs";

/** Starts the server; resolves to it once it listens. */
export async function serve(port = 0) {
  await buildPage();
  const scripts = (await readdir(new URL("dist", import.meta.url))).filter((name) => name.endsWith(".js"));
  const files = new Map([
    ["/", ["dist/index.html", "text/html; charset=utf-8"]],
    ["/advisories.plimsoll", ["../first-scan/dist/advisories.plimsoll", "application/octet-stream"]],
    ...scripts.map((name) => [`/${name}`, [`dist/${name}`, "text/javascript"]]),
  ]);
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
