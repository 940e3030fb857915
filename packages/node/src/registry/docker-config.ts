import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { CredentialSource, Credentials } from "@plimsoll/registry";

/** Where credentials are looked up. */
export interface DockerConfigOptions {
  /** Directory with `config.json`. Absent: `DOCKER_CONFIG`, else `.docker` in the home directory; Podman's `auth.json` is asked next. */
  readonly directory?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The keys under which Docker keeps the credentials of its own registry. */
const dockerHubKeys = ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"];

/**
 * Credentials as `docker login` and `podman login` left them: `credHelpers`, then `credsStore`, then `auths`
 * (docker/cli, `cli/config/configfile`). A missing or unreadable file means none.
 */
export function dockerCredentials(options: DockerConfigOptions = {}): CredentialSource {
  const env = options.env ?? process.env;
  let configs: Promise<readonly DockerConfig[]> | undefined;
  return async (registry, { signal }) => {
    configs ??= Promise.all(configFiles(options, env).map(readConfig));
    for (const config of await configs) {
      const found = await lookUp(config, registry, env, signal);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function configFiles(
  { directory }: DockerConfigOptions,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (directory !== undefined) return [join(directory, "config.json")];
  const home = env["HOME"] ?? homedir();
  const runtime = env["XDG_RUNTIME_DIR"];
  return [
    join(env["DOCKER_CONFIG"] ?? join(home, ".docker"), "config.json"),
    env["REGISTRY_AUTH_FILE"] ??
      (runtime === undefined
        ? join(home, ".config", "containers", "auth.json")
        : join(runtime, "containers", "auth.json")),
  ];
}

interface DockerConfig {
  readonly auths: ReadonlyMap<string, unknown>;
  readonly credHelpers: ReadonlyMap<string, unknown>;
  readonly credsStore: string | undefined;
}

async function readConfig(file: string): Promise<DockerConfig> {
  const document = await readFile(file, "utf8")
    .then((text): unknown => JSON.parse(text))
    .catch((): unknown => undefined);
  const members = entriesOf(document);
  const store = members.get("credsStore");
  return {
    auths: entriesOf(members.get("auths")),
    credHelpers: entriesOf(members.get("credHelpers")),
    credsStore: typeof store === "string" && store !== "" ? store : undefined,
  };
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : []);
}

async function lookUp(
  config: DockerConfig,
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Credentials | undefined> {
  const keys =
    registry === "docker.io"
      ? dockerHubKeys
      : [registry, `https://${registry}`, `http://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`];
  for (const key of keys) {
    const helper = config.credHelpers.get(key) ?? (config.auths.has(key) ? config.credsStore : undefined);
    if (typeof helper === "string") {
      const found = await askHelper(helper, key, env, signal);
      if (found !== undefined) return found;
    }
    const found = credentialsOf(config.auths.get(key));
    if (found !== undefined) return found;
  }
  // Stores know registries that `auths` does not list when another tool logged in.
  return config.credsStore === undefined ? undefined : askHelper(config.credsStore, keys[0] ?? registry, env, signal);
}

function credentialsOf(value: unknown): Credentials | undefined {
  const entry = entriesOf(value);
  const text = (name: string): string => {
    const member = entry.get(name);
    return typeof member === "string" ? member : "";
  };
  if (text("identitytoken") !== "") return { kind: "identity-token", token: text("identitytoken") };
  if (text("registrytoken") !== "") return { kind: "bearer", token: text("registrytoken") };
  const pair =
    text("auth") === ""
      ? `${text("username")}:${text("password")}`
      : Buffer.from(text("auth"), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon <= 0) return undefined;
  return { kind: "password", username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") };
}

const maxAnswerBytes = 64 * 1024;

/** Asks `docker-credential-<name> get` (docker/docker-credential-helpers, README). */
function askHelper(
  name: string,
  key: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Credentials | undefined> {
  // The name becomes part of a program's name: no path may hide in it.
  if (!/^[\w.-]+$/.test(name)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${name}`, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...env },
      signal,
      timeout: 30_000,
    });
    let answer = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
      if (answer.length > maxAnswerBytes) child.kill();
    });
    child.on("error", () => resolve(undefined));
    child.stdin.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve(code === 0 ? parseAnswer(answer) : undefined));
    child.stdin.end(key);
  });
}

function parseAnswer(answer: string): Credentials | undefined {
  try {
    const members = entriesOf(JSON.parse(answer));
    const username = members.get("Username");
    const secret = members.get("Secret");
    if (typeof username !== "string" || typeof secret !== "string" || secret === "") return undefined;
    return username === "<token>"
      ? { kind: "identity-token", token: secret }
      : { kind: "password", username, password: secret };
  } catch {
    return undefined;
  }
}
