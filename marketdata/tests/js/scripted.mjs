/** A clock that stands until it is moved, and a socket whose other end is the test. */
export class FakeTiming {
  time = 0;
  #timers = new Map();
  #last = 0;

  now = () => this.time;

  start = (run, ms) => {
    this.#timers.set(++this.#last, { at: this.time + ms, run });
    return this.#last;
  };

  stop = (timer) => this.#timers.delete(timer);

  /** Moves on, ringing every timer on its way; a promise's turn passes after each. */
  async pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.#timers].filter(([, one]) => one.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!next) break;
      this.#timers.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].run();
      await turn();
    }
    this.time = Math.max(this.time, end);
    await turn();
  }

  /** The machine sleeps: time is gone, and no timer rang. */
  sleep(ms) {
    this.time += ms;
  }
}

export const turn = () => new Promise((resolve) => setImmediate(resolve));

export class ScriptedSocket {
  static all = [];
  static onNew = () => {};
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    ScriptedSocket.all.push(this);
    ScriptedSocket.onNew(this);
  }

  static get last() {
    return ScriptedSocket.all.at(-1);
  }

  static reset() {
    ScriptedSocket.all = [];
    ScriptedSocket.onNew = () => {};
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code, reason) {
    this.closed = { code, reason };
  }

  open() {
    this.onopen?.({});
  }

  receive(...messages) {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
  }

  lose(code = 1006, reason = '') {
    this.onclose?.({ code, reason });
  }
}
