// What is to be saved, in its order: kept in the page and in the browser's storage until the server has it on the disk,
// and sent again until then. The server knows what it has by its key, so that nothing is written twice.

const PATIENCE = 15000; // ms for an answer
const LONGEST_WAIT = 10000; // ms until what failed is sent again

/** Return the browser's storage of a name, or one that forgets with the page where the browser forbids it. */
export function storage(name) {
  try {
    window[name].getItem("framing");
    return window[name];
  } catch (error) {
    const kept = new Map();
    return {
      get length() { return kept.size; },
      key: (number) => [...kept.keys()][number],
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    };
  }
}

export const local = storage("localStorage");
export const session = storage("sessionStorage");

export function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}

/** Ask the server, and return the JSON of its answer; an Error has the reason that it gave. */
export async function ask(address, body) {
  const options = { cache: "no-store", signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined };
  if (body !== undefined) {
    options.method = "POST";
    options.headers = { "content-type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(address, options);
  const answer = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new Error(answer.error || `the server answered ${response.status}`);
  return answer;
}

/** Say in words why asking failed. */
export function reason(error) {
  return error instanceof TypeError || error.name === "TimeoutError" ? "the server does not answer" : error.message;
}

export class Saving {
  /** `send` sends one operation; `saved`, `failed` and `changed` are told what becomes of it. */
  constructor(shelf, { send, saved, failed, changed }) {
    this.shelf = shelf;
    this.tab = session.getItem("framing-tab") || random();
    session.setItem("framing-tab", this.tab);
    Object.assign(this, { send, saved, failed, changed });
    this.queue = [];
    this.failures = 0;
    this.sending = false;
    this.timer = null;
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.length) event.preventDefault();
    });
    window.addEventListener("online", () => this.drain());
  }

  get busy() {
    return this.sending || this.queue.length > 0;
  }

  add(op) {
    this.queue.push(op);
    this.keep();
    this.changed();
    this.drain();
  }

  drop(op) {
    this.queue = this.queue.filter((one) => one !== op);
    this.keep();
    this.changed();
    this.drain();
  }

  keep() {
    try {
      if (this.queue.length) local.setItem(this.shelf + this.tab, JSON.stringify(this.queue));
      else local.removeItem(this.shelf + this.tab);
    } catch (error) {
      // A full or forbidden storage: the page itself still has them.
    }
  }

  /** Take over what pages that were closed had not saved, and return how many codes that are. */
  adopt() {
    const names = Array.from({ length: local.length }, (_, number) => local.key(number));
    for (const name of names.filter((one) => one.startsWith(this.shelf))) {
      try {
        for (const op of JSON.parse(local.getItem(name))) {
          if (op.kind !== "code") continue;
          op.code.late = op.given; // a code that was given since holds
          this.queue.push(op);
        }
      } catch (error) {
        // Not what this page has written.
      }
      local.removeItem(name);
    }
    this.keep();
    this.changed();
    this.drain();
    return this.queue.length;
  }

  async drain() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    while (this.queue.length) {
      const op = this.queue[0];
      try {
        const answer = await this.send(op);
        this.queue = this.queue.filter((one) => one !== op);
        this.failures = 0;
        this.keep();
        this.saved(op, answer);
      } catch (error) {
        this.failures += 1;
        this.failed(op, error);
        this.timer = setTimeout(() => this.drain(), Math.min(1000 * 2 ** Math.min(this.failures - 1, 4), LONGEST_WAIT));
        break;
      }
    }
    this.sending = false;
    this.changed();
  }
}
