import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import { alarm } from './alarm.ts';
import { mail } from './mail.ts';
import type { Means } from './means.ts';
import { push } from './push.ts';
import { sms, voice } from './twilio.ts';
import { webhook } from './webhook.ts';

/** Every way to reach somebody. */
export const allMeans: Record<MeansKind, Means> = { alarm, push, mail, sms, voice, webhook };
export const meansKinds = Object.keys(allMeans) as MeansKind[];
