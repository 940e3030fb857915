import { readFileSync } from "node:fs";
import { memoryCache } from "@plimsoll/inventory";
import type { AdvisoryStore } from "@plimsoll/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Queries } from "../database/open-database.ts";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { amqpBroker } from "../fixtures/amqp-broker.ts";
import type { AmqpBroker } from "../fixtures/amqp-broker.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import { stompBroker } from "../fixtures/stomp-broker.ts";
import type { StompBroker } from "../fixtures/stomp-broker.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { createService, serviceOn } from "../service.ts";
import type { ServiceOptions } from "../service-options.ts";
import { amqp } from "./amqp.ts";
import { stomp } from "./stomp.ts";

const callback = "https://service.example/notifier/api/v1/notification";
const notification = { id: "1f2e", delivery: "d1" };
const never = new AbortController().signal;

/** What tells of where a notification is reads nothing. */
const noQueries = undefined as unknown as Queries; // as: never used

describe("notifications to an AMQP broker", () => {
  let broker: AmqpBroker;
  beforeEach(async () => void (broker = await amqpBroker("clair", "ann", "s3cret")));
  afterEach(() => broker.close());

  const channel = (change: object = {}): ReturnType<typeof amqp> =>
    amqp(
      { uris: [broker.uri], exchange: "clair", routingKey: "notifications", callback, summary: true, ...change },
      noQueries,
    );

  test("are published to the exchange, and confirmed", async () => {
    await channel().deliver(notification, never);

    expect(broker.messages).toEqual([
      {
        exchange: "clair",
        routingKey: "notifications",
        contentType: "application/json",
        messageId: "d1",
        appId: "plimsoll",
        body: JSON.stringify({ notification_id: "1f2e", callback: `${callback}/1f2e` }),
      },
    ]);
  });

  test("go to the next address where one does not answer", async () => {
    await channel({ uris: ["amqp://127.0.0.1:1", broker.uri] }).deliver(notification, never);

    expect(broker.messages).toHaveLength(1);
  });

  test("are not delivered where the broker does not take them", async () => {
    broker.answers.push("nack");
    await expect(channel().deliver(notification, never)).rejects.toThrow();
    broker.answers.push("hang-up");
    await expect(channel().deliver(notification, never)).rejects.toThrow();
    await expect(channel({ exchange: "none" }).deliver(notification, never)).rejects.toThrow("NOT_FOUND");
    const stranger = broker.uri.replace("s3cret", "guess");
    await expect(channel({ uris: [stranger] }).deliver(notification, never)).rejects.toThrow();
    expect(broker.messages).toEqual([]);
  });

  test("need a package, and say so", async () => {
    const without = amqp(
      { uris: [broker.uri], exchange: "", routingKey: "q", callback, summary: true },
      noQueries,
      () => Promise.resolve(undefined),
    );

    await expect(without.deliver(notification, never)).rejects.toThrow("amqplib, which is not installed");
  });
});

describe("notifications to a STOMP broker", () => {
  let broker: StompBroker;
  beforeEach(async () => void (broker = await stompBroker("ann", "s3cret:x")));
  afterEach(() => broker.close());

  const login = { login: "ann", passcode: "s3cret:x" };
  const channel = (change: object = {}): ReturnType<typeof stomp> =>
    stomp({ uris: [broker.uri], destination: "/queue/clair", login, callback, summary: true, ...change }, noQueries);

  test("are sent, and a receipt is waited for", async () => {
    await channel().deliver(notification, never);

    expect(broker.messages).toMatchObject([
      {
        headers: { destination: "/queue/clair", "content-type": "application/json", "idempotency-key": "d1/0" },
        body: JSON.stringify({ notification_id: "1f2e", callback: `${callback}/1f2e` }),
      },
    ]);
  });

  test("go to the next address where one does not answer, with the login of the address where there is no other", async () => {
    const own = broker.uri.replace("//", "//ann:s3cret%3Ax@");
    await channel({ uris: ["stomp://127.0.0.1:1", own], login: undefined }).deliver(notification, never);

    expect(broker.messages).toHaveLength(1);
  });

  test.each([
    ["error", "queue is full:now"],
    ["hang-up", "closed the connection"],
    ["nonsense", "answers RECEIPT to SEND"],
    ["endless", "has no end"],
  ] as const)("are not delivered where the broker answers with %s", async (answer, reason) => {
    broker.answers.push(answer);
    await expect(channel().deliver(notification, never)).rejects.toThrow(reason);
  });

  test("are not delivered to whom does not know us, nor after the service ended", async () => {
    await expect(channel({ login: { login: "ann", passcode: "guess" } }).deliver(notification, never)).rejects.toThrow(
      "Bad CONNECT",
    );
    const stopping = AbortSignal.abort(new Error("stopping"));
    await expect(channel().deliver(notification, stopping)).rejects.toThrow("stopping");
    expect(broker.messages).toEqual([]);
  });
});

