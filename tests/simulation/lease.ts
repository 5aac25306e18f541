/** Whoever has given no sign for so long has no page. */
export const leaseMs = 15_000;
