import { expect, test } from "vitest";
import { readClairNotifier } from "./clair-config.ts";

test("brokers are read from Clair's own configuration", () => {
  const text = `
http_listen_addr: ":6060"
notifier:
  connstring: host=db
  disable_summary: true
  amqp:
    uris: ["amqps://ann:s3cret@mq.example/"]
    exchange: {name: clair, type: direct, durable: true, auto_delete: false}
    routing_key: notifications
    callback: https://clair.example/notifier/api/v1/notifications
    direct: true
    rollup: 10
    tls: {root_ca: ca.pem, cert: cert.pem, key: key.pem}
  stomp:
    uris: [stomp://mq.example:61613]
    destination: /queue/clair
    login: {login: ann, passcode: s3cret}
    callback: https://clair.example/notifier/api/v1/notifications
    rollup: 0
`;

  expect(readClairNotifier(text, (path) => `what is in ${path}`)).toEqual({
    disableSummary: true,
    amqp: {
      uris: ["amqps://ann:s3cret@mq.example/"],
      exchange: "clair",
      routingKey: "notifications",
      callback: "https://clair.example/notifier/api/v1/notifications",
      direct: true,
      rollup: 10,
      tls: { ca: "what is in ca.pem", cert: "what is in cert.pem", key: "what is in key.pem" },
    },
    stomp: {
      uris: ["stomp://mq.example:61613"],
      destination: "/queue/clair",
      login: { login: "ann", passcode: "s3cret" },
      callback: "https://clair.example/notifier/api/v1/notifications",
    },
  });
});

test.each([
  ["notifier: 7", "notifier is missing or no object"],
  ["{}", "notifier is missing or no object"],
  ["a: [", "no YAML"],
  ["notifier: {amqp: {uris: x}}", "notifier.amqp.uris is no list"],
  ["notifier: {stomp: {uris: []}}", "notifier.stomp.destination is missing or no text"],
  ["notifier: {amqp: {uris: [], direct: yes please}}", "notifier.amqp.direct is true or false"],
  ["notifier: {stomp: {uris: [], destination: /q, login: {login: 7}}}", "notifier.stomp.login.login"],
])("what cannot be read is named: %s", (text, reason) => {
  expect(() => readClairNotifier(text, () => "")).toThrow(reason);
});
