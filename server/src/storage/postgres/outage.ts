/** The database is away, slow or full, or gave up a transaction that stood still: the same call will do later. Anything else is a fault of ours that stays. */
export const isOutage = (error: unknown): boolean =>
  /ECONN|EPIPE|terminat|timeout|not queryable|57P0|57014|25P03|53\d{3}|40001|40P01|08\d{3}/i.test(
    `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`,
  );
