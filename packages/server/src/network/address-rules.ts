import { BlockList, isIP } from "node:net";

/** Ranges that are nobody's public host: private, link-local, shared, reserved, documentation, multicast (RFC 6890 and its registry). */
const notPublic4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Within 2000::/3, which alone is public: Teredo and its like, documentation, 6to4. */
const notPublic6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const blocked4 = new BlockList();
for (const [network, bits] of notPublic4) blocked4.addSubnet(network, bits, "ipv4");
const blocked6 = new BlockList();
for (const [network, bits] of notPublic6) blocked6.addSubnet(network, bits, "ipv6");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is a public one. False for text that is no IP address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !blocked4.check(address, "ipv4");
    case 6:
      // `::ffff:10.0.0.1` and its like lie outside of 2000::/3.
      return global6.check(address, "ipv6") && !blocked6.check(address, "ipv6");
    default:
      return false;
  }
}

/** The hosts that layers may be downloaded from. */
export interface HostRules {
  /** Whether requests to a host are allowed, before its addresses are known; `port`: of the URL, or the default of its scheme. */
  mayAsk(host: string, port: number): boolean;
  /** Whether a connection to this IP address of a host is allowed. */
  mayConnect(host: string, port: number, address: string): boolean;
}

interface NamedHost {
  readonly matches: (host: string) => boolean;
  readonly port: number | undefined;
}

/**
 * Rules from a list: hosts (`registry.example`), hosts below a domain (`*.example`), either with a port, addresses, and networks
 * (`10.0.0.0/8`). An empty list allows every public address; one that is not empty allows what it names, private or not, and nothing else.
 * @throws TypeError for an entry that is none of these.
 */
export function hostRules(list: readonly string[]): HostRules {
  const named: NamedHost[] = [];
  const networks = new BlockList();
  let hasNetworks = false;
  for (const entry of list) {
    const network = networkOf(entry);
    if (network === undefined) named.push(namedHost(entry));
    else {
      networks.addSubnet(network.address, network.bits, network.family);
      hasNetworks = true;
    }
  }
  const isNamed = (host: string, port: number): boolean =>
    named.some((entry) => entry.matches(host) && (entry.port === undefined || entry.port === port));
  const isInNetwork = (address: string): boolean =>
    isIP(address) !== 0 && networks.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  return {
    mayAsk: (host, port) => list.length === 0 || hasNetworks || isNamed(host, port),
    mayConnect: (host, port, address) =>
      list.length === 0 ? isPublicAddress(address) : isNamed(host, port) || isInNetwork(address),
  };
}

function networkOf(
  entry: string,
): { readonly address: string; readonly bits: number; readonly family: "ipv4" | "ipv6" } | undefined {
  const [address = "", bits, ...rest] = entry.split("/");
  if (bits === undefined) return undefined;
  const family = isIP(address);
  const count = Number(bits);
  if (rest.length > 0 || family === 0 || !/^\d{1,3}$/.test(bits) || count > (family === 4 ? 32 : 128))
    throw new TypeError(`"${entry}" is no network such as 10.0.0.0/8`);
  return { address, bits: count, family: family === 4 ? "ipv4" : "ipv6" };
}

function namedHost(entry: string): NamedHost {
  const [, bracketed, plain = "", port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const bare = isIP(entry) === 6 ? entry : (bracketed ?? plain);
  if (bare === "") throw new TypeError(`"${entry}" is no host such as registry.example, *.example or 10.0.0.5:5000`);
  const name = bare.toLowerCase();
  const matches = name.startsWith("*.")
    ? (host: string) => host.endsWith(name.slice(1))
    : (host: string) => host === name;
  return { matches, port: port === undefined || isIP(entry) === 6 ? undefined : Number(port) };
}
