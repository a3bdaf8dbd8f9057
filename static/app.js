// The theme the reader chose, set before the first paint; without a choice the system's own counts.
(() => {
  const root = document.documentElement;
  const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const write = (theme) => {
    try { localStorage.setItem("theme", theme); } catch { /* storage is forbidden here: the choice lasts for this page */ }
  };
  const other = () => ((root.dataset.theme ?? (systemDark.matches ? "dark" : "light")) === "dark" ? "light" : "dark");

  const chosen = read();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  const label = () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      const name = other() === "dark" ? button.dataset.nameDark : button.dataset.nameLight;
      button.hidden = false;
      button.textContent = name;
      button.setAttribute("aria-label", `${button.dataset.label} ${name}`);
    }
  };
  document.addEventListener("DOMContentLoaded", label);
  systemDark.addEventListener("change", label);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    root.dataset.theme = other();
    write(root.dataset.theme);
    label();
  });
})();
