import { record } from "@plimsoll/formats";

/** An image that was pushed to a registry, as a webhook reports it. */
export interface Push {
  /** `registry.example/team/app:1@sha256:…`: at least a tag or a digest. */
  readonly reference: string;
}

/** How one kind of registry reports pushes in its webhooks. */
export interface HookDialect {
  /** The `{id}` in the path `/api/v1/hooks/{id}`. */
  readonly id: string;
  /** The pushes that a body reports; none for events of other kinds. Undefined: the body is not of this dialect. */
  read(body: Readonly<Record<string, unknown>>): readonly Push[] | undefined;
}

/** The objects in a list, without its other items. Undefined: the value is no list. */
export function objectsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] | undefined {
  return Array.isArray(value) ? value.map((entry) => record(entry)).filter((entry) => entry !== undefined) : undefined;
}

/** The value if it is a non-empty string; otherwise undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The reference of a pushed image, as a list; empty without a tag or digest, because nothing then says which image is meant. */
export function pushOf(name: string | undefined, tag: string | undefined, digest: string | undefined): readonly Push[] {
  if (name === undefined || (tag === undefined && digest === undefined)) return [];
  return [{ reference: `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}` }];
}
