// The piano roll: the last bars of both players, a colour for what a note is to its chord.

import { chordText, PPQ } from "./music.js";

const BEATS = { wide: 16, narrow: 8 }; // shown at once, in quarters
const AHEAD = 0.06; // of the width, right of the present moment
const LOWEST_SPAN = 19; // semitones
const KEPT = 600; // notes

export class Roll {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.notes = new Map();
    this.low = 55;
    this.high = 84;
    const style = getComputedStyle(document.documentElement);
    this.colour = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colours = Object.fromEntries([..."CLSAX"].map((kind) => [kind, this.colour(`kind-${kind}`)]));
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.span = (this.width < 560 ? BEATS.narrow : BEATS.wide) * PPQ;
  }

  take(frame) {
    if (frame.clear) this.notes.clear();
    for (const [number, who, pitch, velocity, onset, end, kind] of frame.notes ?? []) {
      this.notes.delete(number);
      this.notes.set(number, { who, pitch, velocity, onset, end, kind });
    }
    while (this.notes.size > KEPT) this.notes.delete(this.notes.keys().next().value);
  }

  show(tick, chart) {
    const { context, width, height } = this;
    context.clearRect(0, 0, width, height);
    if (!chart || !width) return;
    const right = tick + this.span * AHEAD;
    const left = right - this.span;
    this.x = (at) => ((at - left) / this.span) * width;
    this.floor = height - 26;
    const seen = [...this.notes.values()].filter(
      (note) => note.onset < right && (note.end ?? tick) > left,
    );
    this.reach(seen);
    this.drawBars(left, right, chart);
    for (const note of seen) this.drawNote(note, tick);
    context.fillStyle = this.colour("now");
    context.fillRect(this.x(tick) - 1, 0, 2, this.floor);
  }

  /** Fit the range of pitches, gently. */
  reach(seen) {
    const pitches = seen.map((note) => note.pitch);
    if (!pitches.length) return;
    let low = Math.min(...pitches) - 2;
    let high = Math.max(...pitches) + 2;
    const missing = LOWEST_SPAN - (high - low);
    if (missing > 0) {
      low -= missing / 2;
      high += missing / 2;
    }
    const towards = (now, to) => now + (to - now) * (Math.abs(to - now) > 8 ? 0.3 : 0.06);
    this.low = low < this.low ? towards(this.low, Math.min(low, this.low)) : towards(this.low, low);
    this.high = towards(this.high, high);
  }

  y(pitch) {
    return this.floor - ((pitch - this.low) / (this.high - this.low)) * this.floor;
  }

  drawBars(left, right, chart) {
    const { context, floor } = this;
    for (let pitch = Math.ceil(this.low / 12) * 12; pitch < this.high; pitch += 12) {
      const y = this.y(pitch - 0.5);
      context.fillStyle = this.colour("line");
      context.fillRect(0, y, this.width, 1);
      context.fillStyle = this.colour("quiet");
      context.font = "11px system-ui, sans-serif";
      context.fillText(`C${pitch / 12 - 1}`, 4, y - 4);
    }
    // Bar lines are whole ticks; sums of others would come to lie just before one for ever.
    let start = Math.round(left - chart.place(left).offset);
    while (start < right) {
      const place = chart.place(start);
      const end = start + chart.barTicks(place.bar);
      for (let beat = start; beat < end; beat += place.beat) {
        context.fillStyle = this.colour(beat === start ? "bar-line" : "line");
        context.fillRect(Math.round(this.x(beat)), 0, 1, floor);
      }
      this.drawChords(start, end, place.within, chart);
      start = end;
    }
  }

  drawChords(start, end, from, chart) {
    const { context } = this;
    const starts = chart.chordStarts.filter((each) => each > from && each < from + end - start);
    [from, ...starts].forEach((each, index) => {
      const symbol = chart.chords[chart.chordIndex(each)][1];
      const held = index === 0 && !chart.chordStarts.includes(each);
      context.font = "600 18px system-ui, sans-serif";
      context.fillStyle = this.colour(held ? "quiet" : "text");
      // A chord that began left of the picture keeps its name in it for as long as there is room.
      const x = Math.max(this.x(start + each - from), 0) + 5;
      const room = this.x(start + (starts[index] ?? from + end - start) - from) - x - 4;
      const text = chordText(symbol);
      if (room > 0.7 * context.measureText(text).width) {
        context.fillText(text, x, this.height - 7, room);
      }
    });
  }

  drawNote(note, tick) {
    const { context } = this;
    const thick = Math.min(Math.max(this.floor / (this.high - this.low) - 1, 7), 16);
    const from = this.x(note.onset);
    const to = Math.max(this.x(note.end ?? tick), from + 4);
    const top = this.y(note.pitch) - thick / 2;
    const colour = this.colours[note.kind] ?? this.colours.X;
    context.globalAlpha = 0.55 + (0.45 * note.velocity) / 127;
    context.beginPath();
    context.roundRect(from, top, to - from - 1, thick, Math.min(thick / 2, 4));
    if (note.who === "machine") {
      context.fillStyle = colour;
      context.fill();
    } else {
      context.fillStyle = this.colour("panel");
      context.fill();
      context.lineWidth = 2.5;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}
