/** A jq filter as data. Source: the jq 1.7 manual. */
export type Filter =
  | { readonly kind: "identity" }
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "text"; readonly parts: readonly (string | Filter)[] }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "index"; readonly of: Filter; readonly key: Filter }
  | { readonly kind: "slice"; readonly of: Filter; readonly from?: Filter; readonly to?: Filter }
  | { readonly kind: "iterate"; readonly of: Filter }
  | { readonly kind: "recurse" }
  | { readonly kind: "try"; readonly body: Filter }
  | { readonly kind: "pipe"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "comma"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "negate"; readonly body: Filter }
  | { readonly kind: "array"; readonly body?: Filter }
  | { readonly kind: "object"; readonly entries: readonly { readonly key: Filter; readonly value: Filter }[] }
  | { readonly kind: "if"; readonly when: Filter; readonly body: Filter; readonly otherwise: Filter }
  | { readonly kind: "bind"; readonly source: Filter; readonly name: string; readonly body: Filter }
  | {
      readonly kind: "reduce";
      readonly source: Filter;
      readonly name: string;
      readonly start: Filter;
      readonly update: Filter;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Filter[] };
