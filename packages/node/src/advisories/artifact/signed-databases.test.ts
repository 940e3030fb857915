import { generateKeyPairSync } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStore, feeds, openStore } from "@plimsoll/advisories";
import { cosignTag, registryAttestationStore, signAttestation } from "@plimsoll/attestations";
import type { PkixSigner, PublicKey } from "@plimsoll/attestations";
import { ScanError } from "@plimsoll/model";
import { crc32 } from "@plimsoll/formats";
import { registryRepository, resolveManifest } from "@plimsoll/registry";
import { servedRegistry } from "@plimsoll/testkit";
import type { ServedRegistry } from "@plimsoll/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildAdvisories } from "../build-advisories.ts";
import { digestOfFile, nameOfKey, noteSigners, notedSigners, signaturePath } from "../database-keys.ts";
import { ensureAdvisories } from "../ensure-advisories.ts";
import { feedDocuments, listFeedFiles } from "../feed-files.ts";
import { openFileBytes } from "../file-bytes.ts";
import { importAdvisories } from "../import-advisories.ts";
import { openAdvisories, versionOf } from "../open-advisories.ts";
import type { OpenAdvisoriesOptions, OpenedAdvisories } from "../open-advisories.ts";
import { openJavaIndex } from "../open-java-database.ts";
import { platformEngine } from "../platform-engine.ts";
import { openScratchFile } from "../scratch-file.ts";
import { watchAdvisories } from "../watch-advisories.ts";
import { pullAdvisories } from "./pull-advisories.ts";
import { pushAdvisories } from "./push-advisories.ts";

const ada = newKey();
const eve = newKey();
let served: ServedRegistry;
let folder = "";
const stores: string[] = [];

beforeAll(async () => {
  served = await servedRegistry();
  folder = mkdtempSync(join(tmpdir(), "plimsoll-signed-"));
  for (const id of ["A-1", "A-2"]) {
    const affected = [{ package: { ecosystem: "npm", name: "x" }, versions: ["1"] }];
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ id, modified: "2024-01-01T00:00:00Z", affected }));
    const output = join(folder, `${id}.plimsoll`);
    await buildAdvisories({ from: [join(folder, `${id}.json`)], output });
    stores.push(output);
  }
});
afterAll(async () => {
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Signer {
  readonly key: PublicKey;
  readonly signer: PkixSigner;
}

function newKey(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { key: { type: "pkix", pem }, signer: { privateKeyPem, algorithm: "EcdsaP256Sha256", keyId: "" } };
}

/** Pushes a store and gives the reference by digest. */
async function push(store: number, repository: string): Promise<string> {
  const digest = await pushAdvisories(stores[store] ?? "", `${served.host}/${repository}:latest`);
  return `${served.host}/${repository}@${digest}`;
}

async function sign(image: string, { signer }: Signer, more: Partial<PkixSigner> = {}): Promise<void> {
  await registryAttestationStore().put(image, await signAttestation(image, { ...signer, ...more }));
}

/** Which advisory the database at a location holds. */
async function held(location: string, options: OpenAdvisoriesOptions): Promise<string | undefined> {
  const store = await openAdvisories(location, options);
  const [rows] = await store.find([{ namespace: "npm", name: "x", version: "1" }]);
  await store.close?.();
  return rows?.[0]?.advisory;
}

async function revisionOf(location: string): Promise<string> {
  const store = await openAdvisories(location);
  await store.close?.();
  return store.revision;
}

/** An increment over one of the stores. */
async function incrementOver(store: number): Promise<Buffer> {
  const everyFeed = feeds(platformEngine);
  const base = await openStore(openFileBytes(stores[store] ?? ""), platformEngine);
  const parts: Uint8Array[] = [];
  await buildStore({
    documents: feedDocuments(await listFeedFiles([join(folder, "A-2.json")], everyFeed)),
    feeds: everyFeed,
    base,
    output: { write: async (bytes) => void parts.push(Uint8Array.from(bytes)) },
    scratch: () => openScratchFile(join(folder, "scratch")),
  });
  await base.close?.();
  return Buffer.concat(parts);
}

/** A cache of its own for each use. */
function options(keys?: readonly PublicKey[]): OpenAdvisoriesOptions & { readonly cacheDir: string } {
  return { cacheDir: mkdtempSync(join(folder, "cache-")), keys, registry: { retries: 0 } };
}

const unverified = (reason: string): object => ({
  failure: { kind: "unverified", reason: expect.stringContaining(reason) },
});

test("a database is taken that one of the keys signed, and none that nobody or somebody else signed", async () => {
  const image = await push(0, "taken");
  const location = `oci://${served.host}/taken:latest`;

  await expect(held(location, options([ada.key]))).rejects.toMatchObject(unverified("it has no signature"));
  await sign(image, eve);
  await expect(held(location, options([ada.key]))).rejects.toMatchObject(unverified("none of the 1 keys signed it"));
  await expect(held(location, options([]))).rejects.toMatchObject(unverified("none of the 0 keys"));
  await sign(image, ada);

  expect(await held(location, options([ada.key]))).toBe("A-1");
  expect(await held(location, options([newKey().key, ada.key]))).toBe("A-1");
  expect(await held(location, options())).toBe("A-1");
});

test("a signature in a bundle counts as cosign's own tag does", async () => {
  const image = await push(0, "bundled");
  const statement = { predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: {} };
  const { signature } = await signAttestation(image, { ...ada.signer, form: "dsse", statement });
  const bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "" } },
    dsseEnvelope: JSON.parse(signature) as unknown,
  };
  await registryAttestationStore().put(image, { keyId: "", signature: JSON.stringify(bundle) });

  expect(await held(`oci://${image}`, options([ada.key]))).toBe("A-1");
});

