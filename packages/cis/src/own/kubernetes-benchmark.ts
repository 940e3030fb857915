import { flags, item, manual, mode, modes, noneOf, owner, owners } from "./own-check.ts";
import type { FileRule, FlagSource, OwnCheck } from "./own-check.ts";
import { withAliases } from "./compliance-aliases.ts";
import type { OwnControls } from "./own-benchmark.ts";

/** Published ids of the CIS Kubernetes Benchmark; titles, audits and remediation are our own words. */

const api: FlagSource = { audit: "ps -ef | grep $apiserverbin | grep -v grep" };
const manager: FlagSource = { audit: "ps -ef | grep $controllermanagerbin | grep -v grep" };
const scheduler: FlagSource = { audit: "ps -ef | grep $schedulerbin | grep -v grep" };
const etcd: FlagSource = { audit: "ps -ef | grep $etcdbin | grep -v grep" };
const kubelet: FlagSource = { audit: "ps -fC $kubeletbin", audit_config: "cat $kubeletconf" };
const proxy: FlagSource = { audit: "ps -fC $proxybin", audit_config: "if test -e $proxyconf; then cat $proxyconf; fi" };

const apiManifest = "in the manifest of the API server ($apiserverconf)";

const strongCiphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
].join(",");

const dataDirectory: FileRule = { statedBy: { process: "etcd", flag: "--data-dir" } };
const clientAuthority: FileRule = { scored: false, statedBy: { process: "kubelet", flag: "--client-ca-file" } };

/** The value of a kubelet's setting, by its flag and its path in the configuration file. */
function setting(flag: string, path: string, op?: string, value = "") {
  return item(flag, op, value, { path: `{${path}}` });
}

function unset(flag: string, path?: string) {
  return { flag, set: false, ...(path === undefined ? {} : { path: `{${path}}` }) };
}

const files: readonly OwnCheck[] = [
  mode("1.1.1", "the API server's manifest", "$apiserverconf", "600"),
  owner("1.1.2", "The API server's manifest", "$apiserverconf"),
  mode("1.1.3", "the controller manager's manifest", "$controllermanagerconf", "600"),
  owner("1.1.4", "The controller manager's manifest", "$controllermanagerconf"),
  mode("1.1.5", "the scheduler's manifest", "$schedulerconf", "600"),
  owner("1.1.6", "The scheduler's manifest", "$schedulerconf"),
  mode("1.1.7", "etcd's manifest", "$etcdconf", "600"),
  owner("1.1.8", "etcd's manifest", "$etcdconf"),
  modes("1.1.9", "network interface configurations", "find /etc/cni/net.d /var/lib/cni/networks -type f", "600", false),
  owners(
    "1.1.10",
    "Network interface configurations",
    "find /etc/cni/net.d /var/lib/cni/networks -type f",
    "root:root",
    false,
  ),
  mode("1.1.11", "etcd's data directory", "$etcddatadir", "700", dataDirectory),
  owner("1.1.12", "etcd's data directory", "$etcddatadir", "etcd:etcd", dataDirectory),
  modes("1.1.13", "the administrator's credentials", "find /etc/kubernetes -maxdepth 1 -name '*admin.conf'", "600"),
  owners("1.1.14", "The administrator's credentials", "find /etc/kubernetes -maxdepth 1 -name '*admin.conf'"),
  mode("1.1.15", "the scheduler's kubeconfig", "$schedulerkubeconfig", "600"),
  owner("1.1.16", "The scheduler's kubeconfig", "$schedulerkubeconfig"),
  mode("1.1.17", "the controller manager's kubeconfig", "$controllermanagerkubeconfig", "600"),
  owner("1.1.18", "The controller manager's kubeconfig", "$controllermanagerkubeconfig"),
  owners("1.1.19", "Certificates and keys of the cluster, and their folders,", "find /etc/kubernetes/pki"),
  modes("1.1.20", "certificates of the cluster", "find /etc/kubernetes/pki -name '*.crt'", "644", false),
  modes("1.1.21", "keys of the cluster", "find /etc/kubernetes/pki -name '*.key'", "600", false),
];

