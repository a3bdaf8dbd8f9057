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

// Menus close as people expect: by Escape, by a click beside them, by opening another.
(() => {
  const opened = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of opened()) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  // On a narrow screen the navigation is a strip: it begins where the reader is.
  document.addEventListener("DOMContentLoaded", () => {
    const strip = document.querySelector(".site-nav > ul");
    const here = strip?.querySelector("summary[data-current], :scope > li > a[aria-current]");
    if (!here) return;
    const off = here.getBoundingClientRect().left - strip.getBoundingClientRect().left;
    if (off + here.offsetWidth > strip.clientWidth) strip.scrollLeft = off - 48;
  });
})();
