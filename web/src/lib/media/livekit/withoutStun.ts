import type { Room } from 'livekit-client';

type Making = { makeRTCConfiguration(...from: unknown[]): RTCConfiguration };
const isRelay = (url: string): boolean => /^turns?:/.test(url);

/**
 * No page of ours asks anybody else (S24). Nobody who reaches a media server has to know their own address, yet LiveKit names
 * Google's and Twilio's STUN servers unless its operator has set others: of what it names only relays are used. Its client has
 * no setting for that, so the function in which it reads them is wrapped (livekit-client 2.23.0).
 */
export function withoutStun({ engine }: Room): void {
  const making = engine as unknown as Making;
  const make = making.makeRTCConfiguration.bind(engine);
  making.makeRTCConfiguration = (...from) => {
    const config = make(...from);
    const relays = (config.iceServers ?? []).map((server) => ({
      ...server,
      urls: [server.urls].flat().filter(isRelay),
    }));
    return { ...config, iceServers: relays.filter(({ urls }) => urls.length > 0) };
  };
}
