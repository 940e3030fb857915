import type { CvssVersion } from "./vector.ts";

/** One metric of one CVSS version: what may be written for it. */
export interface MetricRule {
  readonly name: string;
  readonly values: readonly string[];
  readonly group: "base" | "temporal" | "environmental" | "supplemental";
  /** A vector without it is not a vector. */
  readonly required: boolean;
}

function rules(group: MetricRule["group"], text: string): readonly MetricRule[] {
  return text
    .trim()
    .split(/\s+/)
    .map((rule) => {
      const [name = "", values = ""] = rule.split("=");
      return { name, values: values.split("|"), group, required: group === "base" };
    });
}

const version2: readonly MetricRule[] = [
  ...rules("base", "AV=L|A|N AC=H|M|L Au=M|S|N C=N|P|C I=N|P|C A=N|P|C"),
  ...rules("temporal", "E=U|POC|F|H|ND RL=OF|TF|W|U|ND RC=UC|UR|C|ND"),
  ...rules("environmental", "CDP=N|L|LM|MH|H|ND TD=N|L|M|H|ND CR=L|M|H|ND IR=L|M|H|ND AR=L|M|H|ND"),
];

const version3: readonly MetricRule[] = [
  ...rules("base", "AV=N|A|L|P AC=L|H PR=N|L|H UI=N|R S=U|C C=H|L|N I=H|L|N A=H|L|N"),
  ...rules("temporal", "E=X|H|F|P|U RL=X|U|W|T|O RC=X|C|R|U"),
  ...rules("environmental", "CR=X|H|M|L IR=X|H|M|L AR=X|H|M|L"),
  ...rules("environmental", "MAV=X|N|A|L|P MAC=X|L|H MPR=X|N|L|H MUI=X|N|R MS=X|U|C MC=X|H|L|N MI=X|H|L|N MA=X|H|L|N"),
];

const version4: readonly MetricRule[] = [
  ...rules("base", "AV=N|A|L|P AC=L|H AT=N|P PR=N|L|H UI=N|P|A"),
  ...rules("base", "VC=H|L|N VI=H|L|N VA=H|L|N SC=H|L|N SI=H|L|N SA=H|L|N"),
  ...rules("temporal", "E=X|A|P|U"),
  ...rules("environmental", "CR=X|H|M|L IR=X|H|M|L AR=X|H|M|L"),
  ...rules("environmental", "MAV=X|N|A|L|P MAC=X|L|H MAT=X|N|P MPR=X|N|L|H MUI=X|N|P|A"),
  ...rules("environmental", "MVC=X|H|L|N MVI=X|H|L|N MVA=X|H|L|N MSC=X|H|L|N MSI=X|S|H|L|N MSA=X|S|H|L|N"),
  ...rules("supplemental", "S=X|N|P AU=X|N|Y R=X|A|U|I V=X|D|C RE=X|L|M|H U=X|Clear|Green|Amber|Red"),
];

/**
 * The metrics of each version in canonical order: CVSS 2.0 guide §2.4, 3.0 and 3.1 specification §6, 4.0 specification §7.
 */
export const metricTable: Readonly<Record<CvssVersion, readonly MetricRule[]>> = {
  "2.0": version2,
  "3.0": version3,
  "3.1": version3,
  "4.0": version4,
};
