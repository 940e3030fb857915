import { isRecord, jsonIn } from "@plimsoll/formats";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { checkOptions, optionIs } from "@plimsoll/model";
import type { CredentialSource, Credentials } from "@plimsoll/registry";

/** Options of {@link dockerCredentials}. */
export interface DockerConfigOptions {
  /** Directory with `config.json`. Absent: `DOCKER_CONFIG`, else `.docker` in the home directory; Podman's `auth.json` is read next. */
  readonly directory?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds that a credential helper has for its answer, then it is killed. Absent: 30,000. */
  readonly helperTimeout?: number | undefined;
}

/** What asking a helper needs. */
interface HelperCall {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many milliseconds a helper may take. */
  readonly patience: number;
  readonly signal: AbortSignal | undefined;
}

/** The key under which Docker keeps the credentials of its own registry; helpers are asked for it by this name, too. */
const dockerHubKey = "https://index.docker.io/v1/";

/** What Docker's own registry is called in hand-written files. */
const dockerHubNames: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/**
 * Credentials as `docker login` and `podman login` left them, of the first file that has some: `DOCKER_AUTH_CONFIG`, Docker's
 * `config.json`, Podman's `auth.json`, the old `.dockercfg`. In each file `credHelpers` takes precedence over `credsStore`, and that over `auths`
 * (docker/cli, `cli/config`; containers/image, `containers-auth.json.5`). A missing or unreadable file means none.
 */
