/** What a conversation needs once somebody asks for a call, or there is one. */
export { default as ChannelAsk } from './ChannelAsk.svelte';
export { TalkCall } from './talkCall.svelte.ts';
