// The form of a read outside a round. Nothing is kept before it is saved, so leaving it half done is asked about once.

import { FieldsForm, KeyForm, ScoreForm } from "./scoring_form.js";

const outOfRound = (Base) => class extends Base {
  start() {
    super.start();
    this.warned = false;
    // What a refused save brought back is stored nowhere.
    this.saved = this.element.querySelector(".error-summary") ? null : this.entries();
  }

  entries() { return new URLSearchParams(new FormData(this.element)).toString(); }

  changed() {
    this.warned = false;
    super.changed();
  }

  follow(selector) {
    if (!document.querySelector(selector) || this.warned || this.entries() === this.saved) return super.follow(selector);
    this.warned = true;
    this.status.textContent = this.element.dataset.unsaved;
  }
};

const element = document.querySelector("[data-ihc-form]");
if (element) {
  const kinds = { score: ScoreForm, fields: FieldsForm };
  new (outOfRound(kinds[element.dataset.scale] ?? KeyForm))(element).start();
}
