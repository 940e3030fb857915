import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootfsFacts, runAudit } from "@plimsoll/cis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryTree } from "./directory-tree.ts";
import { hostFacts } from "./host-facts.ts";

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "plimsoll-tree-"));
  mkdirSync(join(root, "etc/kubernetes/manifests"), { recursive: true });
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
  writeFileSync(join(root, "etc/kubernetes/admin.conf"), "apiVersion: v1\n", { mode: 0o600 });
  writeFileSync(
    join(root, "etc/kubernetes/manifests/etcd.yaml"),
    "kind: Pod\nspec:\n  containers:\n  - name: etcd\n    command: [etcd, --data-dir=/var/lib/etcd]\n    args: [--client-cert-auth=true]\n    env: [{ name: ETCD_AUTO_TLS, value: 'false' }]\n",
  );
  mkdirSync(join(root, "etc/systemd/system/kubelet.service.d"), { recursive: true });
  writeFileSync(join(root, "etc/systemd/system/kubelet.service"), "[Service]\nExecStart=/usr/bin/kubelet\n");
  writeFileSync(
    join(root, "etc/systemd/system/kubelet.service.d/10-kubeadm.conf"),
    '[Service]\nEnvironment="KUBELET_ARGS=--config=/var/lib/kubelet/config.yaml --v=2"\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_ARGS \\\n  --kubeconfig=${HOME_OF}\n',
  );
  symlinkSync("/etc/kubernetes", join(root, "link"));
  symlinkSync("../../../../../../etc", join(root, "outside"));
  symlinkSync("round", join(root, "round"));
});

afterAll(() => rmSync(root, { recursive: true }));

describe("a root file system in a folder", () => {
  test("links stay inside, also those that go up, and those that go round end", async () => {
    const facts = rootfsFacts(directoryTree(root));

    expect((await facts.stat("/link/admin.conf"))?.mode).toBe(0o600);
    expect(await facts.readFile("/outside/passwd")).toBe("root:x:0:0::/root:/bin/sh\n");
    expect(await facts.stat("/outside/hostname")).toBeNull();
    expect(await facts.stat("/round/x")).toBeNull();
    await expect(directoryTree(root).stat("/../etc")).rejects.toThrow(TypeError);
  });

  test("static pods and units stand in for processes", async () => {
    const facts = rootfsFacts(directoryTree(root));

    expect(await runAudit("ps -C etcd -o cmd --no-headers; ps -C kubelet -o cmd --no-headers", facts)).toEqual({
      output:
        "etcd --data-dir=/var/lib/etcd --client-cert-auth=true\n/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --v=2 --kubeconfig=\n",
      exitCode: 0,
      incomplete: true,
    });
  });
});

describe("this machine", () => {
  test("knows its files and its processes", async () => {
    const facts = hostFacts();
    const own = (await facts.processes())?.find(({ pid }) => pid === process.pid);

    expect(await facts.readFile(join(root, "etc/kubernetes/admin.conf"))).toBe("apiVersion: v1\n");
    expect((await facts.stat(join(root, "etc")))?.type).toBe("directory");
    expect(await facts.stat(join(root, "nothing"))).toBeNull();
    expect(await facts.readFile("/dev/zero")).toBeNull();
    if (process.platform === "linux") expect(own?.arguments.join(" ")).toContain("node");
    expect(await facts.journal?.("--vacuum-size=1")).toBeUndefined();
  });
});
