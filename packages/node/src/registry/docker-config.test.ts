import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dockerCredentials } from "./docker-config.ts";

let directory = "";
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "plimsoll-docker-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function ask(registry: string, config: unknown, repository?: string, helperTimeout?: number): Promise<unknown> {
  writeFileSync(join(directory, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return dockerCredentials({
    directory,
    helperTimeout,
    env: { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` },
  })(registry, { repository });
}

function helper(name: string, script: string): void {
  const file = join(directory, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const auth = Buffer.from("ada:se:cret").toString("base64");

describe("credentials that docker login left", () => {
  test.each([
    [
      "a password in auths",
      "quay.io",
      { auths: { "quay.io": { auth } } },
      { kind: "password", username: "ada", password: "se:cret" },
    ],
    [
      "Docker's own registry under its old name",
      "docker.io",
      { auths: { "https://index.docker.io/v1/": { auth } } },
      { kind: "password", username: "ada", password: "se:cret" },
    ],
    [
      "a key with a scheme",
      "localhost:5000",
      { auths: { "http://localhost:5000": { auth } } },
      { kind: "password", username: "ada", password: "se:cret" },
    ],
    [
      "an identity token",
      "quay.io",
      { auths: { "quay.io": { identitytoken: "t" } } },
      { kind: "identity-token", token: "t" },
    ],
    ["a registry token", "quay.io", { auths: { "quay.io": { registrytoken: "t" } } }, { kind: "bearer", token: "t" }],
    ["another registry's", "ghcr.io", { auths: { "quay.io": { auth } } }, undefined],
    ["a file that is no JSON", "quay.io", "{", undefined],
    ["a file of another shape", "quay.io", { auths: [{ "quay.io": auth }], credsStore: 3 }, undefined],
    ["an auth without a colon", "quay.io", { auths: { "quay.io": { auth: "YWRh" } } }, undefined],
  ])("%s", async (_, registry, config, expected) => {
    expect(await ask(registry, config)).toEqual(expected);
  });

  const of = (username: string): object => ({ auth: Buffer.from(`${username}:x`).toString("base64") });

  test.each<readonly [string, string, string, Record<string, object>, string | undefined]>([
    ["for the very repository", "quay.io", "team/app", { "quay.io": of("host"), "quay.io/team/app": of("app") }, "app"],
    ["for the path above it", "quay.io", "team/app", { "quay.io/team": of("team"), "quay.io": of("host") }, "team"],
    [
      "for its host, beside another path",
      "quay.io",
      "a/b",
      { "quay.io/team": of("team"), "quay.io": of("host") },
      "host",
    ],
    ["for an address with a path", "quay.io", "a/b", { "https://quay.io/v2/": of("v2") }, "v2"],
    ["for an address with any path", "reg:5000", "a/b", { "http://reg:5000/some/where": of("some") }, "some"],
    ["for Docker's registry by another name", "docker.io", "library/x", { "registry-1.docker.io": of("hub") }, "hub"],
    ["for Docker's registry by an address", "docker.io", "a/b", { "https://index.docker.io/v2/": of("v2") }, "v2"],
    ["for a path in Docker's registry", "docker.io", "team/app", { "docker.io/team": of("team") }, "team"],
    [
      "for a name that begins alike",
      "quay.io",
      "a/b",
      { "quay.io.example": of("x"), "quay.iox/a": of("y") },
      undefined,
    ],
    ["for another port", "quay.io", "a/b", { "quay.io:5000": of("x") }, undefined],
    ["for a path that begins alike", "quay.io", "teams/app", { "https://other/quay.io/team": of("x") }, undefined],
  ])("%s", async (_, registry, repository, auths, username) => {
    const expected = username === undefined ? undefined : { kind: "password", username, password: "x" };
    expect(await ask(registry, { auths }, repository)).toEqual(expected);
  });

  test("of all files count in the order of Docker's, Podman's and the old one", async () => {
    const home = (...files: readonly (readonly [string, unknown])[]): Record<string, string> => {
      const folder = mkdtempSync(join(directory, "home-"));
      for (const [file, content] of files) {
        mkdirSync(join(folder, file, ".."), { recursive: true });
        writeFileSync(join(folder, file), JSON.stringify(content));
      }
      return { HOME: folder };
    };
    const look = async (env: Record<string, string>, repository = "a/b"): Promise<unknown> => {
      const found = await dockerCredentials({ env })("quay.io", { repository });
      return found?.kind === "password" ? found.username : found;
    };
    const docker = [".docker/config.json", { auths: { "quay.io": of("docker") } }] as const;
    const podman = [".config/containers/auth.json", { auths: { "quay.io": of("podman") } }] as const;
    const old = [".dockercfg", { "https://quay.io/v1/": of("old") }] as const;
    const elsewhere = join(directory, "auth.json");
    writeFileSync(elsewhere, JSON.stringify({ auths: { "quay.io": of("elsewhere"), "quay.io/a": of("path") } }));

    expect(await look(home(old, podman, docker))).toBe("docker");
    expect(await look(home(old, podman))).toBe("podman");
    expect(await look(home(old))).toBe("old");
    expect(await look({ ...home(old, podman), REGISTRY_AUTH_FILE: elsewhere })).toBe("path");
    expect(await look({ ...home(old), REGISTRY_AUTH_FILE: elsewhere }, "c/d")).toBe("elsewhere");
    expect(
      await look({ ...home(docker), DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "quay.io": of("given") } }) }),
    ).toBe("given");
    // A path of Podman's file is none of another path's business; Docker would take it for the host.
    expect(await look(home([podman[0], { auths: { "quay.io/team": of("team") } }]))).toBeUndefined();
    expect(await look(home([docker[0], { auths: { "quay.io/team": of("team") } }]))).toBe("team");
  });

  test.skipIf(process.platform === "win32")(
    "a helper of the registry goes before the store, and the store before auths",
    async () => {
      helper("one", 'read key; echo "{\\"Username\\":\\"one\\",\\"Secret\\":\\"$key\\"}"');
      helper("two", 'cat >/dev/null; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"two\\"}"');
      const config = {
        credHelpers: { "quay.io": "one" },
        credsStore: "two",
        auths: { "ghcr.io": {}, "quay.io": { auth } },
      };

      expect(await ask("quay.io", config)).toEqual({ kind: "password", username: "one", password: "quay.io" });
      expect(await ask("ghcr.io", config)).toEqual({ kind: "identity-token", token: "two" });
    },
  );

  test.skipIf(process.platform === "win32")(
    "a helper that fails, babbles or does not exist means no credentials",
    async () => {
      helper("bad", "cat >/dev/null; echo credentials not found; exit 1");
      helper("babble", "cat >/dev/null; echo hello");

      expect(await ask("quay.io", { credHelpers: { "quay.io": "bad" } })).toBeUndefined();
      expect(await ask("quay.io", { credHelpers: { "quay.io": "babble" } })).toBeUndefined();
      expect(await ask("quay.io", { credHelpers: { "quay.io": "missing" } })).toBeUndefined();
      expect(await ask("quay.io", { credHelpers: { "quay.io": "../../bin/sh" } })).toBeUndefined();
    },
  );

  test.skipIf(process.platform === "win32")("a helper that says nothing and does not end is killed", async () => {
    const own = join(directory, "pid");
    helper("silent", `echo $$ > "${own}"; exec sleep 600`);

    expect(await ask("quay.io", { credHelpers: { "quay.io": "silent" } }, undefined, 300)).toBeUndefined();
    const pid = existsSync(own) ? Number(readFileSync(own, "utf8")) : undefined;
    if (pid !== undefined) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test.skipIf(process.platform === "win32")(
    "a helper that talks without end is stopped, although it left somebody with its output",
    async () => {
      helper("endless", "cat >/dev/null; sleep 60 & yes; exit 0");

      expect(await ask("quay.io", { credHelpers: { "quay.io": "endless" } })).toBeUndefined();
    },
  );
});