export function dockerCredentials(options: DockerConfigOptions = {}): CredentialSource {
  checkOptions("dockerCredentials", options, {
    directory: optionIs.text,
    env: optionIs.object,
    helperTimeout: optionIs.count,
  });
  const env = options.env ?? process.env;
  const patience = options.helperTimeout ?? usualPatience;
  let configs: Promise<readonly DockerConfig[]> | undefined;
  return async (registry, { repository, signal }) => {
    configs ??= readConfigs(options, env);
    for (const config of await configs) {
      const found = await lookUp(config, registry, repository, { env, patience, signal });
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Which program's configuration a file is, which decides how its keys are read. */
type ConfigKind = "docker" | "podman" | "dockercfg";

async function readConfigs(
  { directory }: DockerConfigOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly DockerConfig[]> {
  if (directory !== undefined) return [await readConfig(join(directory, "config.json"), "docker")];
  const home = env["HOME"] ?? homedir();
  const runtime = env["XDG_RUNTIME_DIR"];
  const podman = join("containers", "auth.json");
  const files: readonly (readonly [file: string, kind: ConfigKind])[] = [
    [join(env["DOCKER_CONFIG"] ?? join(home, ".docker"), "config.json"), "docker"],
    ...(env["REGISTRY_AUTH_FILE"] === undefined
      ? ([
          ...(runtime === undefined ? [] : ([[join(runtime, podman), "podman"]] as const)),
          [join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), podman), "podman"],
        ] as const)
      : ([[env["REGISTRY_AUTH_FILE"], "podman"]] as const)),
    [join(home, ".dockercfg"), "dockercfg"],
  ];
  const given = env["DOCKER_AUTH_CONFIG"];
  return [
    ...(given === undefined || given === "" ? [] : [configOf(given, "docker")]),
    ...(await Promise.all(files.map(([file, kind]) => readConfig(file, kind)))),
  ];
}

interface DockerConfig {
  readonly kind: ConfigKind;
  readonly auths: ReadonlyMap<string, unknown>;
  readonly credHelpers: ReadonlyMap<string, unknown>;
  readonly credsStore: string | undefined;
}

async function readConfig(file: string, kind: ConfigKind): Promise<DockerConfig> {
  return configOf(await readFile(file, "utf8").catch(() => ""), kind);
}

function configOf(text: string, kind: ConfigKind): DockerConfig {
  const members = entriesOf(jsonIn(text));
  const store = members.get("credsStore");
  return {
    kind,
    auths: kind === "dockercfg" ? members : entriesOf(members.get("auths")),
    credHelpers: entriesOf(members.get("credHelpers")),
    credsStore: typeof store === "string" && store !== "" ? store : undefined,
  };
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(isRecord(value) ? Object.entries(value) : []);
}

async function lookUp(
  config: DockerConfig,
  registry: string,
  repository: string | undefined,
  call: HelperCall,
): Promise<Credentials | undefined> {
  const keys = keysFor(config, registry, repository);
  const own = registry === "docker.io" ? dockerHubKey : registry;
  for (const key of keys) {
    const helper = config.credHelpers.get(key) ?? (config.auths.has(key) ? config.credsStore : undefined);
    if (typeof helper === "string") {
      const found = await askHelper(helper, key, call);
      if (found !== undefined) return found;
    }
    const found = credentialsOf(config.auths.get(key));
    if (found !== undefined) return found;
  }
  // Stores know registries that `auths` does not list when another tool logged in.
  return config.credsStore === undefined ? undefined : askHelper(config.credsStore, own, call);
}

/**
 * The keys of a file that stand for a repository, in the order in which they count: for it, for paths above it, for its registry, and
 * last for addresses on the registry's host. The first are Podman's, but Podman reads Docker's file, too; the last are Docker's, which
 * takes any address for its host.
 */
function keysFor(config: DockerConfig, registry: string, repository: string | undefined): readonly string[] {
  const exact = registry === "docker.io" ? [dockerHubKey, "index.docker.io", "docker.io"] : [registry];
  const known = [...new Set([...config.credHelpers.keys(), ...config.auths.keys()])];
  const others = known.filter(
    (key) => (config.kind === "podman" ? withoutScheme(key) : hostOf(key)) === registry && !exact.includes(key),
  );
  return [...pathsAbove(registry, repository), ...exact, ...others];
}

/** The keys that may hold credentials for a repository, the longest first: `quay.io/team/app`, `quay.io/team`. */
function pathsAbove(registry: string, repository: string | undefined): readonly string[] {
  const parts = repository?.split("/") ?? [];
  return parts.map((_, at) => [registry, ...parts.slice(0, parts.length - at)].join("/"));
}

/** The host that Docker takes a key for: of an address its host and port, else what comes before the first slash. */
function hostOf(key: string): string {
  const rest = key.replace(/^[a-z]+:\/\/(?:[^/@]*@)?/i, "");
  return registryNamed(rest.split("/")[0] ?? "");
}

/** A key without its scheme. A path behind the host stays only where there was no scheme, as with Podman. */
function withoutScheme(key: string): string {
  const rest = key.replace(/^https?:\/\//, "");
  return registryNamed(rest === key ? rest : (rest.split("/")[0] ?? ""));
}

function registryNamed(host: string): string {
  return dockerHubNames.has(host) ? "docker.io" : host;
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

/** The most characters that a helper may print. */
const maxHelperOutput = 64 * 1024;
/** How many milliseconds a helper may take. Some ask a person, or a distant service. */
const usualPatience = 30_000;

/** Asks `docker-credential-<name> get` (docker/docker-credential-helpers, README). */
function askHelper(name: string, key: string, { env, patience, signal }: HelperCall): Promise<Credentials | undefined> {
  // The name becomes part of a program's name: no path may hide in it.
  if (!/^[\w.-]+$/.test(name)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${name}`, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...env },
      signal,
      timeout: patience,
      killSignal: "SIGKILL",
    });
    // What it has started may hold on to its output although it is gone.
    const leave = setTimeout(() => {
      child.stdout.destroy();
      resolve(undefined);
    }, patience + 1_000).unref();
    let answer = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
      if (answer.length > maxHelperOutput) {
        child.kill("SIGKILL");
        child.stdout.destroy();
      }
    });
    child.on("error", () => resolve(undefined));
    child.stdin.on("error", () => resolve(undefined));
    child.on("close", (code) => {
      clearTimeout(leave);
      resolve(code === 0 ? parseAnswer(answer) : undefined);
    });
    child.stdin.end(key);
  });
}

function parseAnswer(answer: string): Credentials | undefined {
  try {
    const members = entriesOf(jsonIn(answer));
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
