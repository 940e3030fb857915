import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A registry of the reference implementation on loopback, with nothing in it. */
export interface LoopbackRegistry {
  /** `127.0.0.1:5000` */
  readonly host: string;
  stop(): void;
}

/** Starts one; undefined, with one line said, where `docker-registry` is not installed. */
export async function loopbackRegistry(): Promise<LoopbackRegistry | undefined> {
  if (spawnSync("docker-registry", ["--version"], { stdio: "ignore" }).error !== undefined) {
    console.warn("docker-registry is not installed: the tests with a real registry are skipped");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "config.yml");
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}}}\nhttp: {addr: ${host}}\n`,
  );
  const server = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const stop = (): void => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  for (let attempt = 0; attempt < 200; attempt++) {
    const answers = await fetch(`http://${host}/v2/`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return { host, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop();
  throw new Error("docker-registry does not answer");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
