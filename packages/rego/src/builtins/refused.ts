/** Built-in functions of OPA that are refused, each with the reason. A policy that calls one is told so when it runs. */

import { builtin, RefusedBuiltin, type Builtin } from "./builtin.ts";

const network = "policies get no network";
const graphql = "GraphQL documents are not read";

const query = "any<string, object<>[any: any]>";
const object = "object<>[any: any]";

const refusals: readonly (readonly [name: string, signature: string, reason: string])[] = [
  ["http.send", `(object<>[string: any]) => ${object}`, network],
  ["net.lookup_ip_addr", "(string) => set[string]", network],
  [
    "providers.aws.sign_req",
    `(object<>[string: any], object<>[string: any], number) => ${object}`,
    "requests that nothing sends need no signature",
  ],
  ["opa.runtime", "() => object<>[string: any]", "policies see nothing of the process they run in"],
  ["graphql.is_valid", `(${query}, ${query}) => boolean`, graphql],
  ["graphql.parse", `(${query}, ${query}) => array<${object}, ${object}>`, graphql],
  ["graphql.parse_and_verify", `(${query}, ${query}) => array<boolean, ${object}, ${object}>`, graphql],
  ["graphql.parse_query", `(string) => ${object}`, graphql],
  ["graphql.parse_schema", `(string) => ${object}`, graphql],
  ["graphql.schema_is_valid", `(${query}) => boolean`, graphql],
];

/** Names of refused functions and the reasons. */
export const refusedBuiltins: ReadonlyMap<string, string> = new Map(refusals.map(([name, , reason]) => [name, reason]));

/**
 * Declarations of the refused functions: the compiler knows them, and calling one is an error. A function of the same name in `builtins` replaces
 * it.
 */
export const refusingBuiltins: readonly Builtin[] = refusals.map(([name, signature, reason]) =>
  builtin(name, signature, () => {
    throw new RefusedBuiltin(`refused: ${reason}`);
  }),
);
