import { checkOptions, optionIs } from "@plimsoll/model";
import { parseReference, registryRepository } from "@plimsoll/registry";
import type { RegistryOptions, RegistryRepository } from "@plimsoll/registry";
import { systemFetch } from "../network/system-fetch.ts";
import { connectionChecks } from "./connection-checks.ts";
import type { TlsOptions } from "../network/system-fetch.ts";
import { dockerCredentials } from "./docker-config.ts";

/** How registries are reached from this machine: what `docker login` left, proxies of the environment, trusted certificates of the system. */
export function reachRegistries(options: RegistryOptions & TlsOptions = {}): RegistryOptions {
  checkOptions("reachRegistries", options, connectionChecks);
  const { ca, insecure, ...connection } = options;
  return { credentials: dockerCredentials(), ...connection, fetch: connection.fetch ?? systemFetch({ ca, insecure }) };
}

/** The repository that a reference names, reached as this machine does. @throws ScanError `invalid-option`. */
export function openRepository(
  reference: string,
  options: { readonly registry?: (RegistryOptions & TlsOptions) | undefined } = {},
): { readonly repository: RegistryRepository; readonly tag: string } {
  checkOptions("openRepository", options, { registry: optionIs.shape(connectionChecks) });
  const parsed = parseReference(reference);
  const repository = registryRepository(parsed.registry, parsed.repository, reachRegistries(options.registry));
  return { repository, tag: parsed.digest ?? parsed.tag ?? "latest" };
}
