// Forms that are filled in by single keys: what each scale shows and which keys it takes. Pages build on these.

import { meanOf, preview } from "./scoring.js";

export const isTyping = (element) => element.matches?.("input:not([type=radio], [type=checkbox], [type=hidden]), textarea, select");
// A field of digits: letters there are keys of the form, no text.
export const isWriting = (element) => isTyping(element) && !element.matches("[inputmode=numeric]");

// The letter of a key, on a keyboard of another script the one in that place.
const letterOf = ({ key, code }) =>
  /^[a-z]$/i.test(key) ? key.toLowerCase() : /^\p{L}$/u.test(key) && /^Key[A-Z]$/.test(code) ? code.at(-1).toLowerCase() : null;

// A digit is a digit, however the keyboard has it typed; what else is on the keys 0 to 4 is the extent.
const digitOf = ({ key }) => (/^[0-9]$/.test(key) ? Number(key) : null);
const extentKeyOf = ({ key, code }) => (/^Digit[0-4]$/.test(code) && !/^[0-9]$/.test(key) ? Number(code.at(-1)) : null);

export class KeyForm {
  constructor(element) {
    this.element = element;
    this.protocol = JSON.parse(element.querySelector("#protocol").textContent);
    this.status = element.querySelector("[data-status]");
    this.box = element.querySelector("[data-preview]");
    this.letters = {
      c: () => this.element.querySelector("[name=comment]").focus(),
      j: () => this.follow("[data-next]"),
      k: () => this.follow("[data-previous]"),
    };
  }

  start() {
    this.element.addEventListener("input", () => this.changed());
    document.addEventListener("keydown", (event) => this.key(event));
    this.show();
    // Where the eyes are: an error first, else the first field that a reader fills in.
    const start = this.element.querySelector(".error-summary") ?? this.first();
    start?.focus();
    start?.select?.();
  }

  radios(name) { return [...this.element.querySelectorAll(`input[type=radio][name=${name}]`)]; }
  chosen(name) { return this.radios(name).find(({ checked }) => checked)?.value ?? null; }
  first() { return this.element.querySelector("input:not([type=hidden])"); }

  changed() {
    this.status.textContent = "";
    this.show();
  }

  show() { /* each scale its own */ }
  digit() { return false; }
  enter() { return false; }

  key(event) {
    const isOthers = event.defaultPrevented || event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]");
    if (isOthers || event.ctrlKey || event.altKey || event.metaKey) return;
    if (this.sheet(event) || this.digit(event) || this.enter(event) || this.arrow(event) || this.letter(event)) event.preventDefault();
  }

  sheet(event) {
    const sheet = document.querySelector("[data-key-sheet]");
    if (event.key === "?" && !isWriting(event.target)) {
      sheet.open = !sheet.open;
      if (sheet.open) sheet.scrollIntoView({ block: "nearest" });
      return true;
    }
    if (event.key !== "Escape") return false;
    if (sheet.open) sheet.open = false; else this.first()?.focus();
    return true;
  }

  letter(event) {
    if (isWriting(event.target) || event.shiftKey) return false;
    const run = this.letters[letterOf(event)];
    run?.();
    return Boolean(run);
  }

  // Arrows inside a group of radio buttons would choose: here they never score.
  arrow({ key, target }) {
    const place = ["ArrowLeft", "ArrowRight"].indexOf(key);
    if (place < 0) return ["ArrowUp", "ArrowDown"].includes(key) && target.matches?.("input[type=radio]");
    if (isTyping(target) && (target.value !== "" || isWriting(target))) return false;
    this.letters["kj"[place]]();
    return true;
  }

  follow(selector) { document.querySelector(selector)?.click(); }
}

export class ScoreForm extends KeyForm {
  constructor(element) {
    super(element);
    this.percent = element.querySelector("[name=percent]");
  }

  start() {
    // Choosing an extent by hand takes the place of a percentage, and the other way round.
    for (const radio of this.radios("extent")) {
      radio.addEventListener("click", () => { this.percent.value = ""; radio.checked = true; this.changed(); });
    }
    super.start();
  }

  first() { return this.radios("intensity").find(({ checked }) => checked) ?? this.radios("intensity")[0]; }

  judged() {
    const number = (value) => (value === null ? null : Number(value));
    return preview(number(this.chosen("intensity")), this.percent.value.trim(), number(this.chosen("extent")), this.protocol);
  }

  show() {
    const { extent, score, refused } = this.judged();
    if (this.percent.value.trim() !== "") for (const radio of this.radios("extent")) radio.checked = Number(radio.value) === extent;
    this.box.hidden = false;
    const part = (name) => this.box.querySelector(name);
    const { contradiction, notWhole } = this.box.dataset;
    const why = extent === null ? notWhole : contradiction;
    part("[data-preview-text]").textContent = refused ? why : `${this.chosen("intensity") ?? "…"} × ${extent ?? "…"} =`;
    part("[data-preview-value]").textContent = refused ? "" : String(score ?? "…");
    part(".unit").hidden = score === null;
    this.box.classList.toggle("is-refused", refused);
  }

  digit(event) {
    if (isWriting(event.target)) return false;
    const extent = extentKeyOf(event);
    if (extent !== null) {
      this.percent.value = "";
      const radio = this.radios("extent")[extent];
      radio.checked = true;
      radio.focus();
      this.element.dispatchEvent(new Event("input"));
      return true;
    }
    const intensity = digitOf(event);
    if (isTyping(event.target) || intensity === null || intensity > 3) return false;
    this.radios("intensity")[intensity].checked = true;
    this.percent.focus();
    this.percent.select();
    this.element.dispatchEvent(new Event("input"));
    return true;
  }

  enter(event) {
    const isMine = event.target === document.body || event.target.matches?.("input[type=radio], input[type=checkbox]");
    if (event.key !== "Enter" || !isMine) return false;
    this.element.requestSubmit();
    return true;
  }
}

const rounded = (number) => String(Math.round(number * 100) / 100);

export class FieldsForm extends KeyForm {
  boxes() { return [...this.element.querySelectorAll("[name^=field_]")]; }
  first() { return this.boxes().find(({ value }) => value.trim() === "") ?? this.boxes()[0]; }
  judged() { return meanOf(this.boxes().map(({ value }) => value.trim())); }

  show() {
    const found = this.judged();
    const isEmpty = this.boxes().every(({ value }) => value.trim() === "");
    this.box.hidden = isEmpty;
    this.box.classList.toggle("is-refused", found === null);
    const write = (name, text) => { this.box.querySelector(name).textContent = text; };
    const words = this.box.querySelector("[data-preview-text]").dataset.words;
    write("[data-preview-text]", found === null ? this.box.dataset.notWhole : words);
    write("[data-preview-value]", found === null ? "" : rounded(found.mean));
    write("[data-preview-spread]", found?.sd == null ? "" : `± ${rounded(found.sd)} SD`);
    write("[data-preview-count]", found === null ? "" : `${found.n} / ${this.protocol.fields}`);
  }

  enter(event) {
    if (event.key !== "Enter") return false;
    const place = this.boxes().indexOf(event.target);
    if (event.target === document.body || event.target.matches?.("input[type=radio], input[type=checkbox]")) {
      this.element.requestSubmit();
      return true;
    }
    if (place < 0 || place === this.boxes().length - 1) return false;
    this.boxes()[place + 1].focus();
    this.boxes()[place + 1].select();
    return true;
  }
}
