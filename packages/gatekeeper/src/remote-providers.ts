import { parseJson } from "@plimsoll/formats";
import { checkOptions, optionIs, signalAfter } from "@plimsoll/model";
import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import type { DataProvider, ProviderAnswer } from "./external-data.ts";
import { gvkOf, nameOf } from "./match/object-facts.ts";
import { PolicyError } from "./policy-error.ts";

/**
 * Posts a request to a provider and returns the body of its response as text. It must verify the provider's certificate against `caBundle` (PEM
 * in base64, as in the Provider object), and throw where it cannot.
 */
export type PostToProvider = (
  url: string,
  body: string,
  options: { readonly caBundle: string; readonly signal: AbortSignal },
) => Promise<string>;

/** Options of {@link remoteProviders}. */
export interface RemoteProviderOptions {
  readonly post: PostToProvider;
  /** Aborts requests, and with them `settle`. */
  readonly signal?: AbortSignal | undefined;
}

/** External data providers behind HTTP, for synchronous evaluation. */
export interface RemoteProviders {
  /** The providers to pass to `loadPolicies`. */
  readonly providers: Readonly<Record<string, DataProvider>>;
  /**
   * Runs `work`, which asks the providers, repeatedly until all answers are known: after each run, the missing keys are requested, in one batch for
   * each provider. Answers are cached for the life of this object.
   * @throws {PolicyError} when eight rounds were not enough. A failed request or invalid response is an error of its keys, which the policy
   * handles.
   */
  settle<Result>(work: () => Result): Promise<Result>;
}

interface Remote {
  readonly name: string;
  readonly url: string;
  readonly seconds: number;
  readonly caBundle: string;
}

const group = "externaldata.gatekeeper.sh";
const maxRounds = 8;
/** The longest answer, in UTF-16 units. */
const maxAnswer = 1024 * 1024;
/** The most keys of one request; further keys are requested in the next round. */
const maxKeys = 1000;
/** What a Provider without `spec.timeout` has, and what a larger one is cut to. */
const defaultSeconds = 1;
const maxSeconds = 30;

/** Whether an object declares an external data provider. */
export function isProvider(object: unknown): boolean {
  const gvk = gvkOf(object);
  return gvk.group === group && gvk.kind === "Provider";
}

/**
 * Makes providers from the Provider objects among `objects`; others are skipped.
 * @throws {PolicyError} for one whose URL is not https, as Gatekeeper refuses it.
 */
export function remoteProviders(objects: readonly JsonObject[], options: RemoteProviderOptions): RemoteProviders {
  checkOptions("remoteProviders", options, { post: optionIs.call, signal: optionIs.signal });
  const { post, signal } = options;
  const remotes = objects.filter(isProvider).map(readProvider);
  const known = new Map<string, ProviderAnswer["items"][number]>();
  const failures = new Map<string, string>();
  const missing = new Map<string, Set<string>>();
  const idOf = (provider: string, key: string): string => JSON.stringify([provider, key]);
  const ask = ({ name }: Remote, keys: readonly string[]): ProviderAnswer => {
    const items = keys.flatMap((key) => {
      const item = known.get(idOf(name, key));
      if (item === undefined) missing.set(name, (missing.get(name) ?? new Set()).add(key));
      return item === undefined ? [] : [item];
    });
    return { items, systemError: failures.get(name) ?? "" };
  };
  const fetchMissing = async (remote: Remote): Promise<void> => {
    const keys = [...(missing.get(remote.name) ?? [])].slice(0, maxKeys);
    if (keys.length === 0) return;
    const answer = await request(remote, keys, post, signal);
    if (answer.systemError !== undefined && answer.systemError !== "") failures.set(remote.name, answer.systemError);
    const found = new Map(answer.items.map((item) => [item.key, item]));
    for (const key of keys)
      known.set(idOf(remote.name, key), found.get(key) ?? { key, error: `no answer for key "${key}"` });
  };
  return {
    providers: Object.fromEntries(
      remotes.map((remote) => [remote.name, (keys: readonly string[]) => ask(remote, keys)]),
    ),
    settle: async (work) => {
      for (let round = 0; round < maxRounds; round += 1) {
        missing.clear();
        const outcome = attempt(work);
        // What came of answers that are not there yet, errors included, does not count.
        if (missing.size === 0) return outcome();
        await Promise.all(remotes.map(fetchMissing));
        signal?.throwIfAborted();
      }
      throw new PolicyError("review", `policies asked external data providers more than ${maxRounds} times`);
    },
  };
}

/** Runs work now; the returned function gives its result or throws its error. */
function attempt<Result>(work: () => Result): () => Result {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function readProvider(object: JsonObject): Remote {
  const name = nameOf(object);
  const url = asText(member(object, "spec", "url")) ?? "";
  if (!url.startsWith("https://"))
    throw new PolicyError("template", `Provider ${name}: the URL must begin with https://`);
  const seconds = member(object, "spec", "timeout");
  return {
    name,
    url,
    seconds: typeof seconds === "number" && seconds > 0 ? Math.min(seconds, maxSeconds) : defaultSeconds,
    caBundle: asText(member(object, "spec", "caBundle")) ?? "",
  };
}

async function request(
  { url, seconds, caBundle }: Remote,
  keys: readonly string[],
  post: PostToProvider,
  signal: AbortSignal | undefined,
): Promise<ProviderAnswer> {
  const body = JSON.stringify({
    apiVersion: `${group}/v1beta1`,
    kind: "ProviderRequest",
    request: { keys },
  });
  try {
    const text = await post(url, body, {
      caBundle,
      signal: signalAfter(seconds * 1000, signal),
    });
    if (text.length > maxAnswer) return { items: [], systemError: `the answer has more than ${maxAnswer} characters` };
    return readAnswer(parseJson(text));
  } catch (error) {
    signal?.throwIfAborted();
    return {
      items: [],
      systemError: `the provider cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function readAnswer(answer: unknown): ProviderAnswer {
  if (member(answer, "kind") !== "ProviderResponse")
    return { items: [], systemError: "the answer is not a ProviderResponse" };
  const response = member(answer, "response");
  return {
    items: asList(member(response, "items")).flatMap((item) => {
      const key = asText(member(item, "key"));
      const error = asText(member(item, "error")) ?? "";
      return key === undefined ? [] : [{ key, value: member(item, "value"), ...(error === "" ? {} : { error }) }];
    }),
    systemError: asText(member(response, "systemError")) ?? "",
  };
}
