import { describe, expect, test } from "vitest";
import { loadPolicies } from "./load-policies.ts";
import { remoteProviders, type PostToProvider } from "./remote-providers.ts";

const provider = {
  apiVersion: "externaldata.gatekeeper.sh/v1beta1",
  kind: "Provider",
  metadata: { name: "names" },
  spec: { url: "https://provider.example/names", timeout: 1, caBundle: "Y2E=" },
};

const mutator = (failurePolicy: string): object => ({
  apiVersion: "mutations.gatekeeper.sh/v1",
  kind: "Assign",
  metadata: { name: "pin" },
  spec: {
    applyTo: [{ groups: [""], kinds: ["Pod"], versions: ["v1"] }],
    location: "spec.containers[name: *].image",
    parameters: { assign: { externalData: { provider: "names", failurePolicy, default: "fallback" } } },
  },
});

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a" },
  spec: {
    containers: [
      { name: "one", image: "nginx" },
      { name: "two", image: "redis" },
    ],
  },
};

function answering(answer: (keys: readonly string[]) => unknown): {
  readonly post: PostToProvider;
  readonly asked: string[][];
} {
  const asked: string[][] = [];
  const post: PostToProvider = (_, body) => {
    const { keys } = (JSON.parse(body) as { readonly request: { readonly keys: string[] } }).request;
    asked.push(keys);
    return Promise.resolve(JSON.stringify(answer(keys)));
  };
  return { post, asked };
}

async function images(post: PostToProvider, failurePolicy: string): Promise<unknown> {
  const remote = remoteProviders([provider], { post });
  const policies = loadPolicies([mutator(failurePolicy)], { providers: remote.providers });
  const { object } = await remote.settle(() => policies.mutate(pod));
  return (object["spec"] as { readonly containers: readonly { readonly image: string }[] }).containers.map(
    ({ image }) => image,
  );
}

describe("providers behind HTTP", () => {
  test("are asked in batches until all is known, each key once", async () => {
    const { post, asked } = answering((keys) => ({
      kind: "ProviderResponse",
      response: { items: keys.map((key) => ({ key, value: key.includes("@") ? key : `${key}@sha256:1` })) },
    }));

    expect(await images(post, "UseDefault")).toEqual(["nginx@sha256:1", "redis@sha256:1"]);
    expect(asked.flat().sort()).toEqual([...new Set(asked.flat())].sort());
  });

  test.each([
    ["an error of a key", { kind: "ProviderResponse", response: { items: [{ key: "nginx", error: "unknown" }] } }],
    ["an error of all", { kind: "ProviderResponse", response: { items: [], systemError: "down" } }],
    ["an answer of another kind", { kind: "Hello" }],
    ["no object", 7],
  ])("%s follows the mutator's failure policy", async (_, answer) => {
    const { post } = answering(() => answer);

    expect(await images(post, "UseDefault")).toEqual(["fallback", "fallback"]);
    await expect(images(post, "Fail")).rejects.toThrow('external data provider "names"');
  });

  test("a provider that cannot be reached is an error, not an answer", async () => {
    const post: PostToProvider = () => Promise.reject(new Error("refused"));

    await expect(images(post, "Fail")).rejects.toThrow("refused");
  });

  test("plain http is refused", () => {
    const { post } = answering(() => ({}));

    expect(() => remoteProviders([{ ...provider, spec: { url: "http://provider.example" } }], { post })).toThrow(
      "https",
    );
  });
});
