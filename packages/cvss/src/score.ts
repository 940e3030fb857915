import { scoreCvss2 } from "./cvss2.ts";
import { scoreCvss3 } from "./cvss3.ts";
import { scoreCvss4 } from "./cvss4.ts";
import { parseVector } from "./vector.ts";
import type { CvssVector, CvssVersion } from "./vector.ts";

/** The scores of a vector. Every number is 0 to 10 with one decimal. */
export interface CvssScore {
  readonly version: CvssVersion;
  /** Of the base metrics alone. */
  readonly base: number;
  /** 2.0: absent unless the vector states a temporal metric. 3.x: always. 4.0: absent, it has one score. */
  readonly temporal?: number;
  /** 2.0: absent unless the vector states an environmental metric. 3.x: always. 4.0: absent, it has one score. */
  readonly environmental?: number;
  /** 4.0: of base and threat metrics, without the environmental ones. Absent for other versions. */
  readonly threat?: number;
  /** 4.0: what the score is called by the metrics that the vector defines, CVSS 4.0 §1.3. Absent for other versions. */
  readonly nomenclature?: "CVSS-B" | "CVSS-BT" | "CVSS-BE" | "CVSS-BTE";
  /** Of the whole vector: environmental, else temporal, else base; for 4.0 its one score. */
  readonly overall: number;
  /** Subscores of the base equations, which 4.0 does not have. */
  readonly impact?: number;
  readonly exploitability?: number;
}

/**
 * Scores a vector of any version, given as text or parsed; undefined when it is not valid.
 * Text may state its metrics in any order, because published vectors do.
 */
export function score(vector: string | CvssVector): CvssScore | undefined {
  const parsed = typeof vector === "string" ? parseVector(vector, { order: "any" }) : vector;
  if (parsed === undefined) return undefined;
  switch (parsed.version) {
    case "2.0":
      return scoreCvss2(parsed);
    case "3.0":
    case "3.1":
      return scoreCvss3(parsed);
    case "4.0":
      return scoreCvss4(parsed);
  }
}
