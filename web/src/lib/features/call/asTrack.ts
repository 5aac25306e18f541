/** Shows a picture that comes as a track. Sound is played elsewhere (`lib/media`). */
export const showing = (track: MediaStreamTrack) => (video: HTMLVideoElement) => {
  video.srcObject = new MediaStream([track]);
  void video.play().catch(() => {}); // a muted picture may always play; one that is taken away at once may not
  return () => (video.srcObject = null);
};
