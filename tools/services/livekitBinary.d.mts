export interface LivekitProgram {
  readonly command: string;
  /** Arguments that come first. */
  readonly before: string[];
  /** Of a Docker engine, which `command` then is. */
  readonly image?: string;
  readonly version: string;
  readonly from: string;
}
export const LIVEKIT_VERSION: string;
export function findLivekit(
  tools: string,
  options?: { docker?: boolean; say?: (text: string) => void; look?: (name: string) => string | undefined },
): LivekitProgram | undefined;
