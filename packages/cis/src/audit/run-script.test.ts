import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { controlPlane } from "../fixtures/recorded-nodes.ts";
import { snapshotFacts } from "../facts/snapshot.ts";
import { parseScript } from "./parse-script.ts";
import { runAudit } from "./run-script.ts";
import { UnsupportedAudit } from "./unsupported.ts";

const facts = snapshotFacts(controlPlane);

describe("audit lines", () => {
  test.each([
    [
      "if test -e /etc/kubernetes/admin.conf; then stat -c permissions=%a /etc/kubernetes/admin.conf; fi",
      "permissions=600\n",
      0,
    ],
    [
      "/bin/sh -c 'if test -e /nowhere; then stat -c %U:%G /nowhere; else echo \"File not found\"; fi'",
      "File not found\n",
      0,
    ],
    ["stat -c %a /nowhere", "stat: cannot statx '/nowhere': No such file or directory\n", 1],
    ["stat -c %a /nowhere 2>/dev/null", "", 1],
    [
      "find /etc/kubernetes/pki/ -name '*.crt' | xargs stat -c 'permissions=%a %n'",
      "permissions=644 /etc/kubernetes/pki/ca.crt\n",
      0,
    ],
    ["stat -c %a /etc/kubernetes/pki/*.key", "600\n", 0],
    [
      "find /etc/kubernetes/manifests -type f ! -name 'kube-*' -exec stat -c '%a %n' {} \\;",
      "600 /etc/kubernetes/manifests/etcd.yaml\n",
      0,
    ],
    ["ps -ef | grep etcd | grep -- --data-dir | sed 's%.*data-dir[= ]\\([^ ]*\\).*%\\1%'", "/var/lib/etcd\n", 0],
    ["ps -C etcd -o pid= | tr -d ' '", "1300\n", 0],
    ['X=$(ps -ef | grep kubelet | grep -- --none= | uniq); if test -z $X; then X=/a; fi; echo "$X"', "/a\n", 0],
    ["for d in a 'b c' $(echo d e); do echo \"<$d>\"; done", "<a>\n<b c>\n<d>\n<e>\n", 0],
    ["printf 'x 1 2\\ny\\n' | while read -r a rest; do echo \"$rest|$a\"; done", "1 2|x\n|y\n", 0],
    ["! false && echo yes || echo no", "yes\n", 0],
    ["grep -q nothing /var/lib/kubelet/config.yaml; echo $?", "1\n", 0],
    ["grep -A1 'providers:' /etc/kubernetes/encryption.yaml | tail -n1", "  - aescbc:\n", 0],
    ["grep -E 'cacheTTL|readOnly' /var/lib/kubelet/config.yaml | wc -l", "2\n", 0],
    ["echo ' - aescbc:' | grep -o '[A-Za-z]*' | sed 's/^/provider=/'", "provider=aescbc\n", 0],
    ["echo aXbX | sed -e 's/X/[&]/g' -e 's/b*$/./'", "a[X]b[X].\n", 0],
    ["echo a,b,c | cut -d, -f2-", "b,c\n", 0],
    ["echo '--x=1 --y=2' | awk -F '--y=' '{print $2}' | awk '{print $1}'", "2\n", 0],
    ["v='a,b,'; v=${v%,}; echo \"$v\" ${none:-default}", "a,b default\n", 0],
    ['if [[ "a" != "b" && ( "c" == "c" || "d" == "e" ) ]]; then echo in; fi', "in\n", 0],
    ["echo '{\"a\":[1,2]}' | jq -r '.a[] | select(. > 1) | \"n=\\(.)\"'", "n=2\n", 0],
    ["echo '{\"a\":' | jq -r '.a' 2>/dev/null", "", 2],
    ["echo '{\"a\":1} {\"a\":2}' | jq -r '.a'", "1\n2\n", 0],
    ["echo `echo nested` # comment", "nested\n", 0],
    ["exit 3; echo never", "", 3],
    ["journalctl -m -u k3s | grep 'Running kube-apiserver' | tail -n1", "", 0],
  ])("%s", async (audit, output, exitCode) => {
    expect(await runAudit(audit, facts)).toEqual({ output, exitCode, incomplete: false });
  });

  test.each([
    ["openssl x509 -in /x", "command openssl"],
    ["rm -rf /", "command rm"],
    ["echo x > /etc/passwd", "redirection"],
    ["cat < /etc/passwd", "redirection"],
    ["sleep 5 &", "background command"],
    ["f() { echo; }; f", "shell function"],
    ["echo $((1+1))", "shell arithmetic"],
    ["case x in x) echo;; esac", "shell case"],
    ["curl http://example.org | sh", "command curl"],
    ["cat /etc/kubernetes/pki/ca.key", "unknown content"],
    ["oc get pod $HOSTNAME_OF_NOBODY -o json --raw /x", "option of kubectl"],
    ["while true; do :; done", "audit takes too many steps"],
    [`a=x; for i in ${"1 ".repeat(40)}; do a=$a$a; done`, "audit makes too long a value"],
    [`a=x; for i in ${"1 ".repeat(40)}; do a+=$a; done`, "audit makes too long a value"],
    [
      "a=x; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do a=$a$a; echo $a; done",
      "audit prints too much",
    ],
    ["journalctl -u unknown", "unknown journal"],
    ["for d in a ) b; do echo; done", "shell syntax"],
    ["for d in a | b; do echo; done", "shell syntax"],
  ])("%s is refused by name", async (audit, shape) => {
    await expect(runAudit(audit, facts, { steps: 50_000, characters: 1 << 20 })).rejects.toMatchObject({ shape });
  });

  test.each(["\v", "\f", "\u00a0", "\u2028"])("%j parts no words, as in a shell", async (blank) => {
    const audit = `echo a${blank}b; for d in x${blank}y; do echo "<$d>"; done`;

    expect(await runAudit(audit, facts, { steps: 50_000, characters: 1 << 20 })).toMatchObject({
      output: `a${blank}b\n<x${blank}y>\n`,
    });
  });

  test("any text is a script or refused by name", () => {
    const piece = fc.constantFrom(
      ..."if then fi for do done while ; | || && & ( ) { } ' \" ` $ $( ${ } \\ # \n > < 2> [[ ]] a =".split(" "),
      "\n",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parseScript(pieces.join(""));
        } catch (error) {
          if (!(error instanceof UnsupportedAudit)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("kubectl", () => {
  test.each([
    [
      "kubectl get pods --all-namespaces -o custom-columns=N:.metadata.name,H:.spec.hostPID --no-headers",
      "web     <none>\nagent   true\n",
    ],
    ["kubectl get serviceaccount -n default default -o json | jq -r .automountServiceAccountToken", "false\n"],
    ["kubectl auth can-i create pods --all-namespaces --as=system:authenticated || true", "no\n"],
    ["kubectl auth can-i create pods --all-namespaces --as=eve", "yes\n"],
    ["kubectl get ns -o name", "namespace/default\nnamespace/kube-system\n"],
    ["kubectl get pods -n default -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'", "web\n"],
  ])("%s", async (audit, output) => {
    expect((await runAudit(audit, facts)).output).toBe(output);
  });
});

test("grep -o prints more parts of a line than a call takes arguments", async () => {
  const { output } = await runAudit(
    `echo ${"a".repeat(1_000)} | sed 's/a/${"a".repeat(130)}/g' | grep -o a | wc -l`,
    facts,
  );

  expect(output.trim()).toBe("130000");
});
