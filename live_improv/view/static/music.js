// What musicians read: chords, bars, places in the form. Ticks are 480 to the quarter.

export const PPQ = 480;

const CHORD = /^([A-G])(bb|##|b|#)?(.*?)(?:\/([A-G])(bb|##|b|#)?)?$/;
const SIGNS = { b: "♭", "#": "♯", bb: "♭♭", "##": "♯♯" };

/** A chord symbol in its parts, as they are written; all but the first may be empty. */
function parts(symbol) {
  const found = CHORD.exec(symbol);
  if (!found) return { root: "", sign: "", quality: symbol, bass: "" };
  const [, root, sign, quality, bass, bassSign] = found;
  return {
    root,
    sign: SIGNS[sign] ?? "",
    quality: pretty(quality),
    bass: bass ? `/${bass}${SIGNS[bassSign] ?? ""}` : "",
  };
}

function pretty(quality) {
  return quality
    .replace(/b(?=\d)/g, "♭")
    .replace(/#(?=\d)/g, "♯")
    .replace(/^-/, "m")
    .replace(/^(?:maj|Maj|M|\^)(?=\d)/, "△")
    .replace(/^m7♭5/, "ø7")
    .replace(/^dim/, "°");
}

/** A chord symbol on one line. */
export function chordText(symbol) {
  return Object.values(parts(symbol)).join("");
}

/** Write a chord symbol into an element: the root large, the rest smaller; tells if it is another. */
export function writeChord(element, symbol) {
  if (element.dataset.symbol === symbol) return false;
  element.dataset.symbol = symbol;
  const written = Object.entries(parts(symbol)).filter(([, text]) => text);
  element.replaceChildren(...written.map(([name, text]) => span(name, text)));
  return true;
}

/** Make what is written in elements smaller where it has no room; all are measured at once. */
export function fitText(elements) {
  for (const element of elements) element.style.setProperty("--scale", "1");
  const scales = elements.map((element) => element.clientWidth / element.scrollWidth);
  elements.forEach((element, index) => {
    if (scales[index] < 1) element.style.setProperty("--scale", (0.98 * scales[index]).toFixed(3));
  });
}

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

/** One chorus, with what the page asks of it. */
export class Chart {
  constructor(says) {
    Object.assign(this, says);
    this.starts = says.bars.map(([start]) => start);
    this.chordStarts = says.chords.map(([start]) => start);
  }

  /** A place in the song: chorus, bar (from 0), tick within the bar, and the bar's meter. */
  place(tick) {
    const chorus = Math.floor(tick / this.length);
    const within = tick - chorus * this.length;
    const bar = lastAtMost(this.starts, within);
    const [start, above, below] = this.bars[bar];
    return { chorus, within, bar, offset: within - start, above, below, beat: (4 * PPQ) / below };
  }

  barTicks(bar) {
    const [, above, below] = this.bars[bar];
    return (4 * PPQ * above) / below;
  }

  chordIndex(within) {
    return lastAtMost(this.chordStarts, within);
  }

  /** The next other chord after a place within the form, and how many ticks away it is. */
  next(within) {
    const here = this.chordIndex(within);
    const symbol = this.chords[here][1];
    for (let step = 1; step <= this.chords.length; step += 1) {
      const index = here + step;
      const [start, other] = this.chords[index % this.chords.length];
      if (other !== symbol) {
        const away = start + (index >= this.chords.length ? this.length : 0) - within;
        return { symbol: other, away };
      }
    }
    return null;
  }

  sectionIndex(within) {
    return lastAtMost(this.sections.map(([start]) => start), within);
  }
}

/** The index of the last number that is at most `value`; at least 0. */
function lastAtMost(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
}

/** Where the music is between two frames: the last one, carried on by its tempo. */
export class Place {
  constructor() {
    this.frame = null;
    this.offsets = [];
  }

  /** Take a frame; `now` is when it came, in milliseconds of this browser's clock. */
  take(frame, now) {
    this.frame = frame;
    this.came = now;
    // The frame that was least delayed tells best how the two clocks lie.
    this.offsets.push([now, frame.at * 1000 - now]);
    while (this.offsets.length > 1 && now - this.offsets[0][0] > 3000) this.offsets.shift();
    this.offset = Math.max(...this.offsets.map(([, offset]) => offset));
  }

  /** The tick at a moment; it stands where nothing has come for a second. */
  tick(now) {
    const { frame } = this;
    if (!frame) return 0;
    if (frame.state !== "playing") return frame.tick;
    const since = Math.min(now + this.offset - frame.at * 1000, 1000);
    return frame.tick + (since * frame.bpm * PPQ) / 60000;
  }
}
