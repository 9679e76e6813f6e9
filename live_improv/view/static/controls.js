// The controls: one widget for each row of the engine's table, made of what the row says.

import { Slowly } from "./link.js";
import { Phone } from "./phone.js";

// Where a control stands, and in how many columns. A row that is named nowhere stands at the end.
const GROUPS = [
  ["Playing together", 1, ["mode", "trade"]],
  ["Tune", 2, ["tempo", "transpose"]],
  ["Line", 3, ["temperature", "density", "register", "dynamics", "articulation", "follow", "manner"]],
  ["Feel", 3, ["swing", "laid_back", "loose"]],
  ["Band", 3, ["bass_level", "piano_level", "drums_level"]],
  ["Clock", 2, ["clock", "clock_offset_ms", "latency_ms"]],
  ["More", 3, []],
];
const ON_TOP = ["start_stop", "downbeat", "mute", "panic"];
const ESCAPE = "\u001b";
const WORDS = {
  start_stop: "Start / stop",
  downbeat: "Bar 1",
  clock_offset_ms: "clock offset",
  latency_ms: "latency",
  laid_back: "laid back",
  bass_level: "bass",
  piano_level: "piano",
  drums_level: "drums",
};
const HELP =
  "Keys stand beside each control; a capital is with shift. A double click on its name gives a " +
  "control its default. The key . hides all this.";
const DECIMALS = 2; // of a number without whole steps
const SENDS = 15; // a second, of all sliders together
const STEPS = 1000; // of a slider
const HOLDS = 500; // milliseconds for which a slider that is moved here takes no other's word

export class Controls {
  constructor(find, send) {
    this.find = find;
    this.phone = new Phone(find);
    this.send = send;
    this.rows = new Map();
    this.slowly = new Slowly((name, value) => send({ do: "turn", name, value }), SENDS);
    this.showLearning = () => {};
  }

  /** Build it all: once, or when the engine has been started anew. */
  take({ controls, charts, phone }) {
    this.rows.clear();
    this.keys = new Set();
    const named = new Set([...GROUPS.flatMap(([, , names]) => names), ...ON_TOP, "learn"]);
    const left = controls.filter((row) => !named.has(row.name)).map((row) => row.name);
    const byName = new Map(controls.map((row) => [row.name, row]));
    for (const row of controls) for (const key of row.keys) this.keys.add(key);
    const groups = GROUPS.map(([title, columns, names]) => {
      const there = (names.length ? names : left).filter((name) => byName.has(name));
      if (!there.length) return null;
      const group = make("fieldset", "group");
      group.style.setProperty("--columns", columns);
      group.setAttribute("aria-label", title);
      group.append(...there.map((name) => this.widget(byName.get(name))));
      return group;
    });
    const first = make("fieldset", "group");
    if (charts.length) first.append(this.chartChoice(charts));
    if (byName.has("learn")) first.append(this.learnButton(byName.get("learn")));
    if (phone) first.append(this.phoneButton(phone));
    groups.unshift(first);
    this.find("controls").replaceChildren(...groups.filter(Boolean));
    const top = ON_TOP.filter((name) => byName.has(name));
    this.find("transport").replaceChildren(
      ...top.map((name) => this.button(byName.get(name), "big")),
    );
    this.find("help").textContent = HELP;
  }

  phoneButton(phone) {
    const button = make("button", "", "On a phone");
    button.type = "button";
    button.id = "show-phone";
    button.onclick = () => this.phone.show(phone);
    return button;
  }

  chartChoice(charts) {
    const select = make("select", "");
    select.id = "chart";
    select.setAttribute("aria-label", "chart");
    select.append(make("option", "", "another tune …"));
    charts.forEach((name, index) => {
      const option = make("option", "", name.replaceAll("_", " "));
      option.value = String(index);
      select.append(option);
    });
    select.onchange = () => {
      if (select.selectedIndex > 0) this.send({ do: "chart", number: Number(select.value) });
      select.selectedIndex = 0;
      select.blur();
    };
    return select;
  }

