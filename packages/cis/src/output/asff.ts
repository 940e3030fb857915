import { checkOptions, optionIs } from "@plimsoll/model";
import { orderedControls } from "./kube-bench-json.ts";
import type { KubeBenchControls } from "./kube-bench-json.ts";

/** The account, region and cluster that findings for AWS Security Hub must name. */
export interface AsffOptions {
  readonly account: string;
  readonly region: string;
  /** ARN of the cluster. */
  readonly cluster: string;
  readonly nodeName?: string | undefined;
  /** When the benchmark was run, RFC 3339. */
  readonly time: string;
}

/** A finding in Amazon's Security Finding Format, with the members that kube-bench fills. */
export type AsffFinding = Readonly<Record<string, unknown>>;

const type = "Software and Configuration Checks/Industry and Regulatory Standards/CIS Kubernetes Benchmark";

/** Failed checks and warnings as findings for AWS Security Hub, within its length limits. */
export function kubeBenchAsff(controls: readonly KubeBenchControls[], options: AsffOptions): readonly AsffFinding[] {
  checkOptions("kubeBenchAsff", options, {
    account: optionIs.text,
    region: optionIs.text,
    cluster: optionIs.text,
    nodeName: optionIs.text,
    time: optionIs.time,
  });
  const arn = `arn:aws:securityhub:${options.region}::product/aqua-security/kube-bench`;
  return orderedControls(controls).flatMap((each) =>
    each.tests.flatMap((group) =>
      group.results
        .filter(({ status }) => status === "FAIL" || status === "WARN")
        .map((check) => ({
          AwsAccountId: options.account,
          Confidence: 100,
          GeneratorId: `${arn}/cis-kubernetes-benchmark/${each.version}/${check.test_number}`,
          Id: `${arn}${options.account}EKSnodeID+${[check.test_number, options.cluster, options.nodeName ?? ""].filter((part) => part !== "").join("+")}`,
          CreatedAt: options.time,
          Description: check.test_desc,
          ProductArn: arn,
          SchemaVersion: "2018-10-08",
          Title: `${check.test_number} ${check.test_desc}`,
          UpdatedAt: options.time,
          Types: [type],
          Severity: { Label: "HIGH" },
          Remediation: { Recommendation: { Text: shortened(check.remediation, 512) } },
          ProductFields: {
            Reason: shortened(check.reason ?? "", 1024),
            "Actual result": shortened(check.actual_value, 1024),
            "Expected result": check.expected_result,
            Section: `${each.id} ${each.text}`,
            Subsection: `${group.section} ${group.desc}`,
          },
          Resources: [{ Id: options.cluster, Type: type }],
        })),
    ),
  );
}

/** A text that is too long in bytes keeps one byte less than the limit, as kube-bench cuts it. */
function shortened(text: string, limit: number): string {
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= limit ? text : new TextDecoder().decode(bytes.subarray(0, limit - 1)).replace(/\ufffd$/, "");
}
