/** Mutants that no test can or should notice, and why: `file` below `packages`, what the code says (`from`) and what the mutant says instead (`to`). */
export const knownSurvivors = [];
