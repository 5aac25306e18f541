/** Of each seeded bug the seed that shows it soonest, so that it need not be looked for: `FIND=1 node prove.ts` finds them. */
export const firstSeeds: Readonly<Record<string, number>> = {};
