import { checkOptions } from "@plimsoll/model";
import { systemFetch } from "../network/system-fetch.ts";
import { tlsChecks } from "./connection-checks.ts";
import type { TlsOptions } from "../network/system-fetch.ts";

export type { TlsOptions } from "../network/system-fetch.ts";

/** A `fetch` that trusts other certificate authorities, through the proxies that the environment names. */
export function tlsFetch(tls: TlsOptions): typeof fetch {
  checkOptions("tlsFetch", tls, tlsChecks);
  return systemFetch(tls);
}
