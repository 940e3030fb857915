import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { serve } from "@plimsoll/server";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { muslAdvisories } from "./fixtures/musl-advisories.ts";
import { runCli } from "./run-cli.ts";

const advisories = muslAdvisories();

describe("a scan with a service", () => {
  const stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-client-"));
  const archive = join(folder, "app.tar");
  const files = {
    "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n",
    "lib/apk/db/installed": "P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\n",
  };
  let url = "";
  let serving: Promise<void>;

  beforeAll(async () => {
    writeFileSync(archive, await dockerArchive({ layers: [files] }, { tags: ["app:1"] }));
    await new Promise<void>((resolve, reject) => {
      serving = serve({
        listen: "127.0.0.1:0",
        database: "memory:",
        advisories,
        signal: stop.signal,
        onListening: (at) => {
          url = at;
          resolve();
        },
      });
      serving.catch(reject);
    });
  });

  afterAll(async () => {
    stop.abort();
    await serving;
    rmSync(folder, { recursive: true });
  });

  async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const written = { stdout: "", stderr: "" };
    const code = await runCli(args, {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
      env: { PLIMSOLL_CACHE_DIR: folder },
      signal: new AbortController().signal,
      now: () => "2026-01-01T00:00:00Z",
    });
    return { code, ...written };
  }

  test("finds what the service's advisories say, and has the service watch the image", async () => {
    const { code, stdout, stderr } = await run(
      "image",
      "--input",
      archive,
      "--server",
      url,
      "--format",
      "json",
      "--quiet",
    );

    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ vulnerabilities: [{ id: "CVE-2024-0001", fixedVersion: "1.2.5-r1" }] });
    const listed: unknown = await (await fetch(new URL("/api/v1/images", url))).json();
    expect(listed).toMatchObject({ images: [{ vulnerabilities: { HIGH: 1 } }] });
  });

  test("asks for what is known of all layers in two questions, however many there are", async () => {
    const many = join(folder, "many.tar");
    const layers = [files, { "etc/alpine-release": "3.20.1\n" }, { "srv/a": "1" }, { "srv/b": "2" }];
    writeFileSync(many, await dockerArchive({ layers }, { tags: ["app:2"] }));
    const scan = (): ReturnType<typeof run> =>
      run("image", "--input", many, "--server", url, "--format", "json", "--quiet");
    const asked = async (method: string): Promise<number> => {
      const text = await (await fetch(new URL("/metrics", url))).text();
      const line = `plimsoll_http_request_duration_seconds_count{method="${method}",route="/api/v1/layer-results",status="200"} `;
      return Number(
        text
          .split("\n")
          .find((each) => each.startsWith(line))
          ?.slice(line.length) ?? 0,
      );
    };

    const first = await scan();
    const before = [await asked("POST"), await asked("GET")];
    const second = await scan();

    expect(JSON.parse(second.stdout)).toEqual(JSON.parse(first.stdout));
    expect([await asked("POST"), await asked("GET")]).toEqual([(before[0] ?? 0) + 2, before[1]]);
  });

  test("finds the same in an SBOM and in a root file system, and watches neither", async () => {
    const bom = join(folder, "bom.json");
    expect((await run("image", "--input", archive, "--format", "cyclonedx", "--output", bom, "--quiet")).code).toBe(0);
    const root = join(folder, "root");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const before: unknown = await (await fetch(new URL("/api/v1/images", url))).json();

    for (const command of [
      ["sbom", bom],
      ["rootfs", root],
    ]) {
      const { code, stdout, stderr } = await run(...command, "--server", url, "--format", "json", "--quiet");
      expect([code, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toMatchObject({ vulnerabilities: [{ id: "CVE-2024-0001" }] });
    }
    expect(await (await fetch(new URL("/api/v1/images", url))).json()).toEqual(before);
  });

  test("is asked by admit for the reports of the images that objects name, which no report admits nothing", async () => {
    await run("image", "--input", archive, "--server", url, "--quiet");
    const { images } = (await (await fetch(new URL("/api/v1/images", url))).json()) as { images: { digest: string }[] };
    const pod = (digest: string): string =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "app" },
        spec: { containers: [{ name: "app", image: `registry.example/app@${digest}` }] },
      });
    const file = join(folder, "pod.json");
    const admit = async (digest: string, ...more: readonly string[]): Promise<string> => {
      writeFileSync(file, pod(digest));
      const { code, stdout, stderr } = await run("admit", file, "--reports", url, ...more);
      return `${code} ${stdout}${stderr}`;
    };

    expect(await admit(images[0]?.digest ?? "", "--gate", "HIGH")).toMatch(/^1 [^]*CVE-2024-0001/);
    expect(await admit(images[0]?.digest ?? "", "--gate", "CRITICAL")).toMatch(/^0 [^]*allowed/);
    expect(await admit(`sha256:${"0".repeat(64)}`, "--gate", "CRITICAL")).toMatch(/^1 [^]*denied/);
    expect(await admit(images[0]?.digest ?? "", "--gate", "HIGH", "--reports", "http://127.0.0.1:1")).toMatch(
      /^1 error: /,
    );
  });

  test("keeps the inventory of a report that is put into it", async () => {
    const { serviceReportStore } = await import("@plimsoll/node");
    const store = serviceReportStore({ url });
    const { images } = (await (await fetch(new URL("/api/v1/images", url))).json()) as { images: { digest: string }[] };
    const report = await store.get(images[0]?.digest ?? "");
    if (report === undefined) throw new Error("it was scanned by the test before");
    const digest = `sha256:${"5".repeat(64)}`;

    expect(await store.get(digest)).toBeUndefined();
    await store.put(digest, report);
    expect((await store.get(digest))?.vulnerabilities?.map(({ id }) => id)).toEqual(["CVE-2024-0001"]);
    await expect(serviceReportStore({ url: `${url}/none` }).put(digest, report)).rejects.toThrow("404");
    expect(() => serviceReportStore({ url: "nowhere" })).toThrow(TypeError);
  });

  test("says in one line what is wrong with the address or the service", async () => {
    const wrong = await run("image", "--input", archive, "--server", "nowhere", "--quiet");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('"nowhere" is no http address')]);
    const away = await run("image", "--input", archive, "--server", "http://127.0.0.1:1", "--quiet");
    expect([away.code, away.stderr]).toEqual([1, expect.stringMatching(/^error: Cannot reach http:.*\n$/)]);
  });

  test("is served by no process that may do less than its database allows", async () => {
    const worker = await run("serve", "--role", "worker", "--data-dir", join(folder, "data"));
    expect([worker.code, worker.stderr]).toEqual([2, expect.stringContaining("need a postgres:// database")]);
    const open = await run("serve", "--listen", "0.0.0.0:0", "--data-dir", join(folder, "data"));
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining("lets everybody who reaches it write")]);
    const odd = await run("serve", "--allow-layer-hosts", "a b", "--data-dir", join(folder, "data"));
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('"a b" is no host')]);
  });
});
