/** What simulated people say: gentle, everyday, nothing that would upset a person who only came to look. */
export const callerNames: readonly (string | null)[] = [
  'Sparrow',
  'Juniper',
  null,
  'Moss',
  'Wren',
  null,
  'Harbor',
  'Clover',
  'Finch',
  null,
  'Maple',
  'Tide',
];
export const peerNames: readonly string[] = ['Noor', 'Eli', 'Tess', 'Jonas', 'Amara', 'Pim', 'Lena', 'Theo'];

export const stories: readonly (readonly string[])[] = [
  [
    'hi. i am not sure how this works',
    'i moved here in spring for work and i do not really know anyone',
    'weekdays are fine. it is the evenings that are very quiet',
    'i used to play in a small choir. i miss that',
    'maybe. there is one near the library, i walked past it twice',
    'yes. i could just go and listen once',
  ],
  [
    'hello, is this a good time?',
    'i have been lying awake most nights this week',
    'there is a lot at work, and i keep going over every little thing',
    'when i get up and make tea it gets a bit better',
    'no, i have not told anybody yet',
    'my sister would listen, i think. i will call her on sunday',
  ],
  [
    'hey',
    'my dog was old and he died in the autumn. people say it is just a dog',
    'thank you. he was with me for thirteen years',
    'mornings are hard. i still reach for the leash',
    'we always walked along the river',
    'i might walk there tomorrow. it would be nice to remember him there',
  ],
  [
    'good evening',
    'my daughter moved out last month and the house is so still',
    'i am proud of her! and i cry when i set the table for one',
    'we talk on the phone, but i do not want to be a weight',
    'no, she never said that. that is only me',
    'maybe i will simply tell her that i miss her',
  ],
  [
    'hi, i have an exam on friday and my head is full',
    'i sit down to study and then i look at the wall for an hour',
    'everyone else seems to manage',
    'i did pass the last one. that is true',
    'a short list would help. three things, no more',
    'ok. and then i go for a walk. thanks',
  ],
];
export const thanks: readonly string[] = [
  'this helped. thank you for listening',
  'i feel a bit lighter. thank you',
  'thank you. i will go and rest now',
];
export const stillThere = 'are you still there? no hurry';
export const goingNow = 'i think i will go now. thank you anyway';

export const greetings: readonly string[] = [
  'Hi, I am glad you wrote. Take your time.',
  'Hello, good to meet you. What is on your mind today?',
  'Hi there. I have time, and I am listening.',
];
export const listening: readonly string[] = [
  'Thank you for telling me that.',
  'That sounds like a lot to carry by yourself.',
  'I know that feeling a little. What is it like for you right now?',
  'It makes sense that this is hard.',
  'What has helped a little, before?',
  'That sounds like a good small step.',
  'Is there somebody who would like to hear from you?',
  'You are being kind about it. You may be kind to yourself too.',
];
export const farewell = 'The demo ends here, so I have to go. Thank you for talking with me.';
