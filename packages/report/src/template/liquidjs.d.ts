// What is used of LiquidJS. Its own declarations pull in Node's.

export interface LiquidOptions {
  readonly templates?: Readonly<Record<string, string>>;
  readonly strictFilters?: boolean;
  readonly ownPropertyOnly?: boolean;
  readonly outputEscape?: (value: unknown) => string;
  readonly parseLimit?: number;
  readonly renderLimit?: number;
  readonly memoryLimit?: number;
}

export declare class Liquid {
  constructor(options: LiquidOptions);
  registerFilter(name: string, filter: (value: unknown) => unknown): void;
  parseAndRenderSync(template: string, scope: object): string;
}