test("who signs a statement about a database, perhaps that it is bad, does not sign the database", async () => {
  const image = await push(0, "spoken-of");
  await sign(image, ada, { form: "dsse", statement: { predicateType: "https://example.org/review", predicate: {} } });

  await expect(held(`oci://${image}`, options([ada.key]))).rejects.toMatchObject(unverified("no signature"));
});

test("the signature of another database counts for nothing: neither of an older one nor of another repository", async () => {
  const older = await push(0, "replayed");
  await sign(older, ada);
  const newer = await push(1, "replayed");
  const repository = registryRepository(served.host, "replayed");
  const [olderDigest = "", newerDigest = ""] = [older, newer].map((image) => image.split("@")[1]);
  const signature = await resolveManifest(repository, cosignTag(olderDigest));
  const type = "application/vnd.oci.image.manifest.v1+json";
  await repository.putManifest(cosignTag(newerDigest), type, signature.bytes);

  await expect(held(`oci://${newer}`, options([ada.key]))).rejects.toMatchObject(unverified("what is signed is about"));

  const elsewhere = await push(0, "elsewhere");
  await registryAttestationStore().put(elsewhere, await signAttestation(older, ada.signer));
  await expect(held(`oci://${elsewhere}`, options([ada.key]))).rejects.toMatchObject(unverified("what is signed is"));
});

test("what was fetched before serves without a network only when one of the keys signed it then", async () => {
  const image = await push(0, "kept");
  await sign(image, ada);
  const location = `oci://${image}`;
  const dead: typeof fetch = () => Promise.reject(new Error("no route to host"));
  const unsigned = options();
  await held(location, unsigned);

  for (const without of [{ offline: true }, { registry: { retries: 0, fetch: dead } }])
    await expect(held(location, { ...unsigned, ...without, keys: [ada.key] })).rejects.toMatchObject(
      unverified("it was not signed by one of the keys when it was fetched"),
    );

  await held(location, { ...unsigned, keys: [ada.key] });
  expect(await held(location, { ...unsigned, offline: true, keys: [ada.key] })).toBe("A-1");
  await expect(held(location, { ...unsigned, offline: true, keys: [eve.key] })).rejects.toMatchObject(
    unverified("it was not signed by one of the keys when it was fetched"),
  );
});

