export function audit(args: string[]): Promise<number>;
export function pnpm(): string;