const apiServer: readonly OwnCheck[] = [
  flags(
    api,
    "1.2.1",
    "The API server takes no anonymous requests",
    [item("--anonymous-auth", "eq", "false")],
    `Set --anonymous-auth=false ${apiManifest}.`,
    { scored: false },
  ),
  flags(
    api,
    "1.2.2",
    "No file with static tokens is used",
    [unset("--token-auth-file")],
    `Remove --token-auth-file ${apiManifest}, and give users another way to log in.`,
  ),
  flags(
    api,
    "1.2.3",
    "Services may not claim external addresses",
    [item("--enable-admission-plugins", "has", "DenyServiceExternalIPs")],
    `Add DenyServiceExternalIPs to --enable-admission-plugins ${apiManifest}.`,
    { scored: false },
  ),
  flags(
    api,
    "1.2.4",
    "The API server shows kubelets a client certificate",
    [item("--kubelet-client-certificate"), item("--kubelet-client-key")],
    `Set --kubelet-client-certificate and --kubelet-client-key ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.5",
    "The API server verifies the certificates of kubelets",
    [item("--kubelet-certificate-authority")],
    `Set --kubelet-certificate-authority ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.6",
    "Not every request is allowed",
    [item("--authorization-mode", "nothave", "AlwaysAllow")],
    `Set --authorization-mode=Node,RBAC ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.7",
    "Nodes may only reach what is theirs",
    [item("--authorization-mode", "has", "Node")],
    `Add Node to --authorization-mode ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.8",
    "Rights are given by roles",
    [item("--authorization-mode", "has", "RBAC")],
    `Add RBAC to --authorization-mode ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.9",
    "Floods of events are limited",
    [item("--enable-admission-plugins", "has", "EventRateLimit")],
    `Add EventRateLimit to --enable-admission-plugins ${apiManifest}, with its limits in --admission-control-config-file.`,
    { scored: false },
  ),
  flags(
    api,
    "1.2.10",
    "No admission plugin lets everything pass",
    [item("--enable-admission-plugins", "nothave", "AlwaysAdmit"), unset("--enable-admission-plugins")],
    `Remove AlwaysAdmit from --enable-admission-plugins ${apiManifest}.`,
    { any: true },
  ),
  flags(
    api,
    "1.2.11",
    "Images are pulled with the credentials of each pod",
    [item("--enable-admission-plugins", "has", "AlwaysPullImages")],
    `Add AlwaysPullImages to --enable-admission-plugins ${apiManifest}.`,
    { scored: false },
  ),
  flags(
    api,
    "1.2.12",
    "Pods get a service account",
    [item("--disable-admission-plugins", "nothave", "ServiceAccount"), unset("--disable-admission-plugins")],
    `Remove ServiceAccount from --disable-admission-plugins ${apiManifest}.`,
    { any: true },
  ),
  flags(
    api,
    "1.2.13",
    "Nothing is made in namespaces that are being removed",
    [item("--disable-admission-plugins", "nothave", "NamespaceLifecycle"), unset("--disable-admission-plugins")],
    `Remove NamespaceLifecycle from --disable-admission-plugins ${apiManifest}.`,
    { any: true },
  ),
  flags(
    api,
    "1.2.14",
    "Kubelets may only change their own node and its pods",
    [item("--enable-admission-plugins", "has", "NodeRestriction")],
    `Add NodeRestriction to --enable-admission-plugins ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.15",
    "The API server offers no profiles",
    [item("--profiling", "eq", "false")],
    `Set --profiling=false ${apiManifest}.`,
  ),
  flags(api, "1.2.16", "An audit log is written", [item("--audit-log-path")], `Set --audit-log-path ${apiManifest}.`),
  flags(
    api,
    "1.2.17",
    "The audit log is kept for 30 days or longer",
    [item("--audit-log-maxage", "gte", "30")],
    `Set --audit-log-maxage=30 ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.18",
    "10 or more old audit logs are kept",
    [item("--audit-log-maxbackup", "gte", "10")],
    `Set --audit-log-maxbackup=10 ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.19",
    "An audit log may have 100 megabytes or more",
    [item("--audit-log-maxsize", "gte", "100")],
    `Set --audit-log-maxsize=100 ${apiManifest}.`,
  ),
  manual(
    "1.2.20",
    "Requests end within a time that suits the cluster",
    `Set --request-timeout ${apiManifest} only where the default of a minute does not suit.`,
  ),
  flags(
    api,
    "1.2.21",
    "Tokens of removed service accounts are refused",
    [unset("--service-account-lookup"), item("--service-account-lookup", "eq", "true")],
    `Set --service-account-lookup=true ${apiManifest}.`,
    { any: true },
  ),
  flags(
    api,
    "1.2.22",
    "Tokens of service accounts are verified with a key of their own",
    [item("--service-account-key-file")],
    `Set --service-account-key-file ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.23",
    "The API server shows etcd a client certificate",
    [item("--etcd-certfile"), item("--etcd-keyfile")],
    `Set --etcd-certfile and --etcd-keyfile ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.24",
    "The API server is served over TLS",
    [item("--tls-cert-file"), item("--tls-private-key-file")],
    `Set --tls-cert-file and --tls-private-key-file ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.25",
    "Client certificates are verified with an authority",
    [item("--client-ca-file")],
    `Set --client-ca-file ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.26",
    "The certificate of etcd is verified",
    [item("--etcd-cafile")],
    `Set --etcd-cafile ${apiManifest}.`,
  ),
  flags(
    api,
    "1.2.27",
    "Secrets are encrypted in etcd",
    [item("--encryption-provider-config")],
    `Write an EncryptionConfiguration and set --encryption-provider-config ${apiManifest}.`,
    { scored: false },
  ),
  {
    id: "1.2.28",
    text: "The first encryption provider really encrypts",
    remediation: "Name aescbc, kms or secretbox first among the providers of the EncryptionConfiguration.",
    scored: false,
    audit:
      "FILE=$(ps -ef | grep $apiserverbin | grep -- --encryption-provider-config | sed 's%.*encryption-provider-config[= ]\\([^ ]*\\).*%\\1%'); if test -n \"$FILE\" && test -e \"$FILE\"; then grep -A1 'providers:' \"$FILE\" | sed 's/^[ -]*/provider=/' | tail -n1 | tr -d ':'; else echo provider=none; fi",
    tests: { bin_op: "and", test_items: [item("provider", "valid_elements", "aescbc,kms,secretbox")] },
  },
  flags(
    api,
    "1.2.29",
    "The API server offers strong ciphers only",
    [item("--tls-cipher-suites", "valid_elements", strongCiphers)],
    `Set --tls-cipher-suites to strong ones ${apiManifest}.`,
    { scored: false },
  ),
  flags(
    api,
    "1.2.30",
    "Tokens of service accounts are not extended",
    [item("--service-account-extend-token-expiration", "eq", "false")],
    `Set --service-account-extend-token-expiration=false ${apiManifest}.`,
  ),
];

