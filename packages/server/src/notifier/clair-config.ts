import { parseYamlDocuments } from "@plimsoll/formats";
import type { NotifierOptions } from "../service-options.ts";
import type { AmqpOptions } from "./amqp.ts";
import type { BrokerOptions } from "./broker-messages.ts";
import type { StompOptions } from "./stomp.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads notifier options from the `notifier` section of a Clair configuration (YAML or JSON): `amqp`, `stomp` and `disable_summary`. `readPem`
 * reads the files that `tls` names.
 * https://quay.github.io/clair/reference/config.html
 * @throws TypeError naming the key that cannot be read.
 */
export function readClairNotifier(text: string, readPem: (path: string) => string): NotifierOptions {
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined)
    throw new TypeError(`Clair's configuration is no YAML: line ${problem.line}: ${problem.message}`);
  const notifier = fields(fields(documents[0]?.value, "the configuration")["notifier"], "notifier");
  const { amqp, stomp, disable_summary: disableSummary } = notifier;
  return {
    ...(amqp === undefined ? {} : { amqp: readAmqp(fields(amqp, "notifier.amqp"), readPem) }),
    ...(stomp === undefined ? {} : { stomp: readStomp(fields(stomp, "notifier.stomp"), readPem) }),
    ...(typeof disableSummary === "boolean" ? { disableSummary } : {}),
  };
}

function readAmqp(value: Fields, readPem: (path: string) => string): AmqpOptions {
  const exchange = fields(value["exchange"] ?? {}, "notifier.amqp.exchange");
  return {
    ...readBroker(value, "notifier.amqp", readPem),
    exchange: text(exchange["name"] ?? "", "notifier.amqp.exchange.name"),
    routingKey: text(value["routing_key"] ?? "", "notifier.amqp.routing_key"),
  };
}

function readStomp(value: Fields, readPem: (path: string) => string): StompOptions {
  const { login, destination } = value;
  const known = login === undefined ? undefined : fields(login, "notifier.stomp.login");
  return {
    ...readBroker(value, "notifier.stomp", readPem),
    destination: text(destination, "notifier.stomp.destination"),
    ...(known === undefined
      ? {}
      : {
          login: {
            login: text(known["login"], "notifier.stomp.login.login"),
            passcode: text(known["passcode"], "notifier.stomp.login.passcode"),
          },
        }),
  };
}

function readBroker(value: Fields, name: string, readPem: (path: string) => string): BrokerOptions {
  const { uris, callback, direct, rollup, tls } = value;
  if (!Array.isArray(uris)) throw new TypeError(`${name}.uris is no list`);
  if (direct !== undefined && typeof direct !== "boolean") throw new TypeError(`${name}.direct is true or false`);
  if (rollup !== undefined && typeof rollup !== "number") throw new TypeError(`${name}.rollup is no number`);
  return {
    uris: uris.map((uri: unknown) => text(uri, `${name}.uris`)),
    ...(callback === undefined ? {} : { callback: text(callback, `${name}.callback`) }),
    ...(direct === undefined ? {} : { direct }),
    // In Clair's configuration, too, none means one.
    ...(rollup === undefined || rollup === 0 ? {} : { rollup }),
    ...(tls === undefined ? {} : { tls: readTls(fields(tls, `${name}.tls`), `${name}.tls`, readPem) }),
  };
}

function readTls(value: Fields, name: string, readPem: (path: string) => string): NonNullable<BrokerOptions["tls"]> {
  const pem = (key: string): string | undefined =>
    value[key] === undefined ? undefined : readPem(text(value[key], `${name}.${key}`));
  const [ca, cert, key] = [pem("root_ca"), pem("cert"), pem("key")];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** @throws TypeError */
function fields(value: unknown, name: string): Fields {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TypeError(`${name} is missing or no object`);
  return value as Fields; // as: checked
}

/** @throws TypeError */
function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw new TypeError(`${name} is missing or no text`);
  return value;
}
