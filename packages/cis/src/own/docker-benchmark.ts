import { flags, item, manual, mode, owner } from "./own-check.ts";
import type { FlagSource, OwnCheck } from "./own-check.ts";
import type { OwnControls } from "./own-benchmark.ts";

/** Published ids of the CIS Docker Benchmark 1.6; titles, audits and remediation are our own words. */

const daemon: FlagSource = {
  audit: "ps -fC dockerd",
  audit_config: "if test -e /etc/docker/daemon.json; then cat /etc/docker/daemon.json; fi",
};

const restart = "in /etc/docker/daemon.json, and restart the daemon.";

/** Rules of the audit daemon that watch what containers are made of. */
const watched: readonly (readonly [id: string, path: string])[] = [
  ["1.1.3", "/usr/bin/dockerd"],
  ["1.1.4", "/run/containerd"],
  ["1.1.5", "/var/lib/docker"],
  ["1.1.6", "/etc/docker"],
  ["1.1.7", "docker.service"],
  ["1.1.8", "containerd.sock"],
  ["1.1.9", "docker.socket"],
  ["1.1.10", "/etc/default/docker"],
  ["1.1.11", "/etc/docker/daemon.json"],
  ["1.1.12", "/etc/containerd/config.toml"],
  ["1.1.13", "/etc/sysconfig/docker"],
  ["1.1.14", "/usr/bin/containerd"],
  ["1.1.18", "/usr/bin/runc"],
];

const host: readonly OwnCheck[] = [
  manual("1.1.1", "Containers have a partition of their own", "Mount a partition at /var/lib/docker."),
  manual("1.1.2", "Only trusted users may control the daemon", "Members of the group docker are root: keep it small."),
  ...watched.map(([id, path]) => ({
    id,
    text: `Changes of ${path} are audited`,
    remediation: `Add "-w ${path} -k docker" to /etc/audit/rules.d/docker.rules.`,
    scored: true,
    audit: `for file in /etc/audit/audit.rules $(find /etc/audit/rules.d -name '*.rules' 2>/dev/null); do if test -e $file; then grep -v '^#' $file | grep -- ${path}; fi; done; true`,
    tests: { bin_op: "and" as const, test_items: [item(path)] },
  })),
];

const settings: readonly OwnCheck[] = [
  manual("2.1", "The daemon runs without root where that suits", "Consider rootless mode."),
  flags(
    daemon,
    "2.2",
    "Containers of the default network do not reach each other",
    [item("--icc", "eq", "false", { path: "{.icc}" })],
    `Set "icc": false ${restart}`,
  ),
  flags(
    daemon,
    "2.3",
    "The daemon logs at level info",
    [
      item("--log-level", "eq", "info", { path: "{.log-level}" }),
      { flag: "--log-level", path: "{.log-level}", set: false },
    ],
    `Set "log-level": "info" ${restart}`,
    { any: true },
  ),
  flags(
    daemon,
    "2.4",
    "The daemon may change iptables",
    [
      item("--iptables", "eq", "true", { path: "{.iptables}" }),
      { flag: "--iptables", path: "{.iptables}", set: false },
    ],
    `Remove "iptables": false ${restart}`,
    { any: true },
  ),
  flags(
    daemon,
    "2.5",
    "No registry is used without TLS",
    [{ flag: "--insecure-registry", path: "{.insecure-registries[0]}", set: false }],
    `Remove insecure-registries ${restart}`,
  ),
  flags(
    daemon,
    "2.6",
    "The storage driver aufs is not used",
    [
      item("--storage-driver", "noteq", "aufs", { path: "{.storage-driver}" }),
      { flag: "--storage-driver", path: "{.storage-driver}", set: false },
    ],
    `Set "storage-driver": "overlay2" ${restart}`,
    { any: true },
  ),
  flags(
    daemon,
    "2.7",
    "The daemon verifies its clients over the network",
    [item("--tlsverify", "eq", "true", { path: "{.tlsverify}" }), { flag: "tcp://", path: "{.hosts}", set: false }],
    `Set "tlsverify": true with its certificates ${restart}`,
    { any: true },
  ),
  manual("2.8", "The limits of containers suit them", 'Set "default-ulimits" in /etc/docker/daemon.json.'),
  flags(
    daemon,
    "2.9",
    "Users of containers are mapped to others of the host",
    [item("--userns-remap", undefined, "", { path: "{.userns-remap}" })],
    `Set "userns-remap": "default" ${restart}`,
    { scored: false },
  ),
  flags(
    daemon,
    "2.10",
    "Containers stay in the control group of the daemon",
    [{ flag: "--cgroup-parent", path: "{.cgroup-parent}", set: false }],
    `Remove cgroup-parent ${restart}`,
  ),
  flags(
    daemon,
    "2.11",
    "The size of containers keeps its default",
    [{ flag: "dm.basesize", path: "{.storage-opts}", set: false }],
    `Remove dm.basesize from storage-opts ${restart}`,
  ),
  flags(
    daemon,
    "2.12",
    "A plugin decides who may tell the daemon what",
    [item("--authorization-plugin", undefined, "", { path: "{.authorization-plugins[0]}" })],
    `Set "authorization-plugins" ${restart}`,
    { scored: false },
  ),
  flags(
    daemon,
    "2.13",
    "Logs are sent to another machine",
    [item("--log-driver", undefined, "", { path: "{.log-driver}" })],
    `Set "log-driver" ${restart}`,
    { scored: false },
  ),
  flags(
    daemon,
    "2.14",
    "Containers may not gain privileges",
    [item("--no-new-privileges", "eq", "true", { path: "{.no-new-privileges}" })],
    `Set "no-new-privileges": true ${restart}`,
  ),
  flags(
    daemon,
    "2.15",
    "Containers outlive a restart of the daemon",
    [item("--live-restore", "eq", "true", { path: "{.live-restore}" })],
    `Set "live-restore": true ${restart}`,
  ),
  flags(
    daemon,
    "2.16",
    "No proxy program opens ports",
    [item("--userland-proxy", "eq", "false", { path: "{.userland-proxy}" })],
    `Set "userland-proxy": false ${restart}`,
  ),
  manual(
    "2.17",
    "The seccomp profile of the daemon suits its containers",
    'Set "seccomp-profile" in /etc/docker/daemon.json where the default does not suit.',
  ),
  flags(
    daemon,
    "2.18",
    "Features that are experiments are off",
    [
      item("--experimental", "eq", "false", { path: "{.experimental}" }),
      { flag: "--experimental", path: "{.experimental}", set: false },
    ],
    `Remove "experimental": true ${restart}`,
    { any: true },
  ),
];