const controllerManager: readonly OwnCheck[] = [
  flags(
    manager,
    "1.3.1",
    "Pods that ended are removed in time",
    [item("--terminated-pod-gc-threshold")],
    "Set --terminated-pod-gc-threshold in $controllermanagerconf.",
    { scored: false },
  ),
  flags(
    manager,
    "1.3.2",
    "The controller manager offers no profiles",
    [item("--profiling", "eq", "false")],
    "Set --profiling=false in $controllermanagerconf.",
  ),
  flags(
    manager,
    "1.3.3",
    "Each controller has an account of its own",
    [item("--use-service-account-credentials", "noteq", "false")],
    "Set --use-service-account-credentials=true in $controllermanagerconf.",
  ),
  flags(
    manager,
    "1.3.4",
    "Tokens of service accounts are signed with a key of their own",
    [item("--service-account-private-key-file")],
    "Set --service-account-private-key-file in $controllermanagerconf.",
  ),
  flags(
    manager,
    "1.3.5",
    "Pods can verify the API server",
    [item("--root-ca-file")],
    "Set --root-ca-file in $controllermanagerconf.",
  ),
  flags(
    manager,
    "1.3.6",
    "Server certificates of kubelets are renewed",
    [item("--feature-gates", "nothave", "RotateKubeletServerCertificate=false"), unset("--feature-gates")],
    "Do not turn RotateKubeletServerCertificate off in --feature-gates in $controllermanagerconf.",
    { any: true },
  ),
  flags(
    manager,
    "1.3.7",
    "The controller manager listens on loopback only",
    [item("--bind-address", "eq", "127.0.0.1"), unset("--bind-address")],
    "Set --bind-address=127.0.0.1 in $controllermanagerconf.",
    { any: true },
  ),
];

