/** A Conan reference taken apart: `name/version@user/channel#revision%timestamp:package`. */
export interface ConanReference {
  readonly name: string;
  readonly version: string;
  readonly user?: string;
  readonly channel?: string;
}

/** Reads a reference; undefined for a text without name, or with a range for a version. */
export function parseReference(text: string | undefined): ConanReference | undefined {
  const [recipe = ""] = (text ?? "").split(/[#%:]/, 1);
  const [identity = "", owner = ""] = recipe.trim().split("@");
  const [name = "", version = "", ...rest] = identity.split("/");
  if (rest.length > 0 || name === "" || version === "" || /[[\]\s]/.test(identity)) return undefined;
  const [user = "", channel = ""] = owner.split("/");
  return { name, version, ...(isNamed(user) ? { user } : {}), ...(isNamed(channel) ? { channel } : {}) };
}

function isNamed(part: string): boolean {
  return part !== "" && part !== "_";
}

/** User and channel as facts; they distinguish private packages from those of ConanCenter. */
export function referenceFacts({ user, channel }: ConanReference): {
  readonly facts?: Readonly<Record<string, string>>;
} {
  if (user === undefined && channel === undefined) return {};
  return { facts: { ...(user === undefined ? {} : { user }), ...(channel === undefined ? {} : { channel }) } };
}
