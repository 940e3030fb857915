// A webhook for Kubernetes: node admission-webhook.mjs FOLDER-OF-POLICIES FOLDER-WITH-tls.crt-AND-tls.key [PORT]
import { readFileSync, readdirSync, watch } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import {
  admissionHandler,
  evidenceSource,
  memoryReportStore,
  preparePolicies,
  verdictCache,
} from "@plimsoll/admission";
import { registryAttestationStore } from "@plimsoll/attestations";
import { parseYaml } from "@plimsoll/formats";
import { reachRegistries } from "@plimsoll/node";

const [policyFolder, certificates, port = "8443"] = process.argv.slice(2);
if (policyFolder === undefined || certificates === undefined) throw new Error("name the folders of policies and TLS");

const texts = readdirSync(policyFolder)
  .filter((name) => /\.(ya?ml|json)$/.test(name))
  .map((name) => readFileSync(join(policyFolder, name), "utf8"));
const policies = await preparePolicies(texts.flatMap((text) => parseYaml(text)));

const handle = admissionHandler({
  cache: verdictCache(),
  evidenceFor: evidenceSource({
    known: { policies },
    reports: memoryReportStore(), // or one that a scanner fills
    ...(process.env.NO_SIGNATURES === undefined ? { attestations: registryAttestationStore(reachRegistries()) } : {}),
    now: () => `${new Date().toISOString().slice(0, 13)}:00:00Z`,
  }),
});

const readTls = () => ({
  cert: readFileSync(join(certificates, "tls.crt")),
  key: readFileSync(join(certificates, "tls.key")),
});
const server = createServer(readTls(), async (request, response) => {
  if (request.url === "/healthz") return void response.end("ok\n");
  try {
    const url = `https://${request.headers.host ?? "webhook"}${request.url}`;
    const answer = await handle(new Request(url, { method: "POST", body: request, duplex: "half" }));
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(await answer.text());
  } catch {
    response.writeHead(500).end();
  }
});

// The kubelet exchanges a link in the folder when the secret changes; half a pair is no reason to stop.
watch(certificates, () => {
  try {
    server.setSecureContext(readTls());
  } catch (error) {
    console.error(`the certificate stays as it was: ${error.message}`);
  }
});
server.listen(Number(port), () => console.log(`listening on ${server.address().port}`));
process.once("SIGTERM", () => server.close(() => process.exit(0)));