const schedulerChecks: readonly OwnCheck[] = [
  flags(
    scheduler,
    "1.4.1",
    "The scheduler offers no profiles",
    [item("--profiling", "eq", "false")],
    "Set --profiling=false in $schedulerconf.",
  ),
  flags(
    scheduler,
    "1.4.2",
    "The scheduler listens on loopback only",
    [item("--bind-address", "eq", "127.0.0.1"), unset("--bind-address")],
    "Set --bind-address=127.0.0.1 in $schedulerconf.",
    { any: true },
  ),
];

const named = (flag: string, env: string, op?: string, value = "") => item(flag, op, value, { env });

const etcdChecks: readonly OwnCheck[] = [
  flags(
    etcd,
    "2.1",
    "etcd is served over TLS",
    [named("--cert-file", "ETCD_CERT_FILE"), named("--key-file", "ETCD_KEY_FILE")],
    "Set --cert-file and --key-file in $etcdconf.",
  ),
  flags(
    etcd,
    "2.2",
    "Clients of etcd show a certificate",
    [named("--client-cert-auth", "ETCD_CLIENT_CERT_AUTH", "eq", "true")],
    "Set --client-cert-auth=true in $etcdconf.",
  ),
  flags(
    etcd,
    "2.3",
    "etcd makes no certificates of its own for clients",
    [{ ...unset("--auto-tls"), env: "ETCD_AUTO_TLS" }, named("--auto-tls", "ETCD_AUTO_TLS", "eq", "false")],
    "Remove --auto-tls in $etcdconf, or set it to false.",
    { any: true },
  ),
  flags(
    etcd,
    "2.4",
    "Peers of etcd talk over TLS",
    [named("--peer-cert-file", "ETCD_PEER_CERT_FILE"), named("--peer-key-file", "ETCD_PEER_KEY_FILE")],
    "Set --peer-cert-file and --peer-key-file in $etcdconf.",
  ),
  flags(
    etcd,
    "2.5",
    "Peers of etcd show a certificate",
    [named("--peer-client-cert-auth", "ETCD_PEER_CLIENT_CERT_AUTH", "eq", "true")],
    "Set --peer-client-cert-auth=true in $etcdconf.",
  ),
  flags(
    etcd,
    "2.6",
    "etcd makes no certificates of its own for peers",
    [
      { ...unset("--peer-auto-tls"), env: "ETCD_PEER_AUTO_TLS" },
      named("--peer-auto-tls", "ETCD_PEER_AUTO_TLS", "eq", "false"),
    ],
    "Remove --peer-auto-tls in $etcdconf, or set it to false.",
    { any: true },
  ),
  flags(
    etcd,
    "2.7",
    "etcd has a certificate authority of its own",
    [named("--trusted-ca-file", "ETCD_TRUSTED_CA_FILE")],
    "Issue etcd's certificates by another authority than the cluster's, and set --trusted-ca-file in $etcdconf.",
    { scored: false },
  ),
];

const controlPlaneChecks: readonly OwnCheck[] = [
  manual(
    "3.1.1",
    "People do not log in with client certificates",
    "Client certificates cannot be withdrawn: let people log in through OpenID Connect.",
  ),
  manual("3.1.2", "People do not log in with tokens of service accounts", "Let people log in through OpenID Connect."),
  manual("3.1.3", "People do not log in with bootstrap tokens", "Let people log in through OpenID Connect."),
  flags(
    api,
    "3.2.1",
    "There is an audit policy",
    [item("--audit-policy-file")],
    `Write an audit policy and set --audit-policy-file ${apiManifest}.`,
    { scored: false },
  ),
  manual(
    "3.2.2",
    "The audit policy covers what matters",
    "Log access to secrets, config maps and token reviews, changes of pods and deployments, and the use of exec, port-forward and proxy.",
  ),
];

const kubeletFiles: readonly OwnCheck[] = [
  mode("4.1.1", "the kubelet's unit", "$kubeletsvc", "600"),
  // A kubelet that another program starts has no unit.
  owner("4.1.2", "The kubelet's unit", "$kubeletsvc", "root:root", { mayBeAbsent: true }),
  mode("4.1.3", "the proxy's kubeconfig", "$proxykubeconfig", "600", { scored: false }),
  owner("4.1.4", "The proxy's kubeconfig", "$proxykubeconfig", "root:root", { scored: false }),
  mode("4.1.5", "the kubelet's kubeconfig", "$kubeletkubeconfig", "600"),
  owner("4.1.6", "The kubelet's kubeconfig", "$kubeletkubeconfig"),
  mode("4.1.7", "the authority of client certificates", "$kubeletcafile", "644", clientAuthority),
  owner("4.1.8", "The authority of client certificates", "$kubeletcafile", "root:root", clientAuthority),
  mode("4.1.9", "the kubelet's configuration", "$kubeletconf", "600"),
  owner("4.1.10", "The kubelet's configuration", "$kubeletconf"),
];

