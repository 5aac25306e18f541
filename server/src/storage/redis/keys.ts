/** Every Redis name, in one place. Keys of a line carry its id as hash tag, so that a Cluster keeps them together. */
export const eventChannel = 'hl:events';
export const messageChannel = 'hl:messages';
export const dueQueue = 'due';
export const queueKey = (lineId: string) => `hl:{${lineId}}:queue`;
export const queueRevs = (lineId: string) => `hl:{${lineId}}:queue:revs`;
export const queueGone = (lineId: string) => `hl:{${lineId}}:queue:gone`;
/** Set once the queue was compared with the rows; missing after Redis was emptied: then nobody believes the queue. */
export const queueWhole = (lineId: string) => `hl:{${lineId}}:queue:whole`;
export const leaseKey = (lineId: string) => `hl:{${lineId}}:matcher`;
export const callerTabKey = (callerId: string) => `hl:{${callerId}}:tab`;
export const presenceKey = 'hl:{presence}:seen';
/** When presence was first written since Redis was last empty: absence counts only after one whole lease. */
export const presenceEpochKey = 'hl:{presence}:epoch';
/** Before the id of a staff member: how many keys they were handed of late (S36). */
export const keysHandedOut = 'hl:keys';
