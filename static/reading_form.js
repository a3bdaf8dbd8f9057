// The scoring screen of a round: keys, drafts, saving without losing the page, and the dialog when two windows meet.

import { Drafts, send, token } from "./reading_drafts.js";
import { FieldsForm, ScoreForm } from "./scoring_form.js";

// Digits typed after Enter and before the next slide is there would arrive in part: none of them counts, and the
// next page takes none until the reader has paused.
const AHEAD = "typed-ahead";
const PAUSE = 400;

const NEVER_DRAFTED = ["csrfmiddlewaretoken", "seen", "shown", "previewed"];

const reading = (Base) => class extends Base {
  constructor(element) {
    super(element);
    this.reasons = element.querySelector("[data-not-assessable]");
    this.previewed = element.querySelector("[name=previewed]");
    this.dialog = document.querySelector("[data-conflict]");
    Object.assign(this.letters, {
      n: () => this.toggleReasons(),
      f: () => element.querySelector("[name=is_flagged]").click(),
      u: () => document.querySelector("[data-undo]")?.click(),
    });
  }

  start() {
    super.start();
    this.drafts = new Drafts(this.element, {
      entries: () => this.draft(),
      say: (text) => { this.element.querySelector("[data-draft-state]").textContent = text; },
      conflict: (answer) => this.meet(answer),
    });
    this.element.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    for (const radio of this.radios("not_assessable")) radio.addEventListener("click", () => this.giveReason(radio));
    this.reasons.querySelector("summary").addEventListener("click", (event) => { event.preventDefault(); this.toggleReasons(); });
    this.dialog.querySelector("[data-keep-mine]").addEventListener("click", () => this.keepMine());
    this.dialog.querySelector("[data-take-theirs]").addEventListener("click", () => this.takeTheirs());
    if (sessionStorage.getItem(AHEAD)) {
      sessionStorage.removeItem(AHEAD);
      this.status.textContent = this.element.dataset.typedAhead;
      this.element.dataset.pausing = "";
      this.pause();
    }
    // A stale save: the page that refused it says so in its summary, and asks.
    if ("stale" in this.dialog.dataset) this.dialog.showModal();
    // A page out of the browser's memory shows what was, not what is.
    addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  }

  key(event) {
    if (!this.isSaving && !this.isPausing) return super.key(event);
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === "Tab") return undefined;
    event.preventDefault();
    if (this.isPausing) return this.pause();
    if (/^[0-9]$/.test(event.key)) sessionStorage.setItem(AHEAD, "1");
    return undefined;
  }

  pause() {
    this.isPausing = true;
    clearTimeout(this.pauseOver);
    this.pauseOver = setTimeout(() => { this.isPausing = false; delete this.element.dataset.pausing; }, PAUSE);
  }

  changed() {
    if (this.reason() && this.hasJudged()) this.radios("not_assessable")[0].checked = true;
    super.changed();
    this.drafts.later();
  }

  entries() { return new URLSearchParams(new FormData(this.element)); }

  draft() {
    const entries = this.entries();
    for (const name of NEVER_DRAFTED) entries.delete(name);
    // What follows from the percentage is not offered beside it.
    if (entries.get("percent")) entries.delete("extent");
    return entries;
  }

  // Not assessable: N opens the list, a digit gives the reason. A reason and a value exclude each other.
  reason() { return this.chosen("not_assessable") || null; }

  toggleReasons() {
    this.reasons.open = !this.reasons.open || !this.reasons.contains(document.activeElement);
    if (!this.reasons.open) return this.first().focus();
    const radios = this.radios("not_assessable");
    (radios.find(({ checked, value }) => checked && value) ?? radios[1]).focus();
  }

  giveReason(radio) {
    radio.checked = true;
    if (radio.value) this.clearJudged();
    if (radio.value === "other") this.letters.c(); else radio.focus();
    this.changed();
  }

  digit(event) {
    if (/^[0-9]$/.test(event.key) && this.reasons.contains(event.target)) {
      const radio = this.radios("not_assessable")[Number(event.key)];
      if (radio) this.giveReason(radio);
      return true;
    }
    return super.digit(event);
  }

  async save() {
    if (this.isSaving) return;
    const [text, field] = this.missing() ?? [];
    if (text) return this.refuse(text, field);
    this.isSaving = true;
    this.drafts.stop();
    this.previewed.value = this.reason() ? "" : this.value();
    const entries = this.entries();
    entries.delete("csrfmiddlewaretoken");
    try {
      const { status, answer } = await send(this.element, location.href, entries);
      if (answer?.next) return location.assign(answer.next);
      // Refused, or locked: the whole page says why. A sign-in page would lose what was typed.
      if (status === 422 || status === 200) return this.submitPlainly();
      this.failed(status === 0 || status === 403 ? this.element.dataset.signedOut : this.element.dataset.noAnswer);
    } catch {
      this.failed(this.element.dataset.noAnswer);
    }
  }

  submitPlainly() {
    this.element.querySelector("[name=csrfmiddlewaretoken]").value = token(this.element);
    this.element.submit();
  }

  failed(text) {
    this.isSaving = false;
    sessionStorage.removeItem(AHEAD);
    this.drafts.resume();
    this.status.textContent = text;
  }

  refuse(text, field) {
    this.status.textContent = text;
    field.focus();
    field.select?.();
  }

  meet({ text, draft_version: version }) {
    this.theirs = version;
    this.dialog.querySelector("[data-conflict-text]").textContent = text;
    this.dialog.showModal();
  }

  keepMine() {
    this.dialog.close();
    if (this.theirs !== undefined) this.drafts.overwrite(this.theirs);
    this.first().focus();
  }

  takeTheirs() {
    this.drafts.stop();
    if (this.theirs !== undefined) location.replace(location.href); else document.getElementById("discard").submit();
  }
};

class SlideScore extends reading(ScoreForm) {
  value() { return String(this.judged().score); }
  hasJudged() { return this.chosen("intensity") !== null || this.percent.value !== "" || this.chosen("extent") !== null; }

  clearJudged() {
    this.percent.value = "";
    for (const radio of [...this.radios("intensity"), ...this.radios("extent")]) radio.checked = false;
  }

  missing() {
    if (this.reason()) return null;
    const { score, refused } = this.judged();
    if (refused) return [this.box.querySelector("[data-preview-text]").textContent, this.percent];
    if (score !== null) return null;
    return [this.element.dataset.incomplete, this.chosen("intensity") === null ? this.first() : this.percent];
  }
}

class SlideFields extends reading(FieldsForm) {
  get fewer() { return this.element.querySelector("[name=fewer_fields_reason]"); }
  value() { return String(this.judged().mean); }
  hasJudged() { return this.boxes().some(({ value }) => value !== ""); }

  clearJudged() {
    for (const box of [...this.boxes(), this.fewer]) box.value = "";
  }

  missing() {
    if (this.reason()) return null;
    const found = this.judged();
    if (found === null) return [this.element.dataset.invalid, this.boxes()[0]];
    if (found.n < this.protocol.fields && !this.fewer.value.trim()) return [this.element.dataset.few, this.fewer];
    return null;
  }
}

const element = document.querySelector("[data-reading-form]");
if (element) new { score: SlideScore, fields: SlideFields }[element.dataset.scale](element).start();