  widget(row) {
    if (row.kind === "trigger" || row.kind === "toggle") return this.button(row, "");
    if (row.kind === "choice") return this.segments(row, row.choices);
    if (row.kind === "offered") return this.offered(row);
    if (row.kind === "stops") return this.segments(row, row.stops);
    return this.slider(row);
  }

  button(row, extra) {
    const button = make("button", `control ${extra}`, words(row.name));
    button.type = "button";
    button.title = row.about;
    button.dataset.name = row.name;
    button.append(keyHint(row));
    button.onclick = () => {
      if (this.chosen(row)) return;
      const value = row.kind === "trigger" ? true : button.getAttribute("aria-pressed") !== "true";
      this.send({ do: "turn", name: row.name, value });
    };
    const show = (value) => {
      if (row.kind === "toggle") button.setAttribute("aria-pressed", String(Boolean(value)));
    };
    this.rows.set(row.name, { row, element: button, show });
    return button;
  }

  segments(row, values) {
    const box = make("div", "control choice");
    box.dataset.name = row.name;
    box.title = row.about;
    const own = row.keys.length === values.length; // a key for each
    const buttons = values.map((value, index) => {
      const button = make("button", "", String(value));
      button.type = "button";
      if (own) button.append(make("kbd", "", row.keys[index]));
      button.onclick = () => {
        if (!this.chosen(row)) this.send({ do: "turn", name: row.name, value });
      };
      return button;
    });
    if (!own) box.append(this.heading(row));
    box.append(...buttons);
    const show = (value) => {
      buttons.forEach((button, index) => {
        button.setAttribute("aria-pressed", String(values[index] === value));
      });
    };
    this.rows.set(row.name, { row, element: box, show });
    return box;
  }

  /** A choice among what the engine offers to it, which stands with the knobs: `manner`, `manners`. */
  offered(row) {
    const box = make("div", "control choice");
    box.dataset.name = row.name;
    box.title = row.about;
    const select = make("select", "");
    select.setAttribute("aria-label", words(row.name));
    select.onchange = () => {
      this.send({ do: "turn", name: row.name, value: select.value });
      select.blur();
    };
    box.addEventListener("pointerdown", (event) => this.chosen(row) && event.preventDefault());
    box.append(this.heading(row));
    box.hidden = true;
    let there = "";
    const show = (value) => {
      const names = [...row.choices, ...(this.knobs[`${row.name}s`] ?? [])];
      if (names.join() !== there) {
        there = names.join();
        select.replaceChildren(...names.map((name) => make("option", "", name)));
        box.hidden = names.length < 2;
        if (box.hidden) select.remove();
        else box.append(select);
      }
      select.value = value;
    };
    this.rows.set(row.name, { row, element: box, show });
    return box;
  }

  /** A number: a bar that is filled from the default to where it stands. */
  slider(row) {
    const box = make("label", "control number");
    box.dataset.name = row.name;
    box.title = `${row.about}; double-click: default`;
    const scale = scaleOf(row);
    const input = make("input", "");
    Object.assign(input, { type: "range", min: 0, max: STEPS, step: 1 });
    const value = make("span", "value");
    const line = make("span", "line");
    line.append(value, keyHint(row));
    let moved = -Infinity;
    let later = 0;
    const draw = (number) => {
      const [a, b] = [scale.toShare(number), scale.toShare(row.default)];
      value.textContent = shown(row, number);
      input.setAttribute("aria-valuetext", value.textContent);
      box.style.setProperty("--from", Math.min(a, b));
      box.style.setProperty("--to", Math.max(a, b));
      box.style.setProperty("--at", a);
    };
    input.oninput = () => {
      moved = performance.now();
      const number = scale.toValue(Number(input.value) / STEPS);
      draw(number);
      this.slowly.put(row.name, number);
      // What the engine made of it is shown once the hand is off.
      clearTimeout(later);
      later = setTimeout(() => show(this.knobs[row.name]), HOLDS + 1);
    };
    box.ondblclick = () => this.send({ do: "turn", name: row.name, value: row.default });
    box.addEventListener("pointerdown", (event) => this.chosen(row) && event.preventDefault());
    box.append(make("span", "name", words(row.name)), line, make("i", "track"), input);
    const show = (number) => {
      if (performance.now() - moved < HOLDS) return;
      input.value = String(Math.round(scale.toShare(number) * STEPS));
      draw(number);
    };
    this.rows.set(row.name, { row, element: box, show });
    return box;
  }

