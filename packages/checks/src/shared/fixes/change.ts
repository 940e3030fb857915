import type { ValuePath } from "@plimsoll/formats";

/** A change of a document's value, before it becomes an edit of its text. */
export type Change =
  /** The member gets this value; mappings on the way are made where they are missing. */
  | { readonly kind: "set"; readonly path: ValuePath; readonly value: unknown }
  /** The member or item is taken away. */
  | { readonly kind: "remove"; readonly path: ValuePath }
  /** Text of a Dockerfile's instruction becomes other text. */
  | { readonly kind: "replace"; readonly instruction: number; readonly text: string };
