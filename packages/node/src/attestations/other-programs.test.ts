import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signAttestation, verifyAttestation } from "@plimsoll/attestations";
import { digestOf } from "@plimsoll/registry";
import { generateKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Signatures go both ways between this package, gpg and skopeo, where this machine has them.

function missing(...programs: readonly string[]): string | undefined {
  return programs.find((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status !== 0);
}

const absent = missing("gpg");
if (absent !== undefined) console.warn(`${absent} is not installed: signatures of other programs are not tried`);
const withoutSkopeo = missing("gpg", "skopeo");
if (withoutSkopeo !== undefined && absent === undefined)
  console.warn("skopeo is not installed: its signatures are not tried");

const image = `registry.example/app@sha256:${"a1".repeat(32)}`;
let home = "";

beforeAll(() => {
  // The path of gpg's socket must be short.
  home = mkdtempSync(join(tmpdir(), "gpg-"));
  mkdirSync(home, { recursive: true, mode: 0o700 });
});
afterAll(() => {
  spawnSync("gpgconf", ["--homedir", home, "--kill", "all"], { stdio: "ignore" });
  rmSync(home, { recursive: true, force: true });
});

function gpg(
  args: readonly string[],
  input = "",
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(
    "gpg",
    ["--homedir", home, "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "", ...args],
    {
      input,
      encoding: "utf8",
    },
  );
}

describe.skipIf(absent !== undefined)("gpg", () => {
  test("verifies what is signed here, and what it signs is verified here", async () => {
    const pair = await generateKey({ userIDs: { name: "plimsoll" }, format: "armored", passphrase: "open" });
    const attestation = await signAttestation(image, { pgpPrivateKey: pair.privateKey, password: "open" });
    expect(gpg(["--import"], pair.publicKey).status).toBe(0);
    const decrypted = gpg(["--decrypt"], attestation.signature);
    expect(decrypted.stderr).toContain("Good signature");
    expect(JSON.parse(decrypted.stdout)).toMatchObject({
      critical: { image: { "docker-manifest-digest": image.split("@")[1] } },
    });

    expect(gpg(["--quick-generate-key", "other@example.org", "ed25519", "sign"]).status).toBe(0);
    const fingerprint =
      /^fpr:+([0-9A-F]{40}):/m.exec(gpg(["--with-colons", "-k", "other@example.org"]).stdout)?.[1] ?? "";
    const armored = gpg(["--armor", "--export", fingerprint]).stdout;
    const signature = gpg(["--armor", "--local-user", fingerprint, "--sign"], decrypted.stdout).stdout;
    const key = { id: fingerprint, key: { type: "pgp", armored } as const };
    expect(await verifyAttestation(image, { keyId: fingerprint, signature }, [key])).toEqual({ verified: true });
    const other = `registry.example/app@sha256:${"b2".repeat(32)}`;
    expect((await verifyAttestation(other, { keyId: fingerprint, signature }, [key])).verified).toBe(false);
  });

  test.skipIf(withoutSkopeo !== undefined)(
    "with skopeo: its standalone signatures are verified here, and ours there",
    async () => {
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: `sha256:${"0".repeat(64)}`, size: 2 },
        layers: [],
      });
      const [file, output, ours] = ["manifest.json", "signature", "ours"].map((name) => join(home, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(file, manifest);
      const named = `registry.example/app@${await digestOf(new TextEncoder().encode(manifest))}`;
      expect(gpg(["--quick-generate-key", "skopeo@example.org", "ed25519", "sign"]).status).toBe(0);
      const fingerprint =
        /^fpr:+([0-9A-F]{40}):/m.exec(gpg(["--with-colons", "-k", "skopeo@example.org"]).stdout)?.[1] ?? "";
      const env = { ...process.env, GNUPGHOME: home };
      const made = spawnSync("skopeo", ["standalone-sign", file, "registry.example/app", fingerprint, "-o", output], {
        env,
        encoding: "utf8",
      });
      expect([made.stderr, made.status]).toEqual(["", 0]);
      const armored = gpg(["--armor", "--export", fingerprint]).stdout;
      const key = { id: fingerprint, key: { type: "pgp", armored } as const };
      const signature = readFileSync(output).toString("base64");
      // skopeo signs the reference with its tag, which names the same repository.
      const { verified, reason } = await verifyAttestation(named, { keyId: fingerprint, signature }, [key]);
      expect([verified, reason]).toEqual([true, undefined]);

      const pair = await generateKey({ userIDs: { name: "ours" }, format: "armored" });
      const attestation = await signAttestation(named, { pgpPrivateKey: pair.privateKey });
      expect(gpg(["--import"], pair.publicKey).status).toBe(0);
      expect(gpg(["--output", ours, "--dearmor"], attestation.signature).status).toBe(0);
      const verifying = ["standalone-verify", file, "registry.example/app", attestation.keyId, ours];
      const checked = spawnSync("skopeo", verifying, { env, encoding: "utf8" });
      expect([checked.stderr, checked.status]).toEqual(["", 0]);
    },
  );
});
