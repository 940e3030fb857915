import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createPrivateKey, createPublicKey, createHash, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageFromRegistry } from "@plimsoll/image";
import { ScanError, defaultLimits } from "@plimsoll/model";
import type { Image } from "@plimsoll/model";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageFromEngine } from "../engine/docker-engine.ts";
import { nativeReading } from "../image/image-file.ts";
import { imageSource } from "../image-reference.ts";
import { dockerCredentials } from "./docker-config.ts";
import { tlsFetch } from "./tls-fetch.ts";

/** Real servers on loopback, where this machine has them. */

function missing(...programs: string[]): string | undefined {
  return programs.find((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined);
}

const absent = missing("docker-registry", "skopeo", "openssl");
if (absent !== undefined) console.warn(`${absent} is not installed: the tests with a real registry are skipped`);
const noPodman = absent ?? missing("podman");
if (noPodman !== undefined && absent === undefined)
  console.warn("podman is not installed: the tests with a real engine are skipped");

let folder = "";
const children: ChildProcess[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-registry-"));
  const layers = [
    { "etc/os-release": "ID=alpine\nVERSION_ID=3.19.0\n" },
    { "srv/app": "#!/bin/sh\n", "etc/.wh.motd": "" },
  ];
  writeFileSync(
    join(folder, "app.tar"),
    await dockerArchive({ name: "app", layers, createdBy: ["ADD rootfs", "COPY app"] }),
  );
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startRegistry(name: string, sections: (port: number) => string): Promise<string> {
  const port = await freePort();
  const root = join(folder, name);
  mkdirSync(root);
  const config = join(folder, `${name}.yml`);
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${root}}}\nhttp:\n  addr: 127.0.0.1:${port}\n${sections(port)}`,
  );
  children.push(spawn("docker-registry", ["serve", config], { stdio: "ignore" }));
  for (let attempt = 0; attempt < 100; attempt++) {
    const answers = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      () => true,
      (error: Error) => String(error.cause).includes("HTTP/1.0 400") || String(error.cause).includes("other side"),
    );
    if (answers) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `127.0.0.1:${port}`;
}

/** Not synchronously: the token server of these tests runs in this very process. */
function push(host: string, ...flags: string[]): Promise<void> {
  const args = ["copy", "--quiet", "--dest-tls-verify=false", ...flags, `docker-archive:${join(folder, "app.tar")}`];
  return new Promise((resolve, reject) => {
    execFile("skopeo", [...args, `docker://${host}/demo/app:v1`], { timeout: 30_000 }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

async function readPaths(image: Image): Promise<string[]> {
  const paths: string[] = [];
  for (const layer of image.layers) {
    for await (const entry of layer.entries({ limits: defaultLimits }))
      paths.push(entry.kind === "diagnostic" ? entry.message : `${entry.kind} ${entry.path}`);
  }
  await image.close?.();
  return paths;
}

const expectedPaths = ["file etc/os-release", "file srv/app", "whiteout etc/motd"];

describe.skipIf(absent !== undefined)("a real registry", () => {
  test("without authentication is read anonymously, by tag and by digest", async () => {
    const host = await startRegistry("open", () => "");
    await push(host);
    const image = await imageSource(`registry:${host}/demo/app:v1`).open();

    expect(image.layers.map((layer) => layer.createdBy)).toEqual(["ADD rootfs", "COPY app"]);
    expect(await readPaths(image)).toEqual(expectedPaths);
    expect((await imageSource(`${host}/demo/app@${image.digest}`).open()).digest).toBe(image.digest);
    await expect(imageSource(`registry:${host}/demo/app:v2`).open()).rejects.toThrow("the registry has no such image");
    await expect(imageSource(`${host}/demo/app:v2`).open()).rejects.toThrow(
      /docker image .*; podman image .*; registry /,
    );
  });

  test("with basic authentication wants the password that docker login left", async () => {
    writeFileSync(join(folder, "htpasswd"), "ada:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n");
    const host = await startRegistry(
      "basic",
      () => `auth: {htpasswd: {realm: demo, path: ${join(folder, "htpasswd")}}}\n`,
    );
    await push(host, "--dest-creds", "ada:open sesame");
    const login = (password: string): string => {
      const directory = mkdtempSync(join(folder, "docker-"));
      writeFileSync(
        join(directory, "config.json"),
        JSON.stringify({ auths: { [host]: { auth: Buffer.from(`ada:${password}`).toString("base64") } } }),
      );
      return directory;
    };
    const open = (password: string): Promise<Image> =>
      imageFromRegistry(`${host}/demo/app:v1`, {
        ...nativeReading,
        plainHttp: [host],
        credentials: dockerCredentials({ directory: login(password) }),
      }).open();

    expect(await readPaths(await open("open sesame"))).toEqual(expectedPaths);
    await expect(open("wrong")).rejects.toThrow(ScanError);
    await expect(imageFromRegistry(`${host}/demo/app:v1`, { plainHttp: [host] }).open()).rejects.toThrow(
      "it asks for credentials",
    );
  });

  test("with token authentication gets a token first", async () => {
    openssl("token", "/CN=tokens");
    const realm = await startTokenServer();
    const host = await startRegistry(
      "token",
      () =>
        `auth: {token: {realm: "${realm}", service: demo, issuer: tester, rootcertbundle: ${join(folder, "token.crt")}}}\n`,
    );
    await push(host, "--dest-creds", "ada:open sesame");
    const credentials = async (): Promise<{ kind: "password"; username: string; password: string }> => ({
      kind: "password",
      username: "ada",
      password: "open sesame",
    });

    const image = await imageFromRegistry(`${host}/demo/app:v1`, {
      ...nativeReading,
      plainHttp: [host],
      credentials,
    }).open();

    expect(await readPaths(image)).toEqual(expectedPaths);
    await expect(imageFromRegistry(`${host}/demo/app:v1`, { plainHttp: [host], retries: 0 }).open()).rejects.toThrow(
      "token server answered 401",
    );
  });

  test("with its own certificate authority is trusted only when told", async () => {
    openssl("tls", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1");
    const host = await startRegistry(
      "tls",
      () => `  tls: {certificate: ${join(folder, "tls.crt")}, key: ${join(folder, "tls.key")}}\n`,
    );
    await push(host);

    const trusted = imageFromRegistry(`${host}/demo/app:v1`, {
      ...nativeReading,
      fetch: tlsFetch({ ca: readFileSync(join(folder, "tls.crt")) }),
    });

    expect(await readPaths(await trusted.open())).toEqual(expectedPaths);
    expect(
      await readPaths(
        await imageFromRegistry(`${host}/demo/app:v1`, {
          ...nativeReading,
          fetch: tlsFetch({ insecure: true }),
        }).open(),
      ),
    ).toEqual(expectedPaths);
    await expect(imageFromRegistry(`${host}/demo/app:v1`, { retries: 0 }).open()).rejects.toThrow(ScanError);
  });
});

function openssl(name: string, subject: string, ...more: string[]): void {
  const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject, ...files, ...more],
    { stdio: "pipe" },
  );
}

