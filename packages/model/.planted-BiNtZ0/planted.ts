export const planted: unknown = process.env;
