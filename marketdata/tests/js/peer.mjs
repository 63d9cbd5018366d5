/** Starts peer.py, steers it, and waits for what it hears; always with a deadline. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = new URL('.', import.meta.url);
const VENV = fileURLToPath(new URL('../../../.venv/bin/python', HERE));
export const PYTHON = process.env.GS_PYTHON ?? (existsSync(VENV) ? VENV : 'python3');
export const DEADLINE = 10_000;

/** The first truthy value of `look`, asked again whenever `wake` is called. */
export class Watch {
  #waiting = new Set();

  wake() {
    for (const check of [...this.#waiting]) check();
  }

  until(look, what = 'it') {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(reject, new Error(`${what} did not happen within ${DEADLINE} ms`)), DEADLINE);
      const end = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle(value);
      };
      const check = () => {
        const value = look();
        if (value) end(resolve, value);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

export class Peer {
  events = [];
  #watch = new Watch();

  async start() {
    this.process = spawn(PYTHON, [fileURLToPath(new URL('peer.py', HERE))], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line));
      this.#watch.wake();
    });
    const { port } = await this.until((events) => events.find((one) => one.event === 'up'), 'the peer listening');
    this.url = `ws://127.0.0.1:${port}/ws`;
    return this;
  }

  until(look, what) {
    return this.#watch.until(() => look(this.events), what);
  }

  async tell(order) {
    const done = this.events.filter((one) => one.event === 'done').length;
    this.process.stdin.write(`${JSON.stringify(order)}\n`);
    await this.until((events) => events.filter((one) => one.event === 'done').length > done, JSON.stringify(order));
  }

  /** Messages of one type that the peer heard so far. */
  heard(type) {
    return this.events.filter((one) => one.event === 'heard' && one.message.type === type).map((one) => one.message);
  }

  stop() {
    this.process.stdin.end();
  }
}
