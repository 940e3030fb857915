// Makes this machine look like a node of Kubernetes to what is started within: files over the real ones, and processes that do nothing,
// in mount and process namespaces of their own, so that nobody else sees any of it and nothing is left. Needs root, unshare and a C compiler.
// node fake-node.mjs VARIANT PROGRAM ARGUMENTS… runs a program inside.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const kubeletYaml = (lines) =>
  `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${lines.join("\n")}\n`;

const weakKubelet = kubeletYaml([
  "authentication:\n  anonymous:\n    enabled: false\n  webhook:\n    enabled: true\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt",
  "authorization:\n  mode: Webhook",
  "rotateCertificates: true",
  "staticPodPath: /etc/kubernetes/manifests",
  "streamingConnectionIdleTimeout: 0s",
]);
const strictKubelet = kubeletYaml([
  "authentication:\n  anonymous:\n    enabled: false\n  webhook:\n    enabled: true\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt",
  "authorization:\n  mode: Webhook",
  "readOnlyPort: 0\nprotectKernelDefaults: true\nmakeIPTablesUtilChains: true\neventRecordQPS: 5\nrotateCertificates: true",
  "serverTLSBootstrap: true\nstreamingConnectionIdleTimeout: 4h0m0s\npodPidsLimit: 4096\nseccompDefault: true",
  "tlsCipherSuites:\n- TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n- TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "featureGates:\n  RotateKubeletServerCertificate: true",
]);

const apiFlags =
  "--advertise-address=10.0.0.10 --allow-privileged=true --authorization-mode=Node,RBAC --client-ca-file=/etc/kubernetes/pki/ca.crt --enable-admission-plugins=NodeRestriction --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt --etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt --etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key --etcd-servers=https://127.0.0.1:2379 --kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt --kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key --secure-port=6443 --service-account-key-file=/etc/kubernetes/pki/sa.pub --tls-cert-file=/etc/kubernetes/pki/apiserver.crt --tls-private-key-file=/etc/kubernetes/pki/apiserver.key";
const strictApiFlags = `${apiFlags.replace("=NodeRestriction", "=NodeRestriction,AlwaysPullImages,DenyServiceExternalIPs,EventRateLimit")} --anonymous-auth=false --profiling=false --audit-log-path=/var/log/audit.log --audit-log-maxage=30 --audit-log-maxbackup=10 --audit-log-maxsize=100 --audit-policy-file=/etc/kubernetes/audit.yaml --kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt --encryption-provider-config=/etc/kubernetes/encryption.yaml --request-timeout=300s --service-account-lookup=true --tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384 --service-account-extend-token-expiration=false`;
const etcdFlags =
  "--cert-file=/etc/kubernetes/pki/etcd/server.crt --client-cert-auth=true --data-dir=/var/lib/etcd --key-file=/etc/kubernetes/pki/etcd/server.key --peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt --peer-client-cert-auth=true --peer-key-file=/etc/kubernetes/pki/etcd/peer.key --peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt --trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt";
const kubeletFlags =
  "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml";

const manifests = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/** Mode, content and owner of every file of a control plane, strict or as an installer leaves them. */
function controlPlaneFiles(mode, keyMode, kubelet) {
  const secret = ["controller-manager.conf", "scheduler.conf", "admin.conf", "super-admin.conf", "kubelet.conf"];
  return [
    ...manifests.map((name) => [`/etc/kubernetes/manifests/${name}.yaml`, mode, "kind: Pod\n"]),
    ...secret.map((name) => [`/etc/kubernetes/${name}`, mode, "kind: Config\n"]),
    [
      "/etc/kubernetes/encryption.yaml",
      mode,
      "kind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc: {}\n",
    ],
    ["/etc/kubernetes/audit.yaml", mode, "kind: Policy\n"],
    ["/etc/kubernetes/pki/ca.crt", mode, "certificate\n"],
    ["/etc/kubernetes/pki/ca.key", keyMode, "key\n"],
    ["/etc/kubernetes/pki/etcd/ca.crt", mode, "certificate\n"],
    ["/etc/cni/net.d/10-net.conflist", mode, "{}\n"],
    ["/etc/systemd/system/kubelet.service.d/10-kubeadm.conf", mode, "[Service]\nExecStart=/usr/bin/kubelet\n"],
    ["/lib/systemd/system/kubelet.service", mode, "[Service]\nExecStart=/usr/bin/kubelet\n"],
    ["/var/lib/kubelet/config.yaml", mode, kubelet],
    ["/var/lib/kube-proxy/kubeconfig.conf", mode, "kind: Config\n"],
    ["/var/lib/etcd/member/wal", mode, ""],
  ];
}

