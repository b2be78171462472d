// Two tones, never the only sign: added is one short high tone, refused two low ones. The server asks for them with
// HX-Trigger: {"piece-added": {}} or {"piece-refused": {}}. Volume is kept per till, in this browser; 0 is off.
const VOLUME = "till-volume";
const TONES = { "piece-added": [[880, 0, 0.06]], "piece-refused": [[220, 0, 0.12], [220, 0.18, 0.12]] };
let audio = null;

export function volume() {
  if (document.documentElement.dataset.sounds === "off") return 0; // of this person, at every till
  const kept = Number.parseFloat(localStorage.getItem(VOLUME) ?? "0.4");
  return Number.isFinite(kept) ? Math.min(Math.max(kept, 0), 1) : 0.4;
}

function play(tones) {
  const loud = volume();
  if (!loud || !window.AudioContext) return;
  audio ??= new AudioContext();
  audio.resume(); // browsers start it asleep until the first key or press
  for (const [pitch, after, length] of tones) {
    const tone = audio.createOscillator(), level = audio.createGain(), start = audio.currentTime + after;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(loud, start);
    level.gain.exponentialRampToValueAtTime(0.001, start + length); // an abrupt end clicks
    tone.connect(level).connect(audio.destination);
    tone.start(start);
    tone.stop(start + length);
  }
}

for (const [name, tones] of Object.entries(TONES)) document.addEventListener(name, () => play(tones));

// <input type="range" data-volume min="0" max="1" step="0.1">
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-volume]")) return;
  localStorage.setItem(VOLUME, target.value);
  play(TONES["piece-added"]);
});
for (const slider of document.querySelectorAll("[data-volume]")) slider.value = String(volume());