  heading(row) {
    const heading = make("span", "heading");
    heading.append(make("span", "name", words(row.name)), keyHint(row));
    return heading;
  }

  /** Show where the controls are; what is being moved here is left alone for a moment. */
  showKnobs(knobs) {
    this.knobs = knobs;
    for (const [name, { show }] of this.rows) if (name in knobs) show(knobs[name]);
    const tempo = this.rows.get("tempo");
    if (tempo) tempo.element.classList.toggle("idle", knobs.clock !== "internal");
  }

  showState(state) {
    const row = this.rows.get("start_stop");
    if (row) row.element.firstChild.textContent = state === "playing" ? "■ Stop" : "▶ Start";
  }

  /** MIDI learn goes as with the keys of the terminal; a control may be touched instead. */
  learnButton(row) {
    const button = make("button", "learn", "");
    button.type = "button";
    button.title = row.about;
    button.append(make("span", "", ""), keyHint(row));
    button.onclick = () => this.send({ do: "key", char: this.learns ? ESCAPE : row.keys[0] });
    this.showLearning = (learning) => {
      this.learns = learning?.waits ?? false;
      this.chooses = this.learns && !learning.name;
      document.body.classList.toggle("choosing", this.chooses);
      for (const [name, { element }] of this.rows) {
        element.classList.toggle("waits", this.learns && learning.name === name);
      }
      button.firstChild.textContent = this.learns ? "Cancel learn" : "MIDI learn";
      button.setAttribute("aria-pressed", String(this.learns));
    };
    this.showLearning(null);
    return button;
  }

  /** Whether a control was touched to be learned. */
  chosen(row) {
    if (this.chooses) this.send({ do: "learn", name: row.name });
    return this.chooses;
  }
}

/** How a control's values lie along a slider, 0..1; the default is in the middle if it may be. */
function scaleOf(row) {
  const { low, high, default: middle, kind } = row;
  const whole = kind === "whole" || (kind === "number" && row.step >= 1);
  const round = (value) => (whole ? Math.round(value) : Number(value.toFixed(DECIMALS)));
  const centred = low < middle && middle < high;
  const ratio = kind === "ratio" || low > 0;
  const between = (from, to, share) => (ratio ? from * (to / from) ** share : from + share * (to - from));
  const within = (from, to, value) =>
    ratio ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  if (!centred) {
    return {
      toValue: (share) => round(low + share * (high - low)),
      toShare: (value) => (value - low) / (high - low),
    };
  }
  return {
    toValue: (share) =>
      round(share < 0.5 ? between(low, middle, share * 2) : between(middle, high, share * 2 - 1)),
    toShare: (value) =>
      value < middle ? within(low, middle, value) / 2 : 0.5 + within(middle, high, value) / 2,
  };
}

function shown(row, value) {
  const whole = row.kind === "whole" || row.step >= 1;
  const sign = row.low < 0 && value > 0 ? "+" : value < 0 ? "−" : "";
  const size = whole ? String(Math.round(Math.abs(value))) : Math.abs(value).toFixed(DECIMALS);
  return `${sign}${size}${row.unit ? ` ${row.unit}` : ""}`;
}

function keyHint(row) {
  const hint = make("kbd", "");
  hint.textContent = [...row.keys].map((key) => (key === " " ? "␣" : key)).join(" ");
  return hint;
}

function words(name) {
  return WORDS[name] ?? name.replaceAll("_", " ");
}

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}
