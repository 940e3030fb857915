import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dockerCredentials } from "./docker-config.ts";

let directory = "";
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "plimsoll-docker-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function ask(registry: string, config: unknown): Promise<unknown> {
  writeFileSync(join(directory, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return dockerCredentials({ directory, env: { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` } })(
    registry,
    {},
  );
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
});
