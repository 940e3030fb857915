import { ScanError } from "@plimsoll/model";
import type { AdvisoryStore, CallOptions } from "@plimsoll/model";
import { openAdvisories } from "@plimsoll/node";
import type { OpenAdvisoriesOptions } from "@plimsoll/node";

/** A store that stays open until it is released. */
export interface AdvisoryLease {
  readonly store: AdvisoryStore;
  release(): void;
}

/** Gives access to the current advisory store, and replaces it when a newer one is available. */
export interface AdvisorySource {
  /** The current store; undefined while there is none. A replaced store is closed when its last lease is released, so release it soon. */
  lease(): Promise<AdvisoryLease | undefined>;
  /** Opens newer advisories if there are any. @throws ScanError when they cannot be read; the current store then stays in use. */
  refresh(options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  readonly store: AdvisoryStore;
  users: number;
  replaced: boolean;
}

/** A source that gets its store from `open`, which is called for each refresh; `open` returns undefined while there is no store. */
export function openedAdvisories(open: (options?: CallOptions) => Promise<AdvisoryStore | undefined>): AdvisorySource {
  let current: Held | undefined;
  let opening: Promise<void> | undefined;

  async function leave(held: Held): Promise<void> {
    if (held.replaced && held.users === 0) await held.store.close?.();
  }

  async function replace(options: CallOptions | undefined): Promise<void> {
    const store = await open(options);
    if (store === undefined || store === current?.store) return;
    if (store.revision === current?.store.revision) return void (await store.close?.());
    const before = current;
    current = { store, users: 0, replaced: false };
    if (before !== undefined) {
      before.replaced = true;
      await leave(before);
    }
  }

  const refresh = (options?: CallOptions): Promise<void> =>
    (opening ??= replace(options).finally(() => (opening = undefined)));

  return {
    refresh,
    async lease() {
      if (current === undefined) await refresh();
      const held = current;
      if (held === undefined) return undefined;
      held.users++;
      let released = false;
      return {
        store: held.store,
        release: () => {
          if (released) return;
          released = true;
          held.users--;
          leave(held).catch(() => undefined);
        },
      };
    },
    async close() {
      await opening?.catch(() => undefined);
      if (current === undefined) return;
      current.replaced = true;
      await leave(current);
    },
  };
}

/** The database that `location` names; see `openAdvisories`. If it does not exist yet, it is looked for again at each refresh. */
export function advisoriesAt(location: string, options: OpenAdvisoriesOptions = {}): AdvisorySource {
  return openedAdvisories(async (call) => {
    try {
      return await openAdvisories(location, { ...options, ...call });
    } catch (error) {
      if (error instanceof ScanError && error.failure.kind === "store-missing") return undefined;
      throw error;
    }
  });
}
