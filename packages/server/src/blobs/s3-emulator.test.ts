import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { s3Cache } from "./s3-cache.ts";
import type { SigningCredentials } from "./sigv4.ts";

/**
 * Against an emulator of AWS that checks signatures of version 4 by AWS' own library: `moto_server` of PyPI (`moto[server,s3,iam]`), where
 * it is on PATH. It is set up as long as it lets everybody in, and then told to look who asks.
 */
const isHere = spawnSync("moto_server", ["--help"], { stdio: "ignore" }).error === undefined;
if (!isHere) console.warn("moto_server is not on PATH: results of layers in an emulator's bucket are skipped");

const region = "eu-west-1";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port.
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!isHere)("a bucket of an emulator that checks signatures", () => {
  let emulator: ChildProcess;
  let endpoint: string;
  let credentials: SigningCredentials;

  beforeAll(async () => {
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    emulator = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    await vi.waitFor(async () => expect((await fetch(`${endpoint}/moto-api/`)).ok).toBe(true), {
      timeout: 60_000,
      interval: 100,
    });
    const iam = async (action: string, more: Record<string, string>): Promise<string> => {
      const response = await fetch(endpoint, {
        method: "POST",
        // Which service is meant is read from here.
        headers: { authorization: `AWS4-HMAC-SHA256 Credential=nobody/20200101/${region}/iam/aws4_request` },
        body: new URLSearchParams({ Action: action, Version: "2010-05-08", UserName: "layers", ...more }),
      });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      return text;
    };
    await iam("CreateUser", {});
    const statement = { Effect: "Allow", Action: "s3:*", Resource: "*" };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: statement });
    await iam("PutUserPolicy", { PolicyName: "layers", PolicyDocument: policy });
    const key = await iam("CreateAccessKey", {});
    const part = (name: string): string => new RegExp(`<${name}>([^<]+)<`).exec(key)?.[1] ?? "";
    credentials = { accessKeyId: part("AccessKeyId"), secretAccessKey: part("SecretAccessKey") };
    const location = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    const made = await fetch(`${endpoint}/layers`, { method: "PUT", body: location });
    expect(made.status, await made.text()).toBe(200);
    const strict = await fetch(`${endpoint}/moto-api/reset-auth`, { method: "POST", body: "0" });
    expect(strict.status).toBe(200);
  });
  afterAll(() => emulator.kill("SIGKILL"));

  const cacheOf = (change: Partial<SigningCredentials>, problems: string[]): ReturnType<typeof s3Cache> =>
    s3Cache({
      bucket: "layers",
      prefix: "plimsoll/v1",
      region,
      endpoint,
      credentials: () => ({ ...credentials, ...change }),
      onProblem: (reason) => problems.push(reason),
      backoff: 1,
    });

  test("keeps results for whoever has the key", async () => {
    const problems: string[] = [];
    const value = new Uint8Array(300_000).map((_, index) => index % 251);
    await cacheOf({}, problems).set("layer sha256:1", value);

    expect(await cacheOf({}, problems).get("layer sha256:1")).toEqual(value);
    expect(await cacheOf({}, problems).get("layer sha256:2")).toBeUndefined();
    expect(problems).toEqual([]);
  });

  test("refuses another secret, and that is told without it", async () => {
    const problems: string[] = [];
    const stranger = cacheOf({ secretAccessKey: "a guess of someone else" }, problems);
    await stranger.set("layer sha256:3", new Uint8Array([1]));

    expect(await stranger.get("layer sha256:1")).toBeUndefined();
    expect(await cacheOf({}, []).get("layer sha256:3")).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining("SignatureDoesNotMatch")]);
    expect(problems.join()).not.toContain("a guess");
  });
});
