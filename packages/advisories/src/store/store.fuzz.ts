import { ScanError } from "@plimsoll/model";
import { openStore } from "./open-store.ts";

/** Every byte sequence is a store that answers, or a `store-unreadable` error. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    const store = await openStore(input);
    await store.find([{ namespace: store.namespaces[0] ?? "npm", name: "x", version: "1" }]);
    await store.read(["A-1", "CVE-2024-0001"]);
    await store.enrich(["CVE-2024-0001"]);
    await store.verify();
  } catch (error) {
    if (!(error instanceof ScanError && error.failure.kind === "store-unreadable")) throw error;
  }
}
