import { describe, expect, test } from "vitest";
import { probe } from "./probe.ts";
import type { Connect } from "./shared/endpoint.ts";
import { kubeHunterReport } from "./kube-hunter-json.ts";
import { knownPorts, parseTargets } from "./targets.ts";

const refuse: Connect = async () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
};

/** Answers as a cluster would on two of its ports. */
const cluster: Connect = async (url) => {
  const answers: Readonly<Record<string, string>> = {
    "https://node:2379/version": '{"etcdserver":"3.5.0"}',
    "http://node:10255/pods": '{"items":[]}',
    "http://node:10255/healthz": "ok",
  };
  const body = answers[url];
  if (body === undefined) throw new TypeError("fetch failed");
  return new Response(body);
};

describe("probing", () => {
  test("finds services behind the known ports, and tells which did not answer", async () => {
    const report = await probe({ targets: [{ host: "node" }], connect: cluster });

    expect(report.exposures.map(({ id, location }) => `${id} ${location}`)).toEqual([
      "KHV033 node:2379",
      "KHV043 node:10255",
      "KHV052 node:10255",
    ]);
    expect(report.asked).toBe(knownPorts.length);
    expect(report.unanswered.map(({ location }) => location)).toEqual([
      "node:443",
      "node:6443",
      "node:8001",
      "node:8080",
      "node:10250",
      "node:30000",
    ]);
    expect(kubeHunterReport(report).nodes).toEqual([{ type: "Node/Master", location: "node" }]);
  });

  test("reads a port that somebody named as whatever it is", async () => {
    const connect: Connect = async (url) => {
      if (url === "http://node:1234/version") return new Response('{"etcdserver":"3.5.0"}');
      throw new TypeError("fetch failed");
    };
    const report = await probe({ targets: parseTargets("node:1234"), connect });

    expect(report.exposures.map(({ id }) => id)).toEqual(["KHV033", "KHV034"]);
  });

  test("an API server on a port of its own is none of etcd, though it tells its version, too", async () => {
    // As Kubernetes 1.20 answers who has no credential.
    const forbidden =
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Forbidden","code":403}';
    const version = '{"major":"1","minor":"20","gitVersion":"v1.20.2","gitTreeState":"archive"}';
    const connect: Connect = async (url) => {
      if (url.startsWith("http:"))
        return new Response("Client sent an HTTP request to an HTTPS server.\n", { status: 400 });
      return url.endsWith("/version") ? new Response(version) : new Response(forbidden, { status: 403 });
    };
    for (const port of [6443, 16_443]) {
      const { services, exposures } = await probe({ targets: [{ host: "node", port }], connect });

      expect(services.map(({ service }) => service)).toEqual(["API Server"]);
      expect(exposures[0]?.id).toBe("KHV002");
      expect(exposures.map(({ id }) => id)).not.toContain("KHV033");
    }
  });

  test("a body without an end costs what one port may cost", async () => {
    let sent = 0;
    const endless: Connect = async () => ({
      status: 200,
      body: new ReadableStream({
        pull(controller) {
          sent += 1 << 16;
          controller.enqueue(new Uint8Array(1 << 16));
        },
      }),
    });
    const report = await probe({
      targets: [{ host: "node", port: 8001 }],
      connect: endless,
      bytesPerEndpoint: 1 << 20,
    });

    expect(sent).toBeLessThanOrEqual((1 << 20) + (1 << 18));
    expect(report.unanswered).toEqual([{ location: "node:8001", reason: "sends more than the limit" }]);
  });

  test("after an answer without an end a port is asked nothing more", async () => {
    const asked: string[] = [];
    const connect: Connect = async (url) => {
      asked.push(url);
      return { status: 200, body: new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1 << 16)) }) };
    };
    await probe({ targets: [{ host: "node", port: 1234 }], connect, bytesPerEndpoint: 1 << 20 });

    expect(asked).toHaveLength(1);
  });

  test("long logs of a container are no reason to leave a kubelet: that they are given out is all that is looked for", async () => {
    const metadata = { namespace: "default", name: "a" };
    const pod = { metadata, status: { phase: "Running" }, spec: { containers: [{ name: "c" }] } };
    const answers: Readonly<Record<string, string>> = {
      "/pods": JSON.stringify({ items: [pod] }),
      "/healthz": "ok",
      "/runningpods": JSON.stringify({ items: [pod] }),
      "/logs/": "<pre>",
    };
    let sent = 0;
    const connect: Connect = async (text) => {
      const { protocol, pathname } = new URL(text);
      if (protocol === "http:") throw new TypeError("fetch failed");
      if (!pathname.startsWith("/containerLogs/")) return new Response(answers[pathname] ?? "");
      const pull = (to: ReadableStreamDefaultController): void => {
        sent += 1 << 16;
        to.enqueue(new Uint8Array(1 << 16));
      };
      return { status: 200, body: new ReadableStream({ pull }) };
    };
    const report = await probe({ targets: [{ host: "node", port: 10250 }], connect });

    expect(report.exposures.map(({ id }) => id)).toEqual(expect.arrayContaining(["KHV037", "KHV038", "KHV045"]));
    expect(report.unanswered).toEqual([]);
    expect(sent).toBeLessThanOrEqual(2 << 16);
  });

  test.each<[string, Connect]>([
    ["never answers", () => new Promise(() => undefined)],
    [
      "never ends its body",
      async () => ({ status: 200, body: new ReadableStream({ pull: () => new Promise(() => undefined) }) }),
    ],
  ])("an endpoint that %s is left, also when its connection knows no signal", async (_, connect) => {
    const report = await probe({
      targets: [{ host: "node", port: 10250 }],
      connect,
      requestTimeout: 20,
      endpointTimeout: 40,
    });

    expect(report.unanswered).toEqual([{ location: "node:10250", reason: "no answer in time" }]);
  });

  test("redirections are answers, never followed", async () => {
    const asked: string[] = [];
    const connect: Connect = async (url, { redirect }) => {
      asked.push(`${redirect} ${url}`);
      return new Response(null, { status: 302, headers: { location: `${url}/again` } });
    };
    await probe({ targets: [{ host: "node", port: 10255 }], connect });

    expect(asked).toEqual(["manual http://node:10255/pods"]);
  });

  test("a hundred hosts, dead ones among them, are all told, with so many at a time", async () => {
    let open = 0;
    let most = 0;
    const connect: Connect = async (url) => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      open--;
      if (url.includes("host-7:")) return new Response('{"etcdserver":"3.5.0"}');
      throw new TypeError("fetch failed");
    };
    const targets = Array.from({ length: 100 }, (_value, index) => ({ host: `host-${index}`, port: 2379 }));
    const report = await probe({ targets, connect, concurrency: 10 });

    expect(report.asked).toBe(100);
    expect(report.unanswered).toHaveLength(99);
    expect(report.exposures[0]?.location).toBe("host-7:2379");
    expect(most).toBeLessThanOrEqual(10);
  });

  test("a token is sent over TLS only, and is in no result", async () => {
    const seen: string[] = [];
    const connect: Connect = async (url, { headers }) => {
      if (headers["authorization"] !== undefined) seen.push(url);
      if (url === "http://node:8080") return new Response('{"code":403}', { status: 403 });
      if (url.startsWith("http://node:8080/")) return new Response('{"major":"1","items":[{"metadata":{"name":"x"}}]}');
      throw new TypeError("fetch failed");
    };
    const report = await probe({ targets: [{ host: "node", port: 8080 }], connect, token: "very-secret" });

    expect(seen.filter((url) => !url.startsWith("https:"))).toEqual([]);
    expect(JSON.stringify(report)).not.toContain("very-secret");
  });

  test("the metadata service is asked only when that was asked for", async () => {
    const asked: string[] = [];
    const connect: Connect = async (url) => {
      asked.push(url);
      return new Response("data");
    };
    await probe({ targets: [], connect });
    expect(asked).toEqual([]);

    const report = await probe({ targets: [], connect, cloudMetadata: true });
    expect(report.exposures.map(({ id }) => id)).toEqual(["KHV003", "KHV053"]);
  });

  test("what an authorization answer allows is told without doing it", async () => {
    const connect: Connect = async (url, { method }) => {
      if (url === "https://node:6443") return new Response('{"code":401}', { status: 401 });
      if (url.endsWith("/version")) return new Response('{"major":"1","gitVersion":"v1.31.0"}');
      if (method === "POST" && url.endsWith("selfsubjectrulesreviews"))
        return new Response(
          '{"status":{"resourceRules":[{"verbs":["create"],"apiGroups":[""],"resources":["pods"]},{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]}}',
          { status: 201 },
        );
      return new Response("", { status: 403 });
    };
    const report = await probe({ targets: [{ host: "node", port: 6443 }], connect });

    expect(report.exposures.map(({ id }) => id)).toEqual(["KHV002", "PLM001", "PLM002", "PLM003"]);
  });

  test("options that are unknown or wrong are refused by name", async () => {
    await expect(probe({ targets: [], connect: refuse, speed: 1 } as never)).rejects.toThrow(
      'probe has no option "speed"',
    );
    await expect(probe({ targets: [], connect: refuse, concurrency: 0 })).rejects.toThrow("concurrency");
  });
});

describe("targets", () => {
  test.each([
    ["10.0.0.1", [{ host: "10.0.0.1" }]],
    ["node.example:6443", [{ host: "node.example", port: 6443 }]],
    ["[::1]:6443", [{ host: "::1", port: 6443 }]],
    ["https://node:6443/", [{ host: "node", port: 6443 }]],
  ])("%s", (text, targets) => {
    expect(parseTargets(text)).toEqual(targets);
  });

  test.each(["", "a b", "node:0", "node:70000", "http://user@node", "10.0.0.0/99", "::/0", "node/path"])(
    "%s is refused",
    (text) => {
      expect(() => parseTargets(text, { ranges: true })).toThrow(TypeError);
    },
  );

  test("a range is taken only from whoever owns it", () => {
    expect(() => parseTargets("10.0.0.0/30")).toThrow("--i-own-this");
    expect(parseTargets("10.0.0.1/30", { ranges: true }).map(({ host }) => host)).toEqual([
      "10.0.0.0",
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
    ]);
    expect(() => parseTargets("10.0.0.0/8", { ranges: true })).toThrow("at most 4096");
  });
});
