import { expect, test } from 'vitest';
import { openField, sealField } from './sealedRecord.ts';
import { newDataKey } from './wrap.ts';

test.each(['', 'a', ' two\n lines ', 'مرحبا 👨‍👩‍👧', 'e\u0301', 'x'.repeat(20_000)])('a text comes back: %j', (text) => {
  const key = newDataKey();
  expect(openField(key, 'aad', sealField(key, 'aad', text))).toBe(text);
});
test('a text of one field does not open as another, nor under another key', () => {
  const key = newDataKey();
  const sealed = sealField(key, 'field|survey|1|words', 'thank you');
  expect(sealed.includes('thank')).toBe(false);
  expect(() => openField(key, 'field|survey|1|name', sealed)).toThrow();
  expect(() => openField(newDataKey(), 'field|survey|1|words', sealed)).toThrow();
});