const either = { any: true, scored: false } as const;

function kubeletChecks(addresses: boolean): readonly OwnCheck[] {
  return [
    flags(
      kubelet,
      "4.2.1",
      "The kubelet takes no anonymous requests",
      [setting("--anonymous-auth", ".authentication.anonymous.enabled", "eq", "false")],
      "Set authentication.anonymous.enabled to false in $kubeletconf.",
    ),
    flags(
      kubelet,
      "4.2.2",
      "The kubelet does not allow every request",
      [setting("--authorization-mode", ".authorization.mode", "nothave", "AlwaysAllow")],
      "Set authorization.mode to Webhook in $kubeletconf.",
    ),
    flags(
      kubelet,
      "4.2.3",
      "The kubelet verifies client certificates",
      [setting("--client-ca-file", ".authentication.x509.clientCAFile")],
      "Set authentication.x509.clientCAFile in $kubeletconf.",
    ),
    flags(
      kubelet,
      "4.2.4",
      "The kubelet has no read-only port",
      [setting("--read-only-port", ".readOnlyPort", "eq", "0"), unset("--read-only-port", ".readOnlyPort")],
      "Set readOnlyPort to 0 in $kubeletconf.",
      either,
    ),
    flags(
      kubelet,
      "4.2.5",
      "Idle connections end",
      [
        setting("--streaming-connection-idle-timeout", ".streamingConnectionIdleTimeout", "noteq", "0"),
        unset("--streaming-connection-idle-timeout", ".streamingConnectionIdleTimeout"),
      ],
      "Set streamingConnectionIdleTimeout to a time in $kubeletconf.",
      either,
    ),
    flags(
      kubelet,
      "4.2.6",
      "The kubelet keeps its rules of iptables",
      [
        setting("--make-iptables-util-chains", ".makeIPTablesUtilChains", "eq", "true"),
        unset("--make-iptables-util-chains", ".makeIPTablesUtilChains"),
      ],
      "Set makeIPTablesUtilChains to true in $kubeletconf.",
      { any: true },
    ),
    flags(
      { audit: kubelet.audit },
      "4.2.7",
      "The node keeps its own name",
      [unset("--hostname-override")],
      "Remove --hostname-override from $kubeletsvc.",
      { scored: false },
    ),
    flags(
      kubelet,
      "4.2.8",
      "Events are recorded as fast as they are needed",
      [setting("--event-qps", ".eventRecordQPS", "gte", "0"), unset("--event-qps", ".eventRecordQPS")],
      "Set eventRecordQPS in $kubeletconf.",
      either,
    ),
    flags(
      kubelet,
      "4.2.9",
      "The kubelet is served with a certificate of the cluster",
      [setting("--tls-cert-file", ".tlsCertFile"), setting("--tls-private-key-file", ".tlsPrivateKeyFile")],
      "Set tlsCertFile and tlsPrivateKeyFile, or serverTLSBootstrap, in $kubeletconf.",
      { scored: false },
    ),
    flags(
      kubelet,
      "4.2.10",
      "The kubelet renews its client certificate",
      [
        setting("--rotate-certificates", ".rotateCertificates", "eq", "true"),
        unset("--rotate-certificates", ".rotateCertificates"),
      ],
      "Set rotateCertificates to true in $kubeletconf.",
      { any: true },
    ),
    flags(
      kubelet,
      "4.2.11",
      "The kubelet renews its server certificate",
      [
        setting("RotateKubeletServerCertificate", ".featureGates.RotateKubeletServerCertificate", "nothave", "false"),
        unset("RotateKubeletServerCertificate", ".featureGates.RotateKubeletServerCertificate"),
      ],
      "Do not turn the feature gate RotateKubeletServerCertificate off in $kubeletconf.",
      either,
    ),
    flags(
      kubelet,
      "4.2.12",
      "The kubelet offers strong ciphers only",
      [
        item("--tls-cipher-suites", "valid_elements", strongCiphers, {
          path: "{range .tlsCipherSuites[:]}{}{','}{end}",
        }),
      ],
      "Set tlsCipherSuites to strong ones in $kubeletconf.",
      { scored: false },
    ),
    flags(
      kubelet,
      "4.2.13",
      "Pods may only start so many processes",
      [setting("--pod-max-pids", ".podPidsLimit")],
      "Set podPidsLimit in $kubeletconf.",
      { scored: false },
    ),
    flags(
      kubelet,
      "4.2.14",
      "Containers get the default seccomp profile",
      [setting("--seccomp-default", ".seccompDefault", "eq", "true")],
      "Set seccompDefault to true in $kubeletconf.",
      { scored: false },
    ),
    ...(addresses
      ? [
          flags(
            { audit: "if test -e $kubeletsvc; then cat $kubeletsvc; fi" },
            "4.2.15",
            "The kubelet's unit only takes connections that it names",
            [item("IPAddressDeny", "has", "any")],
            "Set IPAddressDeny=any and IPAddressAllow in $kubeletsvc.",
            { scored: false },
          ),
        ]
      : []),
  ];
}

