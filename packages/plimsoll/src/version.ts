/** Printed in every report. Kept equal to the manifest by a test. */
export const tool = { name: "plimsoll", version: "0.1.0" } as const;
