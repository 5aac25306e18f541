import { createHmac } from 'node:crypto';
import type { Config } from '../config.ts';
import type { PageToSend } from './means.ts';

/** Four digits that only the message of this test says. */
export const testCodeOf = ({ secret }: Pick<Config, 'secret'>, pageId: string): string =>
  String(createHmac('sha256', secret).update(`means-test|${pageId}`).digest().readUInt32BE(0) % 10_000).padStart(
    4,
    '0',
  );

/** Where a person answers. With the id of the page: proof that its message arrived. */
export function answerUrl({ origin, port }: Pick<Config, 'origin' | 'port'>, pageId?: string): string {
  const page = `${origin ?? `http://localhost:${port}`}/staff/on-call`;
  return pageId ? `${page}?heard=${pageId}` : page;
}

/** Neutral: no word about anybody. Providers, lock screens and whoever sits beside them read it too. */
export const subjectOf = ({ line, testCode }: Pick<PageToSend, 'line' | 'testCode'>): string =>
  testCode ? `${line}: a test` : `${line}: you are needed`;

export function shortText(page: Pick<PageToSend, 'line' | 'testCode'>, url: string): string {
  return page.testCode
    ? `Hearthline (${page.line}): this is a test. Your code is ${page.testCode}. Type it in on ${url}`
    : `Hearthline (${page.line}): you are needed. Open ${url}`;
}

/** To be spoken, twice: whoever is woken misses the first. */
export function spokenText({ line, testCode }: Pick<PageToSend, 'line' | 'testCode'>): string {
  return testCode
    ? `This is a test call of ${line}. Your code is ${[...testCode].join(', ')}.`
    : `This is ${line}. You are needed. Please open your on call page.`;
}
export const pressText = 'Press 1 if you are coming, or 2 if you cannot.';
/** After a key was pressed. */
export const pressedText = {
  coming: 'Thank you. Please open your on call page now.',
  passedOn: 'Thank you. Somebody else is called.',
  taken: 'Somebody else has it already. Thank you.',
  over: 'This is over already. Thank you.',
  again: 'We could not read that. Please open your on call page.',
} as const;
