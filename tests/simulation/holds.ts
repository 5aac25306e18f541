/** Whoever has given no sign for so long has no page. */
export const leaseMs = 15_000;
/** [RQ4] So long the place of somebody is held who is silent, or whose tab was closed; in a talk of anybody who is away (CO2). */
export const silentHoldMs = 600_000;
export const closedHoldMs = 60_000;