test("a followed database is taken while one of the keys signed it", async () => {
  const { cacheDir } = options();
  const output = join(cacheDir, "advisories.plimsoll");
  const keys = [ada.key];
  const image = await push(0, "followed");
  await sign(image, ada);
  const stores = watchAdvisories({ cacheDir, keys, interval: 5 });
  const until = async (wanted: (seen: OpenedAdvisories | ScanError) => boolean): Promise<unknown> => {
    for (;;) {
      const { value } = await stores.next();
      if (value === undefined || wanted(value)) return value;
    }
  };

  await importAdvisories(join(folder, "A-2.plimsoll"), { output });
  expect(await until(() => true)).toMatchObject(unverified("it was not signed by one of the keys"));
  await pullAdvisories(image, { output, keys });
  // Between a file and its note there is a moment.
  const opened = (await until((seen) => !(seen instanceof ScanError))) as OpenedAdvisories;
  expect(await opened.find([{ namespace: "npm", name: "x", version: "1" }])).toMatchObject([[{ advisory: "A-1" }]]);
  await importAdvisories(join(folder, "A-2.plimsoll"), { output });
  expect(await until(() => true)).toMatchObject(unverified("it was not signed by one of the keys"));
  await stores.return();

  const named = watchAdvisories({ db: join(folder, "A-1.plimsoll"), cacheDir, keys, interval: 5 });
  expect((await named.next()).value).toMatchObject(unverified("only a database in a registry"));
  await named.return();
});

test("a pulled database is the default one, signed, until another takes its place", async () => {
  const image = await push(0, "pulled");
  const { cacheDir } = options();
  const output = join(cacheDir, "advisories.plimsoll");
  const keys = [ada.key];
  await expect(pullAdvisories(image, { output, keys })).rejects.toMatchObject(unverified("no signature"));
  expect(readdirSync(cacheDir)).toEqual([]);
  // Of the same content, but of nobody who is known.
  await pullAdvisories(image, { output });
  await expect(held(output, { cacheDir, keys })).rejects.toMatchObject(
    unverified("it was not signed by one of the keys when it was fetched"),
  );

  await sign(image, ada);
  expect(await pullAdvisories(image, { output, keys })).toBe(true);
  expect(await pullAdvisories(image, { output, keys })).toBe(false);
  expect(await held(output, { cacheDir, keys })).toBe("A-1");
  await expect(held(output, { cacheDir, keys: [eve.key] })).rejects.toMatchObject(
    unverified("it was not signed by one of the keys"),
  );

  await importAdvisories(stores[1] ?? "", { output });
  await expect(held(output, { cacheDir, keys })).rejects.toMatchObject(
    unverified("it was not signed by one of the keys when it was fetched"),
  );
  await expect(ensureAdvisories({ cacheDir, keys, ecosystems: ["npm"] })).rejects.toMatchObject(
    unverified("it was not signed by one of the keys"),
  );
});

test("other bytes under the revision of a signed database are not taken for it, nor is what was changed since", async () => {
  const { cacheDir } = options();
  const output = join(cacheDir, "advisories.plimsoll");
  const keys = [ada.key];
  const image = await push(0, "swapped");
  await sign(image, ada);
  await pullAdvisories(image, { output, keys });
  const signed = readFileSync(output);

  // Whole, and of the revision that was signed: a footer is nothing that only its maker can write.
  const forged = readFileSync(stores[1] ?? "");
  const revision = await revisionOf(output);
  const footer = forged.subarray(-72);
  footer.set(Buffer.from(revision, "hex"), 24);
  footer.writeUInt32LE(crc32(footer.subarray(0, 60)), 60);
  const planted = join(folder, "forged.plimsoll");
  writeFileSync(planted, forged);
  await importAdvisories(planted, { output });
  expect([await revisionOf(output), await held(output, { cacheDir })]).toEqual([revision, "A-2"]);
  await expect(held(output, { cacheDir, keys })).rejects.toMatchObject(
    unverified("it was not signed by one of the keys"),
  );

  // The same bytes, whenever they were written.
  writeFileSync(output, signed);
  expect(await held(output, { cacheDir, keys })).toBe("A-1");
  writeFileSync(`${output}.changes`, "");
  await expect(held(output, { cacheDir, keys })).rejects.toMatchObject(unverified("it was changed after it was"));
});

test("changes of another database beside a signed one are ignored, and pulling removes them; changes of its own are refused", async () => {
  const { cacheDir } = options();
  const output = join(cacheDir, "advisories.plimsoll");
  const keys = [ada.key];
  const image = await push(0, "left-behind");
  await sign(image, ada);
  await pullAdvisories(image, { output, keys });

  writeFileSync(`${output}.changes`, await incrementOver(1));
  expect(await held(output, { cacheDir, keys })).toBe("A-1");
  expect(await pullAdvisories(image, { output, keys })).toBe(false);
  expect(existsSync(`${output}.changes`)).toBe(false);

  writeFileSync(`${output}.changes`, await incrementOver(0));
  await expect(held(output, { cacheDir, keys })).rejects.toMatchObject(unverified("it was changed after it was"));
  expect(await pullAdvisories(image, { output, keys })).toBe(true);
  expect(await held(output, { cacheDir, keys })).toBe("A-1");
});

