/** Longest evaluation of one check over one input, in milliseconds. */
export const evaluationLimits = { milliseconds: 5000 };
