import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Queries } from "../database/open-database.ts";
import { brokerMessages, firstThatAnswers } from "./broker-messages.ts";
import type { BrokerOptions } from "./broker-messages.ts";
import type { Channel } from "./channel.ts";

/** A STOMP 1.2 broker, and the destination of messages. */
export interface StompOptions extends BrokerOptions {
  /** `/queue/clair`, or another destination of the broker. */
  readonly destination: string;
  readonly login?: { readonly login: string; readonly passcode: string } | undefined;
}

/** How many milliseconds a broker's answer may take. */
const timeout = 10_000;

/** The most bytes of an answer. Answers have a few lines. */
const maxFrameBytes = 65_536;

/**
 * Sends notifications to a destination; one is delivered when the broker has sent a receipt for each of its messages. The header
 * `idempotency-key` is the same at every attempt. https://stomp.github.io/stomp-specification-1.2.html
 */
export function stomp(options: StompOptions & { readonly summary: boolean }, queries: Queries): Channel {
  return {
    id: "stomp",
    async deliver(notification, signal) {
      signal.throwIfAborted();
      const connection = await firstThatAnswers(options.uris, (uri) => open(uri, options, signal));
      try {
        let part = 0;
        for await (const body of brokerMessages(queries, notification, options)) {
          const key = `${notification.delivery}/${part++}`;
          const headers = {
            destination: options.destination,
            "content-type": "application/json",
            "idempotency-key": key,
            persistent: "true",
          };
          await connection.ask("SEND", { ...headers, receipt: key }, body);
        }
        await connection.ask("DISCONNECT", { receipt: "end" });
      } finally {
        connection.close();
      }
    },
  };
}

interface StompConnection {
  /** Sends a frame and waits for the answer to it. @throws Error when the broker answers `ERROR`, something else, or nothing in time. */
  ask(command: string, headers: Readonly<Record<string, string>>, body?: string): Promise<void>;
  close(): void;
}

async function open(uri: string, { tls = {}, login }: StompOptions, signal: AbortSignal): Promise<StompConnection> {
  const { hostname, port, protocol, username, password } = new URL(uri);
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = { host, port: port === "" ? (protocol === "stomp:" ? 61_613 : 61_614) : Number(port) };
  const socket: Socket =
    protocol === "stomp:" ? connectTcp(address) : connectTls({ ...address, servername: host, ...tls });
  const connection = overSocket(socket, signal);
  const known =
    login ??
    (username === "" ? undefined : { login: decodeURIComponent(username), passcode: decodeURIComponent(password) });
  try {
    await connection.ask("CONNECT", { "accept-version": "1.2", host, "heart-beat": "0,0", ...known });
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function overSocket(socket: Socket, signal: AbortSignal): StompConnection {
  let received: Buffer = Buffer.alloc(0);
  let waiting: { resolve(frame: Frame): void; reject(error: unknown): void } | undefined;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    waiting?.reject(failure);
    socket.destroy();
  };
  const aborted = (): void => fail(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });
  socket.setTimeout(timeout, () => fail(new Error("the broker does not answer")));
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the broker closed the connection")));
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf(0);
    if (end < 0) {
      if (received.length > maxFrameBytes) fail(new Error("the broker's answer has no end"));
      return;
    }
    const frame = readFrame(received.subarray(0, end).toString("utf8"));
    received = received.subarray(end + 1);
    waiting?.resolve(frame);
  });
  return {
    async ask(command, headers, body = "") {
      if (failure !== undefined) throw failure;
      const answered = new Promise<Frame>((resolve, reject) => (waiting = { resolve, reject }));
      const bytes = Buffer.from(body);
      const lines = Object.entries({ ...headers, "content-length": String(bytes.length) }).map(
        // The first frame is not escaped, so that brokers of version 1.0 can read it.
        ([name, value]) =>
          command === "CONNECT" ? `${name}:${value.replaceAll(/[\r\n\0]/g, "")}` : `${name}:${escape(value)}`,
      );
      socket.write(Buffer.concat([Buffer.from(`${command}\n${lines.join("\n")}\n\n`), bytes, Buffer.from([0])]));
      const frame = await answered;
      waiting = undefined;
      if (frame.command === "ERROR")
        throw new Error(`the broker refuses: ${frame.headers.get("message") ?? "it gives no reason"}`);
      const isAnswer =
        command === "CONNECT"
          ? frame.command === "CONNECTED"
          : frame.command === "RECEIPT" && frame.headers.get("receipt-id") === headers["receipt"];
      if (!isAnswer) throw new Error(`the broker answers ${frame.command.slice(0, 20)} to ${command}`);
    },
    close() {
      signal.removeEventListener("abort", aborted);
      socket.destroy();
    },
  };
}

/** A STOMP frame from a broker. */
export interface Frame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** The command and headers of a frame, given without its final NUL byte. The first of repeated headers counts. */
export function readFrame(text: string): Frame {
  const [head = ""] = text.replace(/^[\r\n]+/, "").split(/\r?\n\r?\n/, 1);
  const [command = "", ...lines] = head.split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = unescape(line.slice(0, colon));
    if (!headers.has(name)) headers.set(name, unescape(line.slice(colon + 1)));
  }
  return { command, headers };
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c" };
const meanings: Readonly<Record<string, string>> = { "\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\c": ":" };

function escape(value: string): string {
  return value.replaceAll(/[\\\r\n:]/g, (char) => escapes[char] ?? char);
}

function unescape(value: string): string {
  return value.replaceAll(/\\[\\rnc]/g, (pair) => meanings[pair] ?? pair);
}
