import type { Cache, ImageSource } from "@plimsoll/model";
import { listEcosystem, literalImage } from "@plimsoll/testkit";
import { takeInventory } from "./index.ts";

const source: ImageSource = literalImage({
  layers: [
    { "db/list": "a 1\nown a x/y.list", "x/y.list": "b 2\nneeds a", "link.list": { symlink: "x/y.list" } },
    { "x/z.list": { hardlink: "x/y.list" }, "db/list": "a 1\nc 3", "keep.txt": "kept", bin: { symlink: "x" } },
  ],
});
const ecosystems = [listEcosystem()];
let honest: Promise<ReadonlyMap<string, Uint8Array>> | undefined;

/** What a scan puts into a cache: tables of paths and records of analyzers. */
export async function seeds(): Promise<Iterable<Uint8Array>> {
  return (await stored()).values();
}

async function stored(): Promise<ReadonlyMap<string, Uint8Array>> {
  const values = new Map<string, Uint8Array>();
  const cache: Cache = { get: async () => undefined, set: async (key, value) => void values.set(key, value) };
  await takeInventory(source, { ecosystems, cache });
  return values;
}

/** Whatever a cache gives for one of its keys, a scan ends with an inventory that is plain data. */
export async function fuzz(input: Uint8Array): Promise<void> {
  honest ??= stored();
  const values = await honest;
  const keys = [...values.keys()].sort();
  const spoiled = keys[(input[input.length - 1] ?? 0) % keys.length];
  const cache: Cache = {
    get: async (key) => (key === spoiled ? input.slice() : values.get(key)?.slice()),
    set: async () => undefined,
  };
  JSON.stringify(await takeInventory(source, { ecosystems, cache }));
}