/** Issues tokens as the distribution's specification asks, to ada only. */
async function startTokenServer(): Promise<string> {
  const key = createPrivateKey(readFileSync(join(folder, "token.key")));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    if (request.headers.authorization !== `Basic ${Buffer.from("ada:open sesame").toString("base64")}`)
      return void response.writeHead(401).end();
    const access = url.searchParams.getAll("scope").map((scope) => {
      const [type, name, actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: "tester",
      sub: "ada",
      aud: "demo",
      exp: now + 300,
      nbf: now - 10,
      iat: now - 10,
      jti: "1",
      access,
    };
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${encode({ typ: "JWT", alg: "RS256", kid: keyId(key) })}.${encode(claims)}`;
    response.end(JSON.stringify({ token: `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}` }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

/** libtrust's fingerprint of a public key: base32 of the first 240 bits of its SHA-256, in groups of four. */
function keyId(key: ReturnType<typeof createPrivateKey>): string {
  const hash = createHash("sha256")
    .update(createPublicKey(key).export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 30);
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{5}/g) ?? [])
    .map((group) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(group, 2)])
    .join("");
  return (letters.match(/.{4}/g) ?? []).join(":");
}

describe.skipIf(noPodman !== undefined)("a real engine", () => {
  test("streams an image as docker save would", async ({ skip }) => {
    const socket = join(folder, "podman.sock");
    const storage = [
      "--root",
      join(folder, "storage"),
      "--runroot",
      join(folder, "run"),
      "--storage-driver",
      "vfs",
      "--events-backend",
      "none",
      "--cgroup-manager",
      "cgroupfs",
    ];
    const loaded = spawnSync("podman", [...storage, "load", "--quiet", "--input", join(folder, "app.tar")], {
      encoding: "utf8",
    });
    if (loaded.status !== 0) skip(`podman cannot load images here: ${loaded.stderr.split("\n")[0] ?? ""}`);
    children.push(
      spawn("podman", [...storage, "system", "service", "--time=0", `unix://${socket}`], { stdio: "ignore" }),
    );
    const host = `unix://${socket}`;
    for (let attempt = 0; attempt < 100; attempt++) {
      const error: unknown = await imageFromEngine("nothing:here", { host })
        .open()
        .catch((reason: unknown) => reason);
      if (error instanceof ScanError && error.failure.kind === "image-not-found") break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    const image = await imageFromEngine("localhost/app:latest", { host }).open();

    expect(image.layers).toHaveLength(2);
    expect(await readPaths(image)).toEqual(expectedPaths);
    await expect(imageFromEngine("localhost/none:latest", { host, engine: "podman" }).open()).rejects.toThrow(
      "podman has no such image",
    );
  });
});

test("an engine that does not answer is named", async () => {
  await expect(imageFromEngine("app", { host: "unix:///nowhere/docker.sock" }).open()).rejects.toThrow(
    "nothing answers at unix:///nowhere/docker.sock",
  );
  await expect(imageFromEngine("app", { host: "ssh://host" }).open()).rejects.toThrow("only unix:// and tcp://");
});
