// The lead sheet: the form as a strip, the bars as a grid, what sounds now and what comes.

import { Chart, fitText, writeChord } from "./music.js";

const BARS_A_ROW = 4;
const ROW_HEIGHTS = [32, 96]; // pixels, smallest and largest

export class Sheet {
  constructor(find) {
    this.sheet = find("sheet");
    this.form = find("form");
    this.nowChord = find("now-chord");
    this.nextChord = find("next-chord");
    this.nextBeats = find("next-beats");
    this.pulse = find("pulse");
    this.words = ["bar", "bars", "chorus"].map(find);
    this.chart = null;
    this.bars = [];
    this.last = {};
    new ResizeObserver(() => this.fit()).observe(this.sheet);
  }

  take(says) {
    const before = this.chart;
    this.chart = new Chart(says);
    const same =
      before &&
      before.title === this.chart.title &&
      JSON.stringify(before.bars) === JSON.stringify(this.chart.bars);
    this.drawBars();
    this.drawForm();
    this.last = {};
    if (!same) this.sheet.scrollTop = 0;
  }

  drawBars() {
    const { chart } = this;
    const sections = new Map(chart.sections);
    this.bars = [];
    const rows = [];
    let row = null;
    chart.bars.forEach(([start, above, below], index) => {
      const name = sections.get(start);
      if (!row || row.count === BARS_A_ROW || (name !== undefined && row.count > 0)) {
        row = { element: make("div", "row"), count: 0 };
        row.element.append(make("div", "letter", name ?? ""));
        rows.push(row);
      }
      row.count += 1;
      const bar = this.drawBar(index, start, above, below);
      row.element.append(bar);
      this.bars.push(bar);
    });
    this.rows = rows.length;
    this.sheet.replaceChildren(...rows.map(({ element }) => element));
    this.fit();
  }

  drawBar(index, start, above, below) {
    const { chart } = this;
    const bar = make("div", "measure");
    bar.dataset.bar = String(index);
    const before = index ? chart.bars[index - 1] : null;
    if (before ? before[1] !== above || before[2] !== below : above !== 4 || below !== 4) {
      bar.append(make("span", "meter", `${above}/${below}`));
    }
    const end = start + chart.barTicks(index);
    const places = [start, ...chart.chordStarts.filter((each) => each > start && each < end)];
    const chords = make("div", "chords");
    places.forEach((at, number) => {
      const found = chart.chordIndex(at);
      const chord = make("span", "chord");
      if (chart.chordStarts[found] !== at) chord.classList.add("held");
      writeChord(chord, chart.chords[found][1]);
      chord.style.setProperty("--share", String((places[number + 1] ?? end) - at));
      chords.append(chord);
    });
    chords.dataset.count = String(Math.min(places.length, 4));
    bar.append(chords, make("i", "progress"));
    return bar;
  }

  drawForm() {
    const { chart } = this;
    const starts = chart.sections.length ? chart.sections : [[0, chart.form || "form"]];
    this.parts = starts.map(([start, name], index) => {
      const end = starts[index + 1]?.[0] ?? chart.length;
      const part = make("div", "part", name);
      part.style.setProperty("--share", String(end - start));
      const done = make("i", "done");
      part.append(done);
      return { start, end, part, done };
    });
    this.form.replaceChildren(...this.parts.map(({ part }) => part));
  }

  fit() {
    if (!this.rows) return;
    const [low, high] = ROW_HEIGHTS;
    const height = Math.min(Math.max(this.sheet.clientHeight / this.rows - 4, low), high);
    this.sheet.style.setProperty("--row", `${Math.floor(height)}px`);
    fitText([...this.sheet.querySelectorAll(".chord"), this.nowChord, this.nextChord]);
    this.last.bar = undefined;
  }

  /** Show a moment; called with every picture the screen shows. */
  show(tick, frame) {
    const { chart, last } = this;
    if (!chart) return;
    const place = chart.place(tick);
    if (place.bar !== last.bar || frame.state !== last.state) this.moveTo(place.bar, frame.state);
    const share = place.offset / chart.barTicks(place.bar);
    this.bars[place.bar].style.setProperty("--done", share.toFixed(3));
    const symbol = chart.chords[chart.chordIndex(place.within)][1];
    const next = chart.next(place.within);
    if (writeChord(this.nowChord, symbol)) fitText([this.nowChord]);
    if (writeChord(this.nextChord, next?.symbol ?? symbol)) fitText([this.nextChord]);
    this.drawBeats(this.nextBeats, next ? Math.min(Math.ceil(next.away / place.beat), 16) : 0, -1);
    this.drawBeats(this.pulse, place.above, Math.floor(place.offset / place.beat));
    this.showForm(place.within);
    this.write(tick, place, frame);
  }

  moveTo(bar, state) {
    const { last } = this;
    if (last.bar !== undefined) this.bars[last.bar]?.classList.remove("sounding");
    for (const each of this.sheet.querySelectorAll(".sounding")) each.classList.remove("sounding");
    this.bars[bar].classList.add("sounding");
    this.sheet.dataset.state = state;
    last.bar = bar;
    last.state = state;
    const row = this.bars[bar].parentElement;
    const { sheet } = this;
    if (sheet.scrollHeight > sheet.clientHeight + 4) {
      const top = row.offsetTop - sheet.offsetTop - row.offsetHeight;
      sheet.scrollTo({ top, behavior: "smooth" });
    }
  }

  drawBeats(element, count, sounding) {
    const key = `${count}/${sounding}`;
    if (element.dataset.key === key) return;
    element.dataset.key = key;
    while (element.childElementCount < count) element.append(make("i", ""));
    while (element.childElementCount > count) element.lastElementChild.remove();
    [...element.children].forEach((each, index) => {
      each.className = index === sounding ? "on" : "";
    });
  }

  showForm(within) {
    for (const { start, end, part, done } of this.parts) {
      const here = start <= within && within < end;
      part.classList.toggle("here", here);
      const share = Math.min(Math.max((within - start) / (end - start), 0), 1);
      done.style.setProperty("--done", share.toFixed(3));
    }
  }

  write(tick, place, frame) {
    const rounds = frame.end > 0 ? `/${Math.ceil(frame.end / this.chart.length)}` : "";
    const words =
      tick < 0
        ? [Math.floor(place.offset / place.beat) + 1, "", "count-in"]
        : [place.bar + 1, `/${this.chart.bars.length}`, `chorus ${place.chorus + 1}${rounds}`];
    words.forEach((word, index) => {
      const element = this.words[index];
      if (element.textContent !== String(word)) element.textContent = word;
    });
  }
}

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}
