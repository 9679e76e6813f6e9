// The way to the page's process: a WebSocket that comes back by itself.

const AGAIN = [250, 500, 1000, 2000]; // milliseconds before the next attempt

export class Link {
  /** `take` gets each message as an object, `changed` gets "open", "lost" or "refused". */
  constructor(take, changed) {
    this.take = take;
    this.changed = changed;
    this.failed = 0;
    this.open();
  }

  open() {
    const socket = new WebSocket(`ws://${location.host}/live`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ token: location.hash.slice(1) }));
    socket.onmessage = (event) => {
      if (this.failed !== 0 || !this.heard) {
        this.failed = 0;
        this.heard = true;
        this.changed("open");
      }
      this.take(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      this.heard = false;
      const refused = event.code === 1008 && event.reason === "wrong token";
      this.changed(refused ? "refused" : "lost");
      if (refused) return;
      const wait = AGAIN[Math.min(this.failed, AGAIN.length - 1)];
      this.failed += 1;
      setTimeout(() => this.open(), wait);
    };
  }

  send(command) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(command));
  }
}

/** Calls `act` with the latest value for each name, no more than `rate` times a second in all. */
export class Slowly {
  constructor(act, rate) {
    this.act = act;
    this.pause = 1000 / rate;
    this.waiting = new Map();
    this.busy = false;
  }

  put(name, value) {
    this.waiting.set(name, value);
    if (!this.busy) this.next();
  }

  next() {
    const first = this.waiting.entries().next();
    this.busy = !first.done;
    if (first.done) return;
    const [name, value] = first.value;
    this.waiting.delete(name);
    this.act(name, value);
    setTimeout(() => this.next(), this.pause);
  }
}
