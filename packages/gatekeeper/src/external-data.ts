import { PolicyError } from "./policy-error.ts";
import type { ExternalLookup } from "./mutation/mutator.ts";

/** The response of a provider: a value or an error for each key that it knows, or an error for the whole request. */
export interface ProviderAnswer {
  readonly items: readonly { readonly key: string; readonly value?: unknown; readonly error?: string }[];
  readonly systemError?: string;
}

/**
 * An external data provider as a synchronous function. For providers behind HTTP see `remoteProviders`, which fetches their responses beforehand.
 */
export type DataProvider = (keys: readonly string[]) => ProviderAnswer;

/** The lookup of mutators in providers; it applies the failure policies of mutators. */
export function externalLookup(providers: Readonly<Record<string, DataProvider>> = {}): ExternalLookup {
  return ({ provider, key, failurePolicy, default: fallback }) => {
    const ask = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
    const answer = ask?.([key]);
    const item = answer?.items.find((each) => each.key === key);
    const problem =
      ask === undefined
        ? `there is no external data provider "${provider}"`
        : answer?.systemError || item?.error || (item === undefined ? `no answer for key "${key}"` : "");
    if (problem === "") return { value: item?.value };
    const message = `external data provider "${provider}": ${problem}`;
    if (failurePolicy === "Fail") throw new PolicyError("mutation", message);
    return { value: failurePolicy === "UseDefault" ? fallback : key, ignored: message };
  };
}

/** The value of `external_data` in Rego: responses and errors as pairs, and the error of the whole request. */
export interface ExternalData {
  readonly responses: readonly (readonly [string, unknown])[];
  readonly errors: readonly (readonly [string, string])[];
  readonly status_code: number;
  readonly system_error: string;
}

/** Asks a provider for a Rego policy. For an unknown provider the whole request is an error. */
export function externalData(
  providers: Readonly<Record<string, DataProvider>> = {},
  provider: string,
  keys: readonly string[],
): ExternalData {
  const ask = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  if (ask === undefined)
    return {
      responses: [],
      errors: [],
      status_code: 500,
      system_error: `there is no external data provider "${provider}"`,
    };
  const { items, systemError = "" } = ask(keys);
  return {
    responses: items.flatMap(({ key, value, error }) =>
      error === undefined || error === "" ? [[key, value ?? ""] as const] : [],
    ),
    errors: items.flatMap(({ key, error }) => (error === undefined || error === "" ? [] : [[key, error] as const])),
    status_code: systemError === "" ? 200 : 500,
    system_error: systemError,
  };
}