test("brokers over TLS are believed that show a certificate which is trusted, and no others", async () => {
  const pem = readFileSync(new URL("../fixtures/loopback-certificate.pem", import.meta.url), "utf8");
  const [broker, queue] = await Promise.all([
    amqpBroker("clair", "ann", "s3cret", pem),
    stompBroker("ann", "s3cret", pem),
  ]);
  const login = { login: "ann", passcode: "s3cret" };
  const common = { callback, summary: true } as const;
  const both = (tls: { ca?: string }): readonly ReturnType<typeof stomp>[] => [
    amqp({ ...common, uris: [broker.uri], exchange: "clair", routingKey: "n", tls }, noQueries),
    stomp({ ...common, uris: [queue.uri], destination: "/queue/clair", login, tls }, noQueries),
  ];

  for (const channel of both({ ca: pem })) await channel.deliver(notification, never);
  expect([broker.messages.length, queue.messages.length]).toEqual([1, 1]);
  for (const channel of both({})) await expect(channel.deliver(notification, never)).rejects.toThrow(/self-signed/);
  expect([broker.messages.length, queue.messages.length]).toEqual([1, 1]);
  await Promise.all([broker.close(), queue.close()]);
});

test("what an update changed is told through both, whole and in pieces, at least once", async () => {
  const [broker, queue, host] = await Promise.all([
    amqpBroker("clair", "ann", "s3cret"),
    stompBroker("", ""),
    layerHost(),
  ]);
  let store: AdvisoryStore = alpineStore([]);
  const database = testDatabases.at(-1);
  if (database === undefined) throw new Error("the embedded database is always there");
  const service = serviceOn(database.open(), {
    advisories: () => Promise.resolve(store),
    allowLayerHosts: ["127.0.0.1"],
    cache: memoryCache(),
    pollInterval: 20,
    retryDelay: 0,
    notifier: {
      amqp: { uris: [broker.uri], exchange: "clair", routingKey: "n", direct: true, rollup: 2 },
      stomp: { uris: [queue.uri], destination: "/queue/clair", login: { login: "", passcode: "" }, callback },
      disableSummary: true,
    },
  });
  broker.answers.push("nack");
  const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0", zlib: "1-r0", openssl: "3-r0" })]);
  const indexed = await service.fetch(
    new Request("http://service/indexer/api/v1/index_report", { method: "POST", body: JSON.stringify(manifest) }),
  );
  expect(indexed.status).toBe(201);
  store = alpineStore(["musl", "zlib", "openssl"].map((name, at) => ({ cve: `CVE-2024-000${at}`, name })));

  await service.refresh();
  for (let turn = 0; turn < 3_000 && (broker.messages.length < 2 || queue.messages.length < 1); turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));

  const told = broker.messages.flatMap(({ body }) => JSON.parse(body) as { manifest: string; reason: string }[]);
  expect(broker.messages.map(({ body }) => (JSON.parse(body) as unknown[]).length)).toEqual([2, 1]);
  expect(told).toMatchObject(Array.from({ length: 3 }, () => ({ manifest: manifest.hash, reason: "added" })));
  expect(JSON.parse(queue.messages[0]?.body ?? "{}")).toMatchObject({
    callback: expect.stringContaining(callback) as unknown,
  });
  await service.close();
  await Promise.all([broker.close(), queue.close(), host.close()]);
});

test.each([
  [{ amqp: { uris: [], exchange: "", routingKey: "q", callback } }, "notifier.amqp.uris"],
  [{ amqp: { uris: ["http://ann:s3cret@broker"], exchange: "", routingKey: "q", callback } }, "notifier.amqp.uris"],
  [{ amqp: { uris: ["amqp://broker"], exchange: "", routingKey: "q" } }, "notifier.amqp.callback"],
  [{ amqp: { uris: ["amqp://broker"], exchange: "", routingKey: "", direct: true } }, "notifier.amqp.routingKey"],
  [{ stomp: { uris: ["stomp://broker"], destination: "", direct: true } }, "notifier.stomp.destination"],
  [{ stomp: { uris: ["stomp://broker"], destination: "/q", direct: true, rollup: 0 } }, "notifier.stomp.rollup"],
] as const)("options that cannot be meant are refused by name: %j", (notifier, name) => {
  const options: ServiceOptions = { database: "memory:", notifier };

  expect(() => createService(options)).toThrow(name);
  expect(() => createService(options)).not.toThrow("s3cret");
});
