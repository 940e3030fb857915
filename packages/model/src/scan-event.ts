import type { Digest } from "./bytes.ts";
import type { Package } from "./package.ts";

/** What happens during a scan, for progress bars and traces. Listeners cannot change a result, and errors they throw are ignored. */
export type ScanEvent =
  | {
      readonly kind: "image-opened";
      readonly name: string;
      readonly digest?: Digest;
      readonly layers: number;
      /** Stored bytes of all layers. */ readonly bytes: number;
    }
  | {
      readonly kind: "layer-started" | "layer-cached";
      readonly layer: Digest;
      readonly index: number;
      /** Stored bytes: its share of the image's. */ readonly size: number;
    }
  | {
      readonly kind: "layer-progress";
      readonly layer: Digest;
      readonly index: number;
      /** Uncompressed bytes so far. */ readonly bytes: number;
      readonly entries: number;
    }
  | {
      readonly kind: "layer-read";
      readonly layer: Digest;
      readonly index: number;
      readonly entries: number;
      readonly packages: number;
    }
  | {
      readonly kind: "package-found";
      readonly index: number;
      readonly ecosystem: string;
      readonly name: string;
      readonly version: string;
      readonly path: string;
    }
  | { readonly kind: "inventory-taken"; readonly packages: readonly Package[] }
  | { readonly kind: "matched"; readonly packages: number; readonly findings: number };

/** Called with each event, synchronously. */
export type ScanListener = (event: ScanEvent) => void;

/** Tells a listener, if there is one. Errors it throws are dropped; a caller who wants to see them catches them inside the listener. */
export function emitEvent(listener: ScanListener | undefined, event: ScanEvent): void {
  try {
    listener?.(event);
  } catch {
    // A listener cannot change a result.
  }
}