const proxyChecks: readonly OwnCheck[] = [
  flags(
    proxy,
    "4.3.1",
    "The proxy's metrics are on loopback only",
    [
      setting("--metrics-bind-address", ".metricsBindAddress", "has", "127.0.0.1"),
      unset("--metrics-bind-address", ".metricsBindAddress"),
    ],
    "Set metricsBindAddress to 127.0.0.1:10249 in the proxy's configuration.",
    { any: true },
  ),
];

const everyRole = "roles,clusterroles";

const accounts: readonly OwnCheck[] = [
  noneOf(
    "5.1.1",
    "Nobody but the group of administrators has the role cluster-admin",
    "clusterrolebindings",
    '.roleRef.name == "cluster-admin" and .metadata.name != "cluster-admin"',
    "Bind smaller roles, and remove these bindings.",
  ),
  {
    id: "5.1.2",
    text: "Not everybody who is logged in may read secrets",
    remediation: "Take get, list and watch of secrets out of roles that are bound to system:authenticated.",
    scored: false,
    audit:
      'for verb in get list watch; do echo "$verb=$(kubectl auth can-i $verb secrets --all-namespaces --as=system:authenticated)"; done',
    tests: { bin_op: "and", test_items: ["get", "list", "watch"].map((verb) => item(verb, "eq", "no")) },
  },
  noneOf(
    "5.1.3",
    "Roles name what they allow, without wildcards",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and .metadata.name != "cluster-admin" and any(.rules[]?; (.verbs[]? == "*") or (.resources[]? == "*") or (.apiGroups[]? == "*"))',
    "Name verbs, resources and groups.",
  ),
  noneOf(
    "5.1.4",
    "Few roles may create pods",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and .metadata.name != "cluster-admin" and .metadata.name != "admin" and .metadata.name != "edit" and any(.rules[]?; (.resources[]? == "pods") and (.verbs[]? == "create"))',
    "Take create of pods out of roles that do not need it.",
  ),
  noneOf(
    "5.1.5",
    "Default service accounts give no token away",
    "serviceaccounts",
    '.metadata.name == "default" and .automountServiceAccountToken != false',
    "Set automountServiceAccountToken: false on the account default of every namespace.",
  ),
  noneOf(
    "5.1.6",
    "Pods get a token only when they say so",
    "pods",
    ".spec.automountServiceAccountToken != false",
    "Set automountServiceAccountToken: false on pods that do not talk to the API server.",
  ),
  noneOf(
    "5.1.7",
    "Nobody is bound to the group system:masters",
    "clusterrolebindings",
    '.metadata.name != "cluster-admin" and any(.subjects[]?; .name == "system:masters")',
    "Members of system:masters pass every check: use other groups.",
  ),
  noneOf(
    "5.1.8",
    "Few roles may bind, impersonate or escalate",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and any(.rules[]?; (.verbs[]? == "bind") or (.verbs[]? == "impersonate") or (.verbs[]? == "escalate"))',
    "Take these verbs out of roles that do not need them.",
  ),
  noneOf(
    "5.1.9",
    "Few roles may create persistent volumes",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and any(.rules[]?; (.resources[]? == "persistentvolumes") and (.verbs[]? == "create"))',
    "Take create of persistentvolumes out of roles that do not need it.",
  ),
  noneOf(
    "5.1.10",
    "Few roles may reach the proxy of nodes",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and any(.rules[]?; .resources[]? == "nodes/proxy")',
    "Take nodes/proxy out of roles that do not need it.",
  ),
  noneOf(
    "5.1.11",
    "Few roles may approve certificates",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and any(.rules[]?; .resources[]? == "certificatesigningrequests/approval")',
    "Take certificatesigningrequests/approval out of roles that do not need it.",
  ),
  noneOf(
    "5.1.12",
    "Few roles may change webhooks",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and any(.rules[]?; (.resources[]? == "validatingwebhookconfigurations") or (.resources[]? == "mutatingwebhookconfigurations"))',
    "Take webhook configurations out of roles that do not need them.",
  ),
  noneOf(
    "5.1.13",
    "Few roles may make tokens of service accounts",
    everyRole,
    '(.metadata.name | startswith("system:") | not) and any(.rules[]?; .resources[]? == "serviceaccounts/token")',
    "Take serviceaccounts/token out of roles that do not need it.",
  ),
];

