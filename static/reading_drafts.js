// Keeps what is typed on the server, field by field, so that it outlives the window, the session and the computer.
// Each keeping names the version it builds on: another window's is never overwritten in silence.

const PAUSE = 300; // ms without a change before it is kept
const AGAIN = 4000; // ms before a keeping that found no server is tried again

// The token of today: somebody may have signed in again in another window since this page came.
export const token = (form) =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? form.querySelector("[name=csrfmiddlewaretoken]").value;

// The answer of the server as JSON; null when it was none, as from the sign-in page.
export const send = async (form, url, entries) => {
  const response = await fetch(url, {
    method: "POST",
    body: entries,
    redirect: "manual",
    keepalive: true, // outlives the page
    headers: { "Accept": "application/json", "X-CSRFToken": token(form) },
  });
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  return { status: response.status, answer: isJson ? await response.json() : null };
};

export class Drafts {
  constructor(form, { entries, say, conflict }) {
    this.form = form;
    this.entries = entries;
    this.say = say;
    this.conflict = conflict;
    this.version = Number(form.dataset.draftVersion);
    this.kept = this.text();
    this.isStopped = false;
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.keep(); });
  }

  text() { return this.entries().toString(); }

  later(pause = PAUSE) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), pause);
    this.mark(pause === PAUSE ? "waiting" : "later");
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.mark("");
  }

  mark(state) { this.form.dataset.draft = state; }

  resume() {
    this.isStopped = false;
    this.later();
  }

  // One at a time: each builds on the version that the one before it made.
  keep() {
    clearTimeout(this.timer);
    this.keeping = (this.keeping ?? Promise.resolve()).then(() => this.keepNow());
    return this.keeping;
  }

  async keepNow() {
    const text = this.text();
    if (this.isStopped || text === this.kept) return this.mark("");
    this.mark("sent");
    const entries = this.entries();
    entries.set("draft_version", String(this.version));
    entries.set("shown", this.form.querySelector("[name=shown]").value); // whose page this is
    try {
      const { status, answer } = await send(this.form, this.form.dataset.draftUrl, entries);
      if (this.isStopped) return;
      if (status === 409 && answer) return this.refused(answer);
      if (status !== 200 || !answer) throw new Error(`answer ${status}`);
      this.version = answer.draft_version;
      this.kept = text;
      this.mark("");
      this.say(this.form.dataset.draftKept);
      if (this.text() !== text) this.later();
    } catch {
      this.say(this.form.dataset.draftWaiting);
      this.later(AGAIN);
    }
  }

  refused(answer) {
    this.stop();
    this.conflict(answer);
  }

  // The person has seen that there is another version, and keeps this one.
  overwrite(version) {
    this.version = version;
    this.kept = null;
    this.resume();
  }
}
