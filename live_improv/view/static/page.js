// The page: joins the link, the lead sheet, the roll and the controls.

import { Controls } from "./controls.js";
import { Link } from "./link.js";
import { Place } from "./music.js";
import { Roll } from "./roll.js";
import { Sheet } from "./sheet.js";

const REPEATS = 70; // milliseconds between two commands of a key that is held
const DRAWS = 25; // milliseconds between two pictures, at least
const NEWS = 4000; // milliseconds that a line of news stays
const LATE = [3, 20]; // milliseconds: from here on it is worth a look, and bad
const LEARNING = { Escape: "\u001b", Backspace: "\u007f", Delete: "\u007f" };
const CHOOSE = "touch the control to be learned, or press its key";
const TURNS = { machine: "machine", player: "you", "": "–" };

const find = (id) => document.getElementById(id);
const place = new Place();
const sheet = new Sheet(find);
const roll = new Roll(find("roll"));
const controls = new Controls(find, (command) => link.send(command));
const link = new Link(take, changed);
let learned = null;
let newsTimer = 0;
let pressed = -Infinity;
let drawn = -Infinity;

function take(message) {
  if (message.type === "about") controls.take(message);
  else if (message.type === "refused") tell(message.why);
  else if (message.type === "frame") takeFrame(message);
}

function takeFrame(frame) {
  place.take(frame, performance.now());
  if (frame.chart) {
    sheet.take(frame.chart);
    find("title").textContent = frame.chart.title || "live_improv";
    const about = [frame.chart.key, frame.chart.style, frame.chart.form];
    find("about").textContent = about.filter(Boolean).join(" · ");
    document.title = frame.chart.title || "live_improv";
  }
  if (frame.knobs) controls.showKnobs(frame.knobs);
  roll.take(frame);
  controls.showState(frame.state);
  showFacts(frame);
  showTurn(frame);
  showLearning(frame.learning);
}

function showFacts(frame) {
  write("bpm", frame.bpm.toFixed(frame.bpm % 1 ? 1 : 0));
  const clock = controls.knobs?.clock ?? "internal";
  write("clock", frame.lost ? `${clock} lost, playing on` : clock);
  find("clock-fact").dataset.health = frame.lost ? "bad" : "good";
  write("late", frame.late === null ? "–" : `${frame.late.toFixed(1)} ms`);
  const [look, bad] = LATE;
  find("late-fact").dataset.health = frame.late >= bad ? "bad" : frame.late >= look ? "look" : "good";
}

function showTurn(frame) {
  let who = frame.turn;
  // When trading, who is not asked to play leaves the bars to the other.
  if (!who && frame.state === "playing" && controls.knobs?.mode === "trade") who = "player";
  if (frame.state !== "playing") who = "";
  find("turn").dataset.who = who || "nobody";
  write("turn", frame.state === "playing" ? TURNS[who] : frame.state);
}

function showLearning(learning) {
  const says = learning?.says ?? null;
  if (says === learned) return;
  const first = learned === null && !learning?.waits;
  learned = says;
  controls.showLearning(learning);
  if (says && !first) tell(controls.chooses ? CHOOSE : says, learning.waits);
}

function tell(text, stays = false) {
  const news = find("news");
  news.textContent = text;
  news.hidden = false;
  clearTimeout(newsTimer);
  if (!stays) newsTimer = setTimeout(() => (news.hidden = true), NEWS);
}

function changed(state) {
  const words = { open: "live", lost: "lost, trying again", refused: "wrong address: ask for a new one" };
  write("link", words[state]);
  find("link-fact").dataset.health = state === "open" ? "good" : "bad";
  document.body.dataset.link = state;
}

function write(id, text) {
  const element = find(id);
  if (element.textContent !== text) element.textContent = text;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.tagName === "SELECT") return;
  const char = (controls.learns && LEARNING[event.key]) || event.key;
  if (char === "." && !controls.keys?.has(char)) {
    document.body.classList.toggle("alone");
    return;
  }
  if (!controls.keys?.has(char) && char === event.key) return;
  event.preventDefault();
  const now = performance.now();
  if (event.repeat && now - pressed < REPEATS) return;
  pressed = now;
  link.send({ do: "key", char });
});

/** Draw every other picture of the screen: what is saved is the music's, on the same machine. */
function draw(now) {
  requestAnimationFrame(draw);
  const { frame } = place;
  if (!frame || !sheet.chart || now - drawn < DRAWS) return;
  drawn = now;
  const tick = place.tick(performance.now());
  sheet.show(tick, frame);
  roll.show(tick, sheet.chart);
}

requestAnimationFrame(draw);
