import { request, ScanError } from "@plimsoll/model";
import type { CallOptions, OutgoingRequest } from "@plimsoll/model";
import { authorize } from "./authorize.ts";
import { parseChallenges } from "./challenge.ts";
import { isLoopback } from "./loopback.ts";
import type { RegistryOptions } from "./registry-options.ts";

/** A request that changes something. Mirrors are not asked for these. */
export type Change = Pick<OutgoingRequest, "method" | "body">;

/** How one host is asked about a repository. */
export interface Endpoint {
  /** Sends a request, by GET unless `change` names another method. */
  ask(path: string, headers: Readonly<Record<string, string>>, call: CallOptions, change?: Change): Promise<Response>;
  /**
   * The whole address of a path below the repository, or of what a registry answered as the next place to go.
   * @throws ScanError `network` when that is no address.
   */
  resolve(path: string): string;
}

/** A host that serves the repository; remembers the protocol and the authorization that worked. */
export function endpointOf(host: string, repository: string, options: RegistryOptions): Endpoint {
  const address = host === "docker.io" ? "registry-1.docker.io" : host;
  let protocols = protocolsFor(host, options.plainHttp ?? []);
  let authorization: string | undefined;

  function base(protocol: string): string {
    return `${protocol}://${address}/v2/${repository}/`;
  }

  /** Uploads may be sent elsewhere, where our secrets are none of anybody's business. */
  function isHere(path: string): boolean {
    return protocols.some((protocol) => new URL(path, base(protocol)).origin === new URL(base(protocol)).origin);
  }

  async function send(
    path: string,
    headers: Readonly<Record<string, string>>,
    call: CallOptions,
    change: Change | undefined,
  ): Promise<Response> {
    const sent = authorization === undefined || !isHere(path) ? headers : { ...headers, authorization };
    for (const [index, protocol] of protocols.entries()) {
      const last = index === protocols.length - 1;
      try {
        const response = await request(
          { url: new URL(path, base(protocol)).href, headers: sent, ...change },
          { ...options, signal: call.signal, ...(last ? {} : { retries: 0 }) },
        );
        protocols = [protocol];
        return response;
      } catch (error) {
        if (last || !(error instanceof ScanError)) throw error;
      }
    }
    throw new ScanError({ kind: "network", label: host, reason: "no protocol to speak" });
  }

  return {
    resolve(path) {
      const here = base(protocols[0] ?? "https");
      if (URL.canParse(path, here)) return new URL(path, here).href;
      throw new ScanError({ kind: "network", label: host, reason: "the address that it names to go on at is none" });
    },
    async ask(path, headers, call, change) {
      const response = await send(path, headers, call, change);
      if (response.status !== 401 || !isHere(path)) return response;
      await response.body?.cancel();
      const challenges = parseChallenges(response.headers.get("www-authenticate") ?? "");
      authorization = await authorize(host, repository, challenges, options, call);
      // A second refusal is final: asking again would go on for ever.
      return send(path, headers, call, change);
    },
  };
}

function protocolsFor(host: string, plainHttp: readonly string[]): readonly ("https" | "http")[] {
  if (plainHttp.includes(host)) return ["http"];
  return isLoopback(host) ? ["https", "http"] : ["https"];
}
