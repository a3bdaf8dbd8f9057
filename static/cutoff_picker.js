// Slider and number of the cutoff picker move together, one attainable value at a time. Nothing is computed here:
// a change asks the server, whose answer says which cutoff is in hand.

const stepsOf = (form) => form.dataset.steps.split(" ").map(Number);

// The highest step not above a value, as the server has it.
const placeOf = (steps, value) => Math.max(0, steps.findLastIndex((step) => step <= value));

function place(form, index) {
  const steps = stepsOf(form);
  const slider = form.querySelector("[data-cutoff-slider]");
  form.querySelector("[data-cutoff-number]").value = steps[index];
  slider.value = index;
  slider.setAttribute("aria-valuetext", String(steps[index]));
}

function reveal() {
  for (const slider of document.querySelectorAll("[data-cutoff-slider][hidden]")) slider.hidden = false;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-cutoff-slider]")) place(target.form, Number(target.value));
});

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!target.matches?.("[data-cutoff-number]") || (key !== "ArrowUp" && key !== "ArrowDown")) return;
  event.preventDefault();
  const steps = stepsOf(target.form);
  const here = placeOf(steps, Number(target.value));
  const next = Math.min(steps.length - 1, Math.max(0, here + (key === "ArrowUp" ? 1 : -1)));
  place(target.form, next);
  target.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("htmx:afterSwap", () => {
  reveal();
  const picked = document.getElementById("picked");
  const form = document.getElementById("picker-form");
  if (!picked || !form) return;
  for (const button of form.querySelectorAll("button[name='choice']")) {
    button.setAttribute("aria-pressed", String(button.value === picked.dataset.method));
  }
  // Whoever is moving it knows better than the answer to the step before.
  if (document.activeElement?.matches("[data-cutoff-slider], [data-cutoff-number]")) return;
  form.querySelector("[data-cutoff-number]").value = picked.dataset.cutoff;
  form.querySelector("[data-cutoff-slider]").value = picked.dataset.step;
});

reveal();