/** Whether any container of a pod, init containers too, is so. */
function container(condition: string): string {
  return `any((.spec.containers[]?, .spec.initContainers[]?); ${condition})`;
}

const byStandard = "Enforce the Pod Security Standards with labels on namespaces, or with another admission policy.";

function podChecks(withAssigned: boolean): readonly OwnCheck[] {
  const rows: readonly (readonly [text: string, filter: string | undefined])[] = [
    ["Pods are kept to a standard when they are admitted", undefined],
    ["No container is privileged", container(".securityContext.privileged == true")],
    ["No pod sees the processes of its host", ".spec.hostPID == true"],
    ["No pod shares memory with its host", ".spec.hostIPC == true"],
    ["No pod uses the network of its host", ".spec.hostNetwork == true"],
    ["No container may gain privileges", container(".securityContext.allowPrivilegeEscalation != false")],
    [
      "No container runs as root",
      container(".securityContext.runAsNonRoot != true and .securityContext.runAsUser == 0"),
    ],
    [
      "No container has the capability NET_RAW",
      container('((.securityContext.capabilities.drop // []) | (index("ALL") == null and index("NET_RAW") == null))'),
    ],
    ...(withAssigned
      ? ([
          ["No container adds capabilities", container("((.securityContext.capabilities.add // []) | length) > 0")],
        ] as const)
      : []),
    [
      "Containers drop the capabilities that they do not need",
      container('((.securityContext.capabilities.drop // []) | index("ALL")) == null'),
    ],
    ["No Windows container is a process of its host", container(".securityContext.windowsOptions.hostProcess == true")],
    ["No pod mounts folders of its host", "any(.spec.volumes[]?; .hostPath != null)"],
    ["No container takes ports of its host", container("any(.ports[]?; .hostPort != null and .hostPort != 0)")],
  ];
  return rows.map(([text, filter], index) => {
    const id = `5.2.${index + 1}`;
    return filter === undefined ? manual(id, text, byStandard) : noneOf(id, text, "pods", filter, byStandard);
  });
}

const policies: readonly OwnCheck[] = [
  manual("5.3.1", "The network plugin knows network policies", "Choose a plugin that enforces NetworkPolicy."),
  {
    id: "5.3.2",
    text: "Every namespace has a network policy",
    remediation: "Write a policy for each namespace, beginning with one that denies everything.",
    scored: false,
    audit:
      "for ns in $(kubectl get namespaces -o json | jq -r '.items[].metadata.name | select(startswith(\"kube-\") | not)'); do echo \"policies=$(kubectl get networkpolicies -n $ns -o json | jq '.items | length')\"; done",
    use_multiple_values: true,
    tests: { bin_op: "and", test_items: [item("policies", "gte", "1")] },
  },
  noneOf(
    "5.4.1",
    "Secrets are mounted as files, not given as variables",
    "pods",
    container("any(.env[]?; .valueFrom.secretKeyRef != null) or any(.envFrom[]?; .secretRef != null)"),
    "Mount secrets as volumes.",
  ),
  manual(
    "5.4.2",
    "Secrets are kept outside of the cluster",
    "Consider a store of secrets with access control and rotation of its own.",
  ),
  manual("5.5.1", "Only images of known origin are run", "Verify signatures when pods are admitted."),
  manual("5.6.1", "Namespaces separate what is administered apart", "Give each team and application its namespaces."),
  noneOf(
    "5.6.2",
    "Pods have a seccomp profile",
    "pods",
    `(.spec.securityContext.seccompProfile.type == null) and ${container(".securityContext.seccompProfile.type == null")}`,
    "Set securityContext.seccompProfile.type to RuntimeDefault.",
  ),
  noneOf(
    "5.6.3",
    "Pods and containers have a security context",
    "pods",
    `((.spec.securityContext // {}) == {}) and ${container("(.securityContext // {}) == {}")}`,
    "Write a security context for each.",
  ),
  {
    id: "5.6.4",
    text: "The namespace default is not used",
    remediation: "Make namespaces for what runs, and move it there.",
    scored: false,
    audit: "echo \"objects=$(kubectl get pods -n default -o json | jq '.items | length')\"",
    tests: { bin_op: "and", test_items: [item("objects", "eq", "0")] },
  },
];