test("a signed database can be opened at every moment while another signed one takes its place", async () => {
  const { cacheDir } = options();
  const output = join(cacheDir, "advisories.plimsoll");
  const [first, second] = [await push(0, "replaced"), await push(1, "replacing")];
  await sign(first, ada);
  await sign(second, eve);
  await pullAdvisories(first, { output, keys: [ada.key] });

  // Before the file is replaced, the note is about both.
  const note = signaturePath(output);
  const digest = await digestOfFile(stores[1] ?? "");
  const former = await notedSigners(note, output, versionOf(output));
  await noteSigners(note, { version: "", digest, signers: [nameOfKey(eve.key)] }, former);
  expect(await held(output, { cacheDir, keys: [ada.key] })).toBe("A-1");
  await expect(held(output, { cacheDir, keys: [eve.key] })).rejects.toMatchObject(unverified("it was not signed by"));

  if (former !== undefined) await noteSigners(note, former);

  // A pull that stops as soon as the file is replaced: the increment that it is to remove is a directory.
  mkdirSync(`${output}.changes`);
  await expect(pullAdvisories(second, { output, keys: [eve.key] })).rejects.toThrow();
  expect(await held(output, { cacheDir, keys: [eve.key] })).toBe("A-2");
  await expect(held(output, { cacheDir, keys: [ada.key] })).rejects.toMatchObject(unverified("it was not signed by"));
  expect(readdirSync(cacheDir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("what is no file in the place of a signed database is the same error as without keys, and ends no watch", async () => {
  const { cacheDir } = options();
  const output = join(cacheDir, "advisories.plimsoll");
  const keys = [ada.key];
  const image = await push(0, "directory");
  await sign(image, ada);
  await pullAdvisories(image, { output, keys });
  rmSync(output);
  mkdirSync(output);

  const missing = { failure: { kind: "store-missing", label: output } };
  await expect(held(output, { cacheDir })).rejects.toMatchObject(missing);
  await expect(held(output, { cacheDir, keys })).rejects.toMatchObject(missing);
  const watched = watchAdvisories({ cacheDir, keys, interval: 5 });
  expect((await watched.next()).value).toMatchObject(missing);
  rmSync(output, { recursive: true });
  expect((await watched.next()).value).toMatchObject(missing);
  await watched.return();
});

test("what cannot carry a signature is refused, whatever lies beside it; and nothing unsigned is fetched", async () => {
  const { cacheDir } = options();
  const keys = [ada.key];
  const image = await push(0, "noted");
  await sign(image, ada);
  const output = join(cacheDir, "advisories.plimsoll");
  await pullAdvisories(image, { output, keys });
  const planted = join(cacheDir, "planted.plimsoll");
  copyFileSync(output, planted);
  copyFileSync(`${output}.signed`, `${planted}.signed`);

  for (const location of [planted, "https://127.0.0.1:1/osv"])
    await expect(held(location, { cacheDir, keys })).rejects.toMatchObject(unverified("only a database in a registry"));
  await expect(openJavaIndex(planted, { cacheDir, keys })).rejects.toMatchObject(unverified("only a database in a"));
  const empty = options(keys);
  const asked: string[] = [];
  const watched: typeof fetch = (input) => Promise.reject(new Error(asked.push(String(input)).toString()));
  await expect(
    ensureAdvisories({ cacheDir: empty.cacheDir, keys, ecosystems: ["npm"], fetch: watched }),
  ).rejects.toMatchObject({ failure: { kind: "store-missing", reason: expect.stringContaining("db pull") } });
  expect(asked).toEqual([]);
  expect(existsSync(join(empty.cacheDir, "advisories.plimsoll"))).toBe(false);
});

test("what is no public key is an error that shows nothing of it", async () => {
  const image = await push(0, "keyless");
  const keys: readonly PublicKey[] = [{ type: "pkix", pem: "-----BEGIN NOTHING-----" }];

  await expect(held(`oci://${image}`, options(keys))).rejects.toMatchObject({
    failure: { kind: "invalid-option", option: "keys", reason: "it is not a public key" },
  });
});
