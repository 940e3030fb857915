import { readClairNotifier } from "./clair-config.ts";
import { readFrame } from "./stomp.ts";

const encoder = new TextEncoder();

/** Frames as brokers send them, and parts of Clair's configuration. */
export function seeds(): readonly Uint8Array[] {
  return [
    "CONNECTED\nversion:1.2\nheart-beat:0,0\n\n",
    "\r\nRECEIPT\r\nreceipt-id:a\\cb\r\n\r\n",
    "ERROR\nmessage:no\\nline\nmessage:second\n\nbody",
    'notifier: {amqp: {uris: ["amqp://x"], exchange: {name: c}, routing_key: n, callback: "http://x", rollup: 0}}',
    "notifier:\n  stomp:\n    uris: [stomp://x]\n    destination: /q\n    login: {login: a, passcode: b}\n    tls: {root_ca: x}\n",
  ].map((text) => encoder.encode(text));
}

/** A frame has a command and headers whatever a broker sends, and a configuration is read or refused by the name of a key. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const { command, headers } = readFrame(text);
  if (command.includes("\n")) throw new Error("a command is one line");
  if ([...headers.keys()].length > text.length) throw new Error("a header is at least a colon");
  try {
    readClairNotifier(text, (path) => path);
  } catch (error) {
    if (!(error instanceof TypeError) || !/notifier|configuration/.test(error.message)) throw error;
  }
}
