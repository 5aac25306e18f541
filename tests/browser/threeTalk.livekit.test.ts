import { describe } from 'vitest';
import { callStack } from './callStack.ts';
import { chromePath } from './people.ts';
import { threeJourneys } from './threeJourney.ts';

describe.skipIf(!chromePath)('three people, through the media server', () => {
  threeJourneys({ ...callStack(), name: 'livekit' });
});
