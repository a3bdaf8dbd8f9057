// Buttons that copy the text of another element; without JavaScript, or without a clipboard, there is none.
const ready = () => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  const status = button.parentElement.querySelector("[data-copy-status]");
  status.textContent = "";
  button.dataset.label ??= button.textContent;
  button.textContent = status.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = button.dataset.label; }, 2000);
});
document.addEventListener("htmx:afterSettle", ready);
ready();