const variants = {
  /** As kubeadm sets it up. */
  plain: {
    files: controlPlaneFiles(0o644, 0o600, weakKubelet),
    processes: [
      `kube-apiserver ${apiFlags}`,
      "kube-controller-manager --bind-address=127.0.0.1 --root-ca-file=/etc/kubernetes/pki/ca.crt --service-account-private-key-file=/etc/kubernetes/pki/sa.key --use-service-account-credentials=true",
      "kube-scheduler --bind-address=127.0.0.1 --kubeconfig=/etc/kubernetes/scheduler.conf",
      `etcd ${etcdFlags}`,
      `kubelet ${kubeletFlags}`,
      "kube-proxy --config=/var/lib/kube-proxy/config.conf",
    ],
  },
  strict: {
    files: controlPlaneFiles(0o600, 0o400, strictKubelet),
    processes: [
      `kube-apiserver ${strictApiFlags}`,
      "kube-controller-manager --bind-address=127.0.0.1 --profiling=false --terminated-pod-gc-threshold=10 --root-ca-file=/etc/kubernetes/pki/ca.crt --service-account-private-key-file=/etc/kubernetes/pki/sa.key --use-service-account-credentials=true --feature-gates=RotateKubeletServerCertificate=true",
      "kube-scheduler --bind-address=127.0.0.1 --profiling=false",
      `etcd ${etcdFlags}`,
      `kubelet ${kubeletFlags} --hostname-override=a --event-qps=5`,
      "kube-proxy --kubeconfig=/var/lib/kube-proxy/kubeconfig.conf --metrics-bind-address=127.0.0.1:10249",
    ],
  },
  /** What an installer never does, with groups and others writing, and other owners. */
  loose: {
    owner: 65534,
    files: controlPlaneFiles(
      0o666,
      0o644,
      kubeletYaml([
        "authentication:\n  anonymous:\n    enabled: true",
        "authorization:\n  mode: AlwaysAllow",
        "readOnlyPort: 10255",
      ]),
    ),
    processes: [
      "kube-apiserver --anonymous-auth=true --authorization-mode=AlwaysAllow --token-auth-file=/etc/tokens.csv --enable-admission-plugins=AlwaysAdmit --disable-admission-plugins=ServiceAccount,NamespaceLifecycle --profiling=true --audit-log-maxage=5 --service-account-lookup=false --etcd-servers=http://127.0.0.1:2379",
      "kube-controller-manager --bind-address=0.0.0.0 --profiling=true --use-service-account-credentials=false --feature-gates=RotateKubeletServerCertificate=false",
      "kube-scheduler --bind-address=0.0.0.0",
      "etcd --auto-tls=true --peer-auto-tls=true --client-cert-auth=false --data-dir=/var/lib/etcd",
      "kubelet --anonymous-auth=true --authorization-mode=AlwaysAllow --read-only-port=10255 --rotate-certificates=false --make-iptables-util-chains=false",
      "kube-proxy",
    ],
  },
  /** Processes whose files are not there, as where they run in containers of their own. */
  bare: {
    files: [],
    processes: [
      `kube-apiserver ${apiFlags}`,
      "kube-controller-manager",
      "kube-scheduler",
      `etcd ${etcdFlags}`,
      "kubelet",
      "kube-proxy",
    ],
  },
  /** A worker. */
  worker: {
    files: controlPlaneFiles(0o600, 0o600, strictKubelet).filter(
      ([path]) => !/manifests|pki\/etcd|\/etcd\/|controller|scheduler|admin/.test(path),
    ),
    processes: [`kubelet ${kubeletFlags}`, "kube-proxy --config=/var/lib/kube-proxy/config.conf"],
  },
};

export const fakeNodes = Object.keys(variants);

/** Why no such node can be made here; undefined where it can. */
export function lackingForFakeNodes() {
  if (process.getuid?.() !== 0) return "not root";
  for (const [command, ...args] of [
    ["cc", "--version"],
    ["unshare", "-m", "true"],
  ])
    if (spawnSync(command, args).status !== 0) return `${command} is not to be had`;
  return undefined;
}

/** Runs a program on such a node; what it printed. */
export function onFakeNode(variant, program, ...args) {
  const made = spawnSync(
    "unshare",
    ["-mpf", "--mount-proc", process.execPath, fileURLToPath(import.meta.url), variant, program, ...args],
    { encoding: "utf8", maxBuffer: 256 << 20 },
  );
  return { stdout: made.stdout, stderr: made.stderr, status: made.status };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await inside(...process.argv.slice(2));

async function inside(variant, program, ...args) {
  const space = mkdtempSync(join(tmpdir(), "plimsoll-node-"));
  mount("-t", "tmpfs", "tmpfs", space);
  for (const [at, path] of ["/etc", "/lib/systemd", "/var/lib"].entries()) {
    for (const part of ["up", "work"]) mkdirSync(join(space, `${at}${part}`));
    const layers = `lowerdir=${path},upperdir=${space}/${at}up,workdir=${space}/${at}work`;
    mount("-t", "overlay", "overlay", "-o", layers, path);
  }
  const { files, processes, owner = 0 } = variants[variant];
  // What this machine itself has of Kubernetes is not the node's.
  for (const path of [
    "/etc/kubernetes",
    "/etc/cni",
    "/var/lib/kubelet",
    "/var/lib/etcd",
    "/lib/systemd/system/etcd.service",
  ])
    rmSync(path, { recursive: true, force: true });
  for (const [path, mode, content] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
    chownSync(path, owner, owner);
  }
  if (files.some(([path]) => path.startsWith("/var/lib/etcd"))) chmodSync("/var/lib/etcd", owner === 0 ? 0o700 : 0o777);
  writeFileSync(join(space, "pause.c"), "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n");
  for (const line of processes) {
    const [name, ...flags] = line.split(" ");
    spawnSync("cc", ["-o", join(space, name), join(space, "pause.c")]);
    spawn(join(space, name), flags, { stdio: "ignore", detached: true, argv0: name }).unref();
  }
  await setTimeout(300);
  // With this process ends the namespace, and with it all that was started.
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  spawnSync("umount", ["-l", space]);
  rmSync(space, { recursive: true, force: true });
  process.exit(status ?? 1);
}

function mount(...args) {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
}
