import { BlockList, isIP } from "node:net";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address, in the way of curl and Go's `net/http`: `https_proxy` or
 * `http_proxy` by the scheme of the address, else `all_proxy`, each in lower or upper case; `no_proxy` and loopback
 * addresses are exempt. Undefined: connect directly.
 * @throws Error when the variable is not the URL of an HTTP proxy.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const [name, value] = proxyVariable(url.protocol.slice(0, -1), environment);
  if (value === "" || isExempt(url, read(environment, "no_proxy"))) return undefined;
  const address = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(address) || !/^https?:/.test(address))
    throw new Error(`${name} is "${value}", which is no address of an HTTP proxy`);
  return new URL(address);
}

/** Whether the environment names any proxy. */
export function namesProxy(environment: Environment): boolean {
  return ["http", "https"].some((scheme) => proxyVariable(scheme, environment)[1] !== "");
}

function proxyVariable(scheme: string, environment: Environment): readonly [name: string, value: string] {
  // In a CGI program the upper-case variable is a header of the client: https://httpoxy.org.
  const forged = scheme === "http" && environment["REQUEST_METHOD"] !== undefined;
  const own = forged ? (environment["http_proxy"] ?? "") : read(environment, `${scheme}_proxy`);
  return own === "" ? ["ALL_PROXY", read(environment, "all_proxy")] : [`${scheme.toUpperCase()}_PROXY`, own];
}

function read(environment: Environment, name: string): string {
  return (environment[name] ?? environment[name.toUpperCase()] ?? "").trim();
}

/** Entries are hosts with their subdomains, with or without a port, addresses, networks (`10.0.0.0/8`), or `*` for all. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))) return true;
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [, network = "", bits = ""] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== "") return isInNetwork(host, network, Number(bits));
  const [, name = entry, wantedPort] = /^(.*?):(\d+)$/.exec(isIP(entry) === 6 ? "" : entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const suffix = name.replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
  return suffix === host ? !name.startsWith(".") || isIP(host) === 0 : isIP(host) === 0 && host.endsWith(`.${suffix}`);
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  const [family, wanted] = [isIP(host), isIP(network)];
  if (family === 0 || family !== wanted || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const kind = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, bits, kind);
  return list.check(host, kind);
}
