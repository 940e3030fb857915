import { registryChecks } from "@plimsoll/registry";
import type { RegistryOptions } from "@plimsoll/registry";
import { optionIs } from "@plimsoll/model";
import type { OptionChecks } from "@plimsoll/model";
import type { TlsOptions } from "../network/system-fetch.ts";

const certificates = optionIs.either(optionIs.text, optionIs.object);

/** The checks of {@link TlsOptions}. */
export const tlsChecks: OptionChecks<TlsOptions> = {
  ca: optionIs.either(certificates, optionIs.listOf(certificates)),
  insecure: optionIs.flag,
};

/** Checks of options for access to registries. */
export const connectionChecks: OptionChecks<RegistryOptions & TlsOptions> = { ...registryChecks, ...tlsChecks };
