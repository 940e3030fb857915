import { growthProblem, madeLines } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { readConfigs } from "./index.ts";

/** Files of each format, by path, and what they are full of. */
const files: readonly (readonly [string, (count: number) => string])[] = [
  ["Dockerfile", (count) => `FROM a:1\n${madeLines(count, (at) => `RUN a${at} \\\n  && b${at}`)}`],
  ["Dockerfile", (count) => madeLines(count, (at) => `FROM a:${at} AS s${at}\nCOPY --from=s${at - 1} /a /b`)],
  [
    "pods.yaml",
    (count) =>
      madeLines(
        count,
        (at) =>
          `---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p${at}\nspec:\n  containers:\n    - name: c\n      image: a:1`,
      ),
  ],
  [
    "list.yaml",
    (count) =>
      `apiVersion: v1\nkind: List\nitems:\n${madeLines(count, (at) => `  - { apiVersion: v1, kind: Pod, metadata: { name: p${at} }, spec: { containers: [{ name: c, image: a }] } }`)}`,
  ],
  [
    "compose.yaml",
    (count) => `services:\n${madeLines(count, (at) => `  s${at}:\n    image: a:${at}\n    depends_on: [s${at - 1}]`)}`,
  ],
  ["main.tf", (count) => madeLines(count, (at) => `resource "aws_s3_bucket" "b${at}" {\n  bucket = "b${at}"\n}`)],
  ["main.tf", (count) => madeLines(count, (at) => `locals {\n  l${at + 1} = local.l${at}\n}`)],
  [
    "template.yaml",
    (count) =>
      `AWSTemplateFormatVersion: "2010-09-09"\nResources:\n${madeLines(count, (at) => `  B${at}:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub "b\${AWS::Region}${at}"`)}`,
  ],
];

test.each(files.map(([path, make], at) => [`${path} (${at})`, path, make] as const))(
  "%s: twice as much is about twice the work",
  async (_, path, make) => {
    const texts = new Map([1, 2, 4].map((times) => [times, make(60 * times)]));

    expect(await growthProblem((times) => readConfigs([{ path, text: texts.get(times) ?? "" }]))).toBeUndefined();
  },
);

test("as many files of one directory: twice as many are about twice the work", async () => {
  const made = new Map(
    [1, 2, 4].map((times) => [
      times,
      Array.from({ length: 60 * times }, (_, at) => ({
        path: `infra/f${at}.tf`,
        text: `resource "aws_s3_bucket" "b${at}" {\n  bucket = aws_s3_bucket.b${at - 1}.id\n}`,
      })),
    ]),
  );

  expect(await growthProblem((times) => readConfigs(made.get(times) ?? []))).toBeUndefined();
});
