import type { TransportOptions } from "@plimsoll/model";
import type { CredentialSource } from "./credentials.ts";

/** Where and how a registry is reached. */
export interface RegistryOptions extends Omit<TransportOptions, "signal"> {
  readonly credentials?: CredentialSource | undefined;
  /** Registries to speak plain HTTP to. Loopback addresses are tried with TLS first, then without. */
  readonly plainHttp?: readonly string[] | undefined;
  /** Hosts that are asked before a registry, by the registry's name. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
}
