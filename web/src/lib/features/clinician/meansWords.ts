import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { OwnMeans } from '@hearthline/shared/contracts/onCall';
import { m } from '#lib/paraglide/messages.js';

export const kindWord: Record<MeansKind, () => string> = {
  alarm: m.staff_means_alarm,
  push: m.staff_means_push,
  mail: m.staff_means_mail,
  sms: m.staff_means_sms,
  voice: m.staff_means_voice,
  webhook: m.staff_means_webhook,
};

/** What came of the last "ring me now"; how it is confirmed goes with the kind. */
export function testWord({ kind, test }: OwnMeans): string {
  switch (test?.state) {
    case undefined:
      return '';
    case 'sending':
      return m.staff_means_test_sending();
    case 'failed':
      return kind === 'alarm' ? m.staff_means_test_no_page() : m.staff_means_test_failed();
    case 'heard':
      return m.staff_means_test_heard();
    case 'sent':
      if (kind === 'alarm') return m.staff_means_test_alarm();
      return kind === 'push' ? m.staff_means_test_push() : m.staff_means_test_sent();
  }
}

/** `a…@example.org`, `…0123`: enough to know one's own by, too little for whoever looks over a shoulder. */
export const shortMail = (address: string): string => address.replace(/^(.).*@/, '$1…@').slice(0, 60);
export const shortNumber = (number: string): string => `…${number.slice(-4)}`;
/** A number as people write it, as machines do. */
export const asNumber = (typed: string): string => typed.replace(/[\s()./-]/g, '').replace(/^00/, '+');