const files: readonly OwnCheck[] = [
  ...pair("3.1", "docker.service", "/lib/systemd/system/docker.service", "644"),
  ...pair("3.3", "docker.socket", "/lib/systemd/system/docker.socket", "644"),
  ...pair("3.5", "/etc/docker", "/etc/docker", "755"),
  ...pair("3.15", "the daemon's socket", "/var/run/docker.sock", "660", "root:docker"),
  ...pair("3.17", "daemon.json", "/etc/docker/daemon.json", "644"),
  ...pair("3.19", "/etc/default/docker", "/etc/default/docker", "644"),
  ...pair("3.21", "/etc/sysconfig/docker", "/etc/sysconfig/docker", "644"),
  ...pair("3.23", "containerd's socket", "/run/containerd/containerd.sock", "660"),
];

/** The owner of a file by one id, its mode by the next. */
function pair(id: string, what: string, path: string, most: string, wanted = "root:root"): readonly OwnCheck[] {
  const next = `${id.split(".")[0]}.${Number(id.split(".")[1]) + 1}`;
  const rule = { mayBeAbsent: true } as const;
  return [owner(id, what, path, wanted, rule), mode(next, what, path, most, rule)];
}

const images: readonly OwnCheck[] = [
  manual("4.1", "Images name a user who is not root", "Add USER to the Dockerfile; `plimsoll config` checks it."),
  manual("4.2", "Base images are trusted", "Use images that are signed, by digest."),
  manual("4.3", "Images hold nothing that is not needed", "Leave packages out that the program does not use."),
  manual(
    "4.4",
    "Images are scanned and made anew",
    "Scan with `plimsoll image`, and build again when there are fixes.",
  ),
  manual("4.5", "Only signed images are run", "Verify signatures before images are run."),
  manual("4.6", "Images have a health check", "Add HEALTHCHECK to the Dockerfile."),
  manual("4.7", "No layer only updates packages", "Update and install in one RUN."),
  manual("4.8", "Programs have no set-id bits", "Remove the bits in the Dockerfile."),
  manual("4.9", "Files are copied, not added", "Use COPY instead of ADD."),
  manual(
    "4.10",
    "No secrets are in Dockerfiles",
    "Use build secrets; `plimsoll image --scanners secret` looks for them.",
  ),
  manual("4.11", "Packages are verified", "Verify signatures of what the Dockerfile fetches."),
];

export function dockerControls(): readonly OwnControls[] {
  const version = "docker-cis-1.6";
  return [
    {
      id: "1",
      version,
      text: "Host",
      type: "master",
      groups: [{ id: "1.1", text: "Host of containers", checks: host }],
    },
    {
      id: "2",
      version,
      text: "Daemon",
      type: "node",
      groups: [
        { id: "2", text: "Settings of the daemon", checks: settings },
        { id: "3", text: "Files of the daemon", checks: files },
      ],
    },
    { id: "4", version, text: "Images", type: "policies", groups: [{ id: "4", text: "Images", checks: images }] },
  ];
}