/** The benchmark for 1.29 to 1.31 (`older`), and for 1.32 to 1.34. */
export function kubernetesControls(version: string, older: boolean): readonly OwnControls[] {
  return [
    {
      id: "1",
      version,
      text: "Control plane",
      type: "master",
      groups: [
        { id: "1.1", text: "Files of the control plane", checks: files.map(withAliases) },
        { id: "1.2", text: "API server", checks: apiServer },
        { id: "1.3", text: "Controller manager", checks: controllerManager },
        { id: "1.4", text: "Scheduler", checks: schedulerChecks },
      ],
    },
    { id: "2", version, text: "etcd", type: "etcd", groups: [{ id: "2", text: "etcd", checks: etcdChecks }] },
    {
      id: "3",
      version,
      text: "Users and logs",
      type: "controlplane",
      groups: [
        {
          id: "3.1",
          text: "Who logs in, and how",
          checks: controlPlaneChecks.filter(({ id }) => id.startsWith("3.1")),
        },
        { id: "3.2", text: "Audit log", checks: controlPlaneChecks.filter(({ id }) => id.startsWith("3.2")) },
      ],
    },
    {
      id: "4",
      version,
      text: "Nodes",
      type: "node",
      groups: [
        { id: "4.1", text: "Files of a node", checks: kubeletFiles.map(withAliases) },
        { id: "4.2", text: "Kubelet", checks: kubeletChecks(older).map(withAliases) },
        { id: "4.3", text: "Proxy", checks: proxyChecks },
      ],
    },
    {
      id: "5",
      version,
      text: "Policies",
      type: "policies",
      groups: [
        { id: "5.1", text: "Roles and service accounts", checks: accounts },
        { id: "5.2", text: "Pods", checks: podChecks(older) },
        { id: "5.3", text: "Networks", checks: policies.filter(({ id }) => id.startsWith("5.3")) },
        { id: "5.4", text: "Secrets", checks: policies.filter(({ id }) => id.startsWith("5.4")) },
        { id: "5.5", text: "Images", checks: policies.filter(({ id }) => id.startsWith("5.5")) },
        { id: "5.6", text: "Namespaces", checks: policies.filter(({ id }) => id.startsWith("5.6")) },
      ],
    },
  ];
}

/** The settings of a kubelet with the numbers of the benchmark for 1.22 and 1.23, where one more stands among them. */
function olderKubeletChecks(): readonly OwnCheck[] {
  const kernel = flags(
    kubelet,
    "4.2.6",
    "The kubelet keeps the kernel's settings",
    [setting("--protect-kernel-defaults", ".protectKernelDefaults", "eq", "true")],
    "Set protectKernelDefaults to true in $kubeletconf.",
  );
  const known = kubeletChecks(false).slice(0, 12);
  return [...known.slice(0, 5), kernel, ...known.slice(5)].map((check, index) => ({
    ...check,
    id: `4.2.${index + 1}`,
  }));
}

/** The 44 controls of the compliance specification k8s-cis-1.23 that are about nodes. */
export function complianceControls(version: string): readonly OwnControls[] {
  const [master] = kubernetesControls(version, false);
  return [
    { id: "1", version, text: "Control plane", type: "master", groups: master?.groups.slice(0, 1) ?? [] },
    {
      id: "4",
      version,
      text: "Nodes",
      type: "node",
      groups: [
        { id: "4.1", text: "Files of a node", checks: kubeletFiles.map(withAliases) },
        { id: "4.2", text: "Kubelet", checks: olderKubeletChecks().map(withAliases) },
      ],
    },
  ];
}
