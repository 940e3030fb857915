import { checkOptions, optionIs } from "@plimsoll/model";
import { parseReference, registryRepository } from "@plimsoll/registry";
import type { RegistryOptions, RegistryRepository } from "@plimsoll/registry";
import { systemFetch } from "../network/system-fetch.ts";
import { connectionChecks } from "./connection-checks.ts";
import type { TlsOptions } from "../network/system-fetch.ts";
import { dockerCredentials } from "./docker-config.ts";

/**
 * Options for access to registries from this machine: credentials of `docker login`, proxies of the environment, trusted certificates of the
 * system.
 */
export function reachRegistries(options: RegistryOptions & TlsOptions = {}): RegistryOptions {
  checkOptions("reachRegistries", options, connectionChecks);
  const { ca, insecure, ...connection } = options;
  return { credentials: dockerCredentials(), ...connection, fetch: connection.fetch ?? systemFetch({ ca, insecure }) };
}

/** Opens the repository that a reference names, with this machine's access to registries. @throws ScanError `invalid-option`. */
export function openRepository(
  reference: string,
  options: { readonly registry?: (RegistryOptions & TlsOptions) | undefined } = {},
): { readonly repository: RegistryRepository; readonly tag: string } {
  checkOptions("openRepository", options, { registry: optionIs.shape(connectionChecks) });
  const parsed = parseReference(reference);
  const repository = registryRepository(parsed.registry, parsed.repository, reachRegistries(options.registry));
  return { repository, tag: parsed.digest ?? parsed.tag ?? "latest" };
}
