// Draws every [data-chart] from the Vega-Lite specification beside it, fitted to the width of its place.
// Colours are CSS variables (window.hepaticaChartTheme comes with vega.js), so theme and print need no redrawing.

const NARROW = 520; // px: below it direct labels give way to the legend, and columns beside a plot to its table
const NARROW_NAME = 64; // px for a group's name in the risk table there
const MARGIN = 110; // px that axes take, before it is known
const TICK_ROOM = 34; // px that a tick with its number at risk needs

const options = {
  mode: "vega-lite", renderer: "svg", actions: false,
  ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true }, // what the content security policy asks for
};

const viewsOf = (spec) => spec.vconcat ?? [spec];

function* encodingsOf(view) {
  if (view.encoding) yield view.encoding;
  for (const layer of view.layer ?? []) yield* encodingsOf(layer);
}

// Every second (third …) tick, with the risk-table column under it: rows carry the index of their tick.
function thinTicks(spec, plotWidth) {
  for (const view of viewsOf(spec)) {
    for (const { x } of encodingsOf(view)) {
      const values = x?.axis?.values;
      if (!values) continue;
      const step = Math.ceil((values.length * TICK_ROOM) / plotWidth);
      if (step === 1) continue;
      x.axis.values = values.filter((_, index) => index % step === 0);
      if (view.name === "risk-table") view.transform = [{ filter: `datum.tick % ${step} === 0` }];
    }
  }
}

// A line of the legend or the title that is longer than the plot would widen the whole chart.
function themeFor(plotWidth) {
  const theme = window.hepaticaChartTheme;
  return {
    ...theme,
    legend: { ...theme.legend, labelLimit: plotWidth - 30 },
    title: { ...theme.title, limit: plotWidth },
  };
}

function shorten(view) {
  view.layer = view.layer?.filter(({ name = "" }) => name !== "direct-labels" && !name.startsWith("beside-"));
  for (const { y } of encodingsOf(view)) {
    if (y?.axis?.labelLimit) y.axis.labelLimit = NARROW_NAME;
  }
}

// Panels keep the width they were drawn for; as many stand side by side as there is room for.
function wrap(spec, plotWidth) {
  const widest = Math.max(...spec.concat.map(({ width }) => width));
  if (Number.isNaN(widest)) return; // a width in steps
  const fitting = Math.floor((plotWidth + MARGIN) / (widest + MARGIN));
  spec.columns = Math.max(1, Math.min(spec.columns, fitting));
  for (const view of spec.concat) {
    const isSquare = view.width === view.height;
    view.width = Math.min(view.width, plotWidth);
    if (isSquare) view.height = view.width;
  }
}

function fitted(original, plotWidth, isNarrow) {
  const spec = structuredClone(original);
  if (spec.concat) {
    wrap(spec, plotWidth);
    return spec;
  }
  for (const view of viewsOf(spec)) {
    const isSquare = view.width === view.height;
    view.width = isSquare ? Math.min(view.width, plotWidth) : plotWidth;
    if (isSquare) view.height = view.width;
    if (isNarrow) shorten(view);
  }
  thinTicks(spec, plotWidth);
  return spec;
}

async function draw(figure) {
  const canvas = figure.querySelector("[data-chart-canvas]");
  const width = Math.floor(canvas.clientWidth);
  if (!width || figure.dataset.drawnWidth === String(width)) return;
  figure.dataset.drawnWidth = width;
  const spec = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const isNarrow = width < NARROW;
  let plotWidth = width - MARGIN;
  // Axis titles and labels take what they need; the second round knows how much that was.
  for (const round of [1, 2]) {
    figure.chartView?.finalize();
    const result = await window.vegaEmbed(canvas, fitted(spec, plotWidth, isNarrow), { ...options, config: themeFor(plotWidth) });
    figure.chartView = result.view;
    const svg = canvas.querySelector("svg");
    svg.setAttribute("aria-hidden", "true"); // the canvas around it has the name
    const excess = Number(svg.getAttribute("width")) - width;
    if (round === 2 || Math.abs(excess) < 2) break;
    plotWidth = Math.max(120, plotWidth - Math.ceil(excess));
  }
}

const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) draw(target.closest("[data-chart]"));
});

function start() {
  for (const canvas of document.querySelectorAll("[data-chart-canvas]")) observer.observe(canvas);
}

start();
document.addEventListener("htmx:afterSwap", start);
// A page that follows its analysis for days must not keep every chart it ever showed.
document.addEventListener("htmx:beforeSwap", (event) => {
  for (const figure of event.detail.target.querySelectorAll("[data-chart]")) figure.chartView?.finalize();
});
