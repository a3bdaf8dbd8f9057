// Where the plot stands below the table, as on a phone, choosing a row goes there.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!detail.requestConfig?.elt.matches?.("a[id^='row-']")) return;
  const chosen = document.getElementById("chosen");
  if (chosen && chosen.getBoundingClientRect().top > window.innerHeight / 2) chosen.scrollIntoView();
});
