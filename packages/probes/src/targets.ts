import { checkOptions, optionIs } from "@plimsoll/model";
/** One host, which the caller must be responsible for. */
export interface ProbeTarget {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  /** Absent: the known ports. */
  readonly port?: number;
}

/** Ports that Kubernetes' services listen on. */
export const knownPorts = [443, 2379, 6443, 8001, 8080, 10250, 10255, 30000] as const;

/** Addresses of one range; a larger one is refused. */
const maxAddresses = 4096;

/**
 * Parses a target: `host`, `host:port`, `[::1]:6443`, `https://host:6443`. A range of addresses (`10.0.0.0/24`) is accepted only with `ranges`, by
 * which the user confirms that the network is their own.
 * @throws TypeError for anything else.
 */
export function parseTargets(
  text: string,
  options: { readonly ranges?: boolean | undefined } = {},
): readonly ProbeTarget[] {
  checkOptions("parseTargets", options, { ranges: optionIs.flag });
  const range = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (range !== null)
    return rangeTargets(text, range.slice(1, 5).map(Number), Number(range[5]), options.ranges === true);
  if (/\/\d+$/.test(text) && !text.includes("://"))
    throw new TypeError(`${text}: only ranges of IPv4 addresses are taken`);
  const address = text.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)|([0-9a-fA-F:]+::?[0-9a-fA-F:]*))(?::(\d{1,5}))?$/.exec(
    address,
  );
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (host === undefined || host === "" || (port !== undefined && (port < 1 || port > 65_535)))
    throw new TypeError(`${text.slice(0, 100)} is no host, host:port or range of addresses`);
  return [{ host, ...(port === undefined ? {} : { port }) }];
}

function rangeTargets(text: string, bytes: readonly number[], bits: number, allowed: boolean): readonly ProbeTarget[] {
  if (bytes.some((byte) => byte > 255) || bits > 32) throw new TypeError(`${text} is no range of addresses`);
  if (!allowed) throw new TypeError(`${text} is a range of addresses: say that it is your own with --i-own-this`);
  const size = 2 ** (32 - bits);
  if (size > maxAddresses)
    throw new TypeError(`${text} has ${size} addresses; at most ${maxAddresses} are probed at once`);
  const whole = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const first = Math.floor(whole / size) * size;
  return Array.from({ length: size }, (_, index) => {
    const address = first + index;
    return { host: [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".") };
  });
}
