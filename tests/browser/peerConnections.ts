import type { BrowserContext, Page } from 'playwright-core';

/** Flags of Chromium for calls: a made-up microphone and camera, given without asking, over loopback addresses. */
export const callFlags = [
  '--use-fake-device-for-media-stream=fps=8', // as many as a bad line has: pictures are made and unmade without a graphics card here
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

type Collected = { connections: RTCPeerConnection[]; tones: OscillatorNode[] };
declare global {
  interface Window {
    /** Set by `watchPeerConnections` in tests only. */
    peerConnectionsOfTest?: Collected;
  }
}

/** What all connections of a page have carried so far, and over which addresses. */
export type MediaFigures = {
  connections: number;
  audioBytesIn: number;
  audioBytesOut: number;
  videoBytesIn: number;
  videoBytesOut: number;
  framesDecoded: number;
  /** Sum of the energy of what was heard; 0 is silence. */
  audioEnergy: number;
  /** Of every candidate that the other end has named, used or not. */
  remoteAddresses: string[];
  remoteTypes: string[];
  /** Servers that the browser was told to ask for a way. */
  iceServers: string[];
  /** Of the pair that carries: host, srflx, prflx or relay, on each side. */
  localPairTypes: string[];
  remotePairTypes: string[];
};

/** From now on every page of the context keeps its connections where `mediaFigures` finds them. Call before the first page. */
export async function watchPeerConnections(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const kept: Collected = { connections: [], tones: [] };
    window.peerConnectionsOfTest = kept;
    window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
      construct(target, args: [RTCConfiguration?]) {
        const connection = new target(...args);
        kept.connections.push(connection);
        return connection;
      },
    });
  });
}

/** The microphone of every page of this context is a tone of `hz`; cameras stay as they are. */
export async function speakTone(context: BrowserContext, hz: number): Promise<void> {
  await context.addInitScript((frequency) => {
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices) return; // an empty page is no secure one
    const real = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      const stream = await real(wanted); // asks and refuses like the real one
      if (!wanted?.audio) return stream;
      for (const track of stream.getAudioTracks()) {
        const tone = toneTrack(frequency);
        const stop = tone.stop.bind(tone);
        tone.stop = () => {
          track.stop();
          stop();
        };
        stream.removeTrack(track);
        stream.addTrack(tone);
      }
      return stream;
    };
    function toneTrack(of: number): MediaStreamTrack {
      const context = new AudioContext();
      const out = context.createMediaStreamDestination();
      const oscillator = new OscillatorNode(context, { frequency: of });
      oscillator.connect(new GainNode(context, { gain: 0.5 })).connect(out);
      oscillator.start();
      window.peerConnectionsOfTest?.tones.push(oscillator); // kept from being collected
      const [track] = out.stream.getAudioTracks();
      if (!track) throw new Error('no tone');
      return track;
    }
  }, hz);
}

/** Of the connections that are open now; those that are closed carry nothing any more. */
export const mediaFigures = (page: Page): Promise<MediaFigures> =>
  page.evaluate(async () => {
    const open = (window.peerConnectionsOfTest?.connections ?? []).filter((c) => c.connectionState !== 'closed');
    const reports = await Promise.all(open.map((c) => c.getStats()));
    type Row = { type: string; id: string; kind?: string } & Record<string, unknown>;
    const rows = reports.map((r) => [...r.values()] as Row[]);
    const all = rows.flat();
    const sum = (type: string, kind: string, field: string) =>
      all.filter((r) => r.type === type && r.kind === kind).reduce((n, r) => n + Number(r[field] ?? 0), 0);
    const texts = (values: unknown[]) => [...new Set(values.filter((v) => typeof v === 'string'))].sort();
    const used = rows.flatMap((of) => {
      const named = (id: unknown) => of.find((r) => r.id === id)?.['candidateType'];
      return of
        .filter((r) => r.type === 'candidate-pair' && r['nominated'] === true && r['state'] === 'succeeded')
        .map((r) => ({ local: named(r['localCandidateId']), remote: named(r['remoteCandidateId']) }));
    });
    const remote = all.filter((r) => r.type === 'remote-candidate');
    return {
      connections: open.length,
      audioBytesIn: sum('inbound-rtp', 'audio', 'bytesReceived'),
      audioBytesOut: sum('outbound-rtp', 'audio', 'bytesSent'),
      videoBytesIn: sum('inbound-rtp', 'video', 'bytesReceived'),
      videoBytesOut: sum('outbound-rtp', 'video', 'bytesSent'),
      framesDecoded: sum('inbound-rtp', 'video', 'framesDecoded'),
      audioEnergy: sum('inbound-rtp', 'audio', 'totalAudioEnergy'),
      remoteAddresses: texts(
        remote.map((r) => (typeof r['port'] === 'number' ? `${String(r['address'])}:${r['port']}` : r['address'])),
      ),
      iceServers: open.flatMap((c) => (c.getConfiguration().iceServers ?? []).flatMap((s) => s.urls)),
      remoteTypes: texts(remote.map((r) => r['candidateType'])),
      localPairTypes: texts(used.map((u) => u.local)),
      remotePairTypes: texts(used.map((u) => u.remote)),
    };
  });

/**
 * Whether a tone of `hz` stands out in what this page receives now: its part of the spectrum is loud, and louder by 20 dB than
 * the middle of all others.
 */
export const toneHeard = (page: Page, hz: number): Promise<boolean> =>
  page.evaluate(async (frequency) => {
    const tracks = (window.peerConnectionsOfTest?.connections ?? [])
      .filter((c) => c.connectionState === 'connected')
      .flatMap((c) => c.getReceivers().map((r) => r.track))
      .filter((t) => t.kind === 'audio' && t.readyState === 'live' && !t.muted);
    if (tracks.length === 0) return false;
    const context = new AudioContext();
    try {
      await context.resume();
      const heard = tracks.map((track) => {
        const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        return analyser;
      });
      const filled = (heard[0]?.fftSize ?? 0) / context.sampleRate;
      const from = context.currentTime;
      while (context.currentTime < from + 2 * filled) await new Promise((next) => requestAnimationFrame(next));
      return heard.some((analyser) => {
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const at = Math.round((frequency * analyser.fftSize) / context.sampleRate);
        const tone = Math.max(...bins.slice(at - 2, at + 3));
        const middle = bins.slice().sort()[Math.floor(bins.length / 2)] ?? 0;
        return tone > -60 && tone > middle + 20;
      });
    } finally {
      await context.close();
    }
  }, hz);
