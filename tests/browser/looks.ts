import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeFaults } from '../support/axe.ts';
import { until } from '../support/line.ts';
import { shoot } from './people.ts';

declare global {
  interface Window {
    tonesHeard: number;
  }
}

/**
 * At these widths, by day and by night: no rule of WCAG broken, nothing sticks out to the side. A picture is kept of each. The page
 * is in a context with axe, and is as wide afterwards as before.
 */
export async function looks(page: Page, name: string, widths: readonly number[] = [320, 390, 1280]): Promise<void> {
  const size = page.viewportSize();
  const faults: string[] = [];
  for (const width of widths)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: width === 320 ? 700 : width < 1000 ? 844 : 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      faults.push(
        ...(await axeFaults(page, colorScheme === 'light' ? 'all' : 'colours')).map(
          (f) => `${name} ${width} ${colorScheme}: ${f}`,
        ),
      );
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) faults.push(`${name} ${width}: ${wide} px too wide`);
      await shoot(page, `${name}-${width}-${colorScheme}`);
    }
  await page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
  if (size) await page.setViewportSize(size);
  expect.soft(faults).toEqual([]);
}

/** Counts the tones of every page of this context from its next one on. */
export const countTones = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    window.tonesHeard = 0;
    const start = Object.getOwnPropertyDescriptor(AudioScheduledSourceNode.prototype, 'start');
    AudioScheduledSourceNode.prototype.start = function (this: AudioScheduledSourceNode, ...at: [number?]) {
      window.tonesHeard++;
      (start?.value as (...when: [number?]) => void).apply(this, at);
    };
  });
export const rings = (page: Page): Promise<void> =>
  until('it rings', async () => (await page.evaluate(() => window.tonesHeard)) >= 2);
