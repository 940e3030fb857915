/** An image that was pushed to a registry, as a webhook tells. */
export interface Push {
  /** `registry.example/team/app:1@sha256:…`: at least a tag or a digest. */
  readonly reference: string;
}

/** How one kind of registry tells of pushes. */
export interface HookDialect {
  /** In the path: `/api/v1/hooks/{id}`. */
  readonly id: string;
  /** Pushes in a body; none for events of other kinds. Undefined: the body is none of this dialect. */
  read(body: Readonly<Record<string, unknown>>): readonly Push[] | undefined;
}

/** An object of JSON; undefined for anything else. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>) // as: checked
    : undefined;
}

/** Objects of a list; what else is in it is left out. Undefined: it is no list. */
export function objectsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] | undefined {
  return Array.isArray(value)
    ? value.map((entry) => objectOf(entry)).filter((entry) => entry !== undefined)
    : undefined;
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The reference of an image; none without tag and digest, since nothing says which image is meant. */
export function pushOf(name: string | undefined, tag: string | undefined, digest: string | undefined): readonly Push[] {
  if (name === undefined || (tag === undefined && digest === undefined)) return [];
  return [{ reference: `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}` }];
}
