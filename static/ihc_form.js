// The reading form: keys, and a preview of the score from the table that came with the page. The server computes the
// score itself; when the extent that was lit here does not agree with its own, it refuses the save.

export const extentOf = (percent, protocol) =>
  protocol.extents.find(({ low, high }) => percent >= low && percent <= high)?.extent ?? null;

export const isWhole = (text) => /^\d{1,3}$/.test(text);

// {extent, score} of what is entered so far; refused is true for what the server will refuse.
export const preview = (intensity, percentText, chosenExtent, protocol) => {
  const percent = isWhole(percentText) ? Number(percentText) : null;
  const extent = percentText === "" ? chosenExtent : percent === null ? null : extentOf(percent, protocol);
  const refused = (percentText !== "" && extent === null)
    || (intensity !== null && extent !== null && (intensity === 0) !== (extent === 0));
  const score = refused || intensity === null || extent === null ? null : intensity * extent;
  return { extent, score, refused };
};

export const meanOf = (texts) => {
  const counts = texts.filter((text) => text !== "");
  if (!counts.length || !counts.every((text) => /^\d{1,5}$/.test(text))) return null;
  return { mean: counts.reduce((sum, text) => sum + Number(text), 0) / counts.length, n: counts.length };
};

const isTyping = (element) => element.matches?.("input:not([type=radio]):not([type=hidden]), textarea, select");

class Form {
  constructor(element) {
    this.element = element;
    this.protocol = JSON.parse(element.querySelector("#protocol").textContent);
    this.status = element.querySelector("[data-status]");
    this.box = element.querySelector("[data-preview]");
    this.warned = false;
    element.addEventListener("input", () => { this.status.textContent = ""; this.warned = false; this.show(); });
    document.addEventListener("keydown", (event) => this.key(event));
    this.show();
    // What a refused save brought back is stored nowhere.
    this.saved = element.querySelector(".error-summary") ? null : this.entries();
  }

  radios(name) { return [...this.element.querySelectorAll(`input[type=radio][name=${name}]`)]; }
  first() {
    return this.radios("intensity").find(({ checked }) => checked) ?? this.element.querySelector("input:not([type=hidden])");
  }
  entries() { return new URLSearchParams(new FormData(this.element)).toString(); }
  isChanged() { return this.entries() !== this.saved; }

  // Where the eyes are: an error first, else the first field that a reader fills in.
  start() {
    const summary = this.element.querySelector(".error-summary");
    (summary ?? this.first())?.focus();
  }

  show() { /* each scale its own */ }
  digit() { return false; }
  enter() { return false; }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const handled = this.sheet(event) || this.digit(event) || this.enter(event) || this.move(event);
    if (handled) event.preventDefault();
  }

  sheet(event) {
    const sheet = document.querySelector("[data-key-sheet]");
    const writes = isTyping(event.target) && !event.target.matches("[inputmode=numeric]");
    if (event.key === "?" && !writes) { sheet.open = !sheet.open; return true; }
    if (event.key === "Escape") {
      if (sheet.open) sheet.open = false; else this.first()?.focus();
      return true;
    }
    if (event.key.toLowerCase() === "c" && !writes) { this.element.querySelector("[name=comment]").focus(); return true; }
    return false;
  }

  // Arrows inside a group of radio buttons would choose: here they never score.
  move(event) {
    const inText = isTyping(event.target) && !(event.target.matches("[inputmode=numeric]"));
    const isArrow = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (inText || (isArrow && isTyping(event.target) && event.target.value !== "")) return false;
    const key = event.key.toLowerCase();
    const target = key === "arrowleft" || key === "k" ? "[data-previous]" : key === "arrowright" || key === "j" ? "[data-next]" : null;
    if (!target) return false;
    const link = document.querySelector(target);
    if (!link) return true;
    if (this.isChanged() && !this.warned) {
      this.warned = true;
      this.status.textContent = this.element.dataset.unsaved;
    } else {
      link.click();
    }
    return true;
  }
}

class ScoreForm extends Form {
  chosen(name) {
    const radio = this.radios(name).find(({ checked }) => checked);
    return radio ? Number(radio.value) : null;
  }

  get percent() { return this.element.querySelector("[name=percent]"); }

  constructor(element) {
    super(element);
    // Choosing an extent by hand takes the place of a percentage, and the other way round.
    for (const radio of this.radios("extent")) {
      radio.addEventListener("click", () => { this.percent.value = ""; radio.checked = true; this.show(); });
    }
  }

  show() {
    const text = this.percent.value.trim();
    const { extent, score, refused } = preview(this.chosen("intensity"), text, this.chosen("extent"), this.protocol);
    if (text !== "") for (const radio of this.radios("extent")) radio.checked = Number(radio.value) === extent;
    this.box.hidden = score === null && !(refused && extent !== null);
    const [words, value, unit] = [this.box.querySelector("[data-preview-text]"), this.box.querySelector("[data-preview-value]"), this.box.querySelector(".unit")];
    words.textContent = refused ? this.box.dataset.contradiction : `${this.chosen("intensity")} × ${extent} =`;
    value.textContent = refused ? "" : String(score);
    unit.hidden = refused;
  }

  digit(event) {
    // On a keyboard where digits are typed with Shift, Shift and a digit is the digit.
    const isExtent = event.shiftKey && /^Digit[0-4]$/.test(event.code) && !/^\d$/.test(event.key);
    const extent = isExtent ? Number(event.code.at(-1)) : null;
    if (extent !== null && !(isTyping(event.target) && event.target !== this.percent)) {
      this.percent.value = "";
      const radio = this.radios("extent")[extent];
      radio.checked = true;
      radio.focus();
      this.element.dispatchEvent(new Event("input"));
      return true;
    }
    if (event.shiftKey || isTyping(event.target) || !/^[0-3]$/.test(event.key)) return false;
    this.radios("intensity")[Number(event.key)].checked = true;
    this.percent.focus();
    this.percent.select();
    this.element.dispatchEvent(new Event("input"));
    return true;
  }

  enter(event) {
    if (event.key !== "Enter" || !event.target.matches?.("input[type=radio]")) return false;
    this.element.requestSubmit();
    return true;
  }
}

class FieldsForm extends Form {
  boxes() { return [...this.element.querySelectorAll("[name^=field_]")]; }

  show() {
    const found = meanOf(this.boxes().map(({ value }) => value.trim()));
    this.box.hidden = found === null;
    if (found === null) return;
    this.box.querySelector("[data-preview-value]").textContent = String(Math.round(found.mean * 100) / 100);
    this.box.querySelector("[data-preview-count]").textContent = `${found.n} / ${this.protocol.fields}`;
  }

  enter(event) {
    const place = this.boxes().indexOf(event.target);
    if (event.key !== "Enter" || place < 0 || place === this.boxes().length - 1) return false;
    this.boxes()[place + 1].focus();
    this.boxes()[place + 1].select();
    return true;
  }
}

const element = document.querySelector("[data-ihc-form]");
if (element) {
  const kinds = { score: ScoreForm, fields: FieldsForm };
  new (kinds[element.dataset.scale] ?? Form)(element).start();
}
