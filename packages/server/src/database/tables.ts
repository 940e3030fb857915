// The tables as the newest migration leaves them, for Kysely.
import type { Generated } from "kysely";

/** Every table, by name. Documents are JSON text; `packages` and `document` are gzipped JSON. */
export interface Tables {
  readonly distribution: DistributionTable;
  readonly package: PackageTable;
  readonly lookup: LookupTable;
  readonly package_lookup: PackageLookupTable;
  readonly package_set: PackageSetTable;
  readonly set_package: SetPackageTable;
  readonly inventory: InventoryTable;
  readonly inventory_set: InventorySetTable;
  readonly finding: FindingTable;
  readonly update_operation: UpdateOperationTable;
  readonly finding_change: FindingChangeTable;
  readonly notification: NotificationTable;
  readonly delivery: DeliveryTable;
  readonly token: TokenTable;
  readonly setting: SettingTable;
  readonly audit: AuditTable;
  readonly scan: ScanTable;
  readonly repository_tag: RepositoryTagTable;
  readonly update_set: UpdateSetTable;
  readonly registry_rest: RegistryRestTable;
  readonly watch: WatchTable;
  readonly daily_total: DailyTotalTable;
}

/** What a tenant had at the end of a day; see `Totals`. */
interface DailyTotalTable {
  tenant: string;
  day: Date;
  images: number;
  /** JSON. */
  findings: string;
}

/** What packages are matched for: a distribution with all facts that advisory keys depend on. */
interface DistributionTable {
  id: Generated<number>;
  hash: string;
  data: string;
}

/** A package as matching sees it, once for all inventories. */
interface PackageTable {
  id: Generated<number>;
  hash: string;
  distribution_id: number;
  data: string;
}

/** A name that advisories may speak under, and a digest of what they said when it was last asked for. */
interface LookupTable {
  id: Generated<number>;
  namespace: string;
  name: string;
  digest: string;
}

interface PackageLookupTable {
  lookup_id: number;
  package_id: number;
}

/** Packages that came in one layer, as the inventories list them; shared by all images on that layer. */
interface PackageSetTable {
  id: Generated<number>;
  hash: string;
  packages: Uint8Array;
}

interface SetPackageTable {
  set_id: number;
  package_id: number;
}

interface InventoryTable {
  id: Generated<number>;
  /** Whose it is; empty: the operator's own. */
  tenant: Generated<string>;
  /** Whose word the contents are: see `Basis`. */
  basis: Generated<string>;
  /** Digest of the manifest. */
  digest: string;
  name: string;
  /** Clair's states: `CheckManifest`, `FetchLayers`, `IndexFinished`, `IndexError`. */
  state: string;
  error: string;
  /** State of the indexer that made the inventory. */
  indexer: string;
  /** The inventory without its packages. */
  document: Uint8Array | null;
  created_at: Date;
  indexed_at: Date | null;
}

interface InventorySetTable {
  inventory_id: number;
  set_id: number;
}

/** What is wrong with a package now. */
interface FindingTable {
  package_id: number;
  vulnerability: string;
  severity: number;
  data: string;
}

/** One change of the advisories that touched something here. */
interface UpdateOperationTable {
  id: Generated<number>;
  ref: string;
  updater: string;
  fingerprint: string;
  date: Date;
  kind: string;
  /** The newest inventory there was: later ones had the findings from the start. */
  last_inventory: number;
}

/** What an update changed in one package. */
interface FindingChangeTable {
  id: Generated<number>;
  update_id: number;
  package_id: number;
  vulnerability: string;
  kind: string;
  severity: number;
  before: string | null;
  after: string | null;
}

interface NotificationTable {
  id: string;
  update_id: number;
  created_at: Date;
  /** Inventories it tells of. */
  inventories: number;
}

/** A notification on its way to one receiver. */
interface DeliveryTable {
  id: string;
  notification_id: string;
  channel: string;
  state: string;
  attempts: number;
  error: string;
  updated_at: Date;
}

/** Who may ask; the token itself is nowhere. */
interface TokenTable {
  hash: string;
  name: string;
  /** Comma-separated. */
  access: string;
  /** Whose images it sees; empty: the operator's own. */
  tenant: Generated<string>;
  created_at: Date;
}

interface SettingTable {
  name: string;
  value: string;
}

/** Something that was changed or refused; see `AuditEntry`. */
interface AuditTable {
  id: Generated<number>;
  at: Date;
  actor: string;
  tenant: string;
  client: string;
  operation: string;
  target: string;
  status: number;
}

/** A scan that was asked for; see `Scan`. */
interface ScanTable {
  id: string;
  tenant: string;
  reference: string;
  /** Of the reference; limits are each registry's. */
  registry: Generated<string>;
  /** What the registry said that the tag names; the digest of an index is not that of the image that was scanned. */
  listed: Generated<string>;
  source: string;
  state: string;
  digest: Generated<string>;
  error: Generated<string>;
  created_at: Date;
  updated_at: Date;
}

/** The image that a tag named when it was last scanned. */
interface RepositoryTagTable {
  tenant: string;
  repository: string;
  tag: string;
  digest: string;
  /** See the scan's. */
  listed: Generated<string>;
  scanned_at: Date;
}

/** A package set that an update touched. */
interface UpdateSetTable {
  update_id: number;
  set_id: number;
  /** How many findings appeared or disappeared in it, which is told; the rest is recorded alone. */
  told: number;
  /** Ids of these changes, in no order. */
  changes: number[];
  /** Id of the worst that appeared, and of the worst that disappeared. */
  worst: number[];
}

/** A registry that is not asked for a while. */
interface RegistryRestTable {
  registry: string;
  until: Date;
  failures: number;
}

/** Repositories that are looked at now and then. */
interface WatchTable {
  pattern: string;
  looked_at: Date;
  error: Generated<string>;
}
