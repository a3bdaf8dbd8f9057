// Looks at a slide image: wheel, pinch, drag, keys and buttons. Tiles come from our own pyramid, or from the DeepZoom or
// IIIF server that the settings name. Without this script the page shows the fitted picture.

const UM_PER_PIXEL_AT_20 = 0.5; // what a scanner with a ×20 objective writes
const STEP = 1.5;
const KEPT = 400; // tiles
const AGAIN = 2000; // ms
const BARS = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1]; // µm

const levelsOf = (width, height) => Math.ceil(Math.log2(Math.max(width, height)));

const ours = ({ width, height, tile, top, pattern, umPerPixel }) => ({
  width: Number(width), height: Number(height), tile: Number(tile), top: Number(top), overlap: 0,
  umPerPixel: Number(umPerPixel) || null,
  url: (level, x, y) => pattern.replace("{level}", level).replace("{x}", x).replace("{y}", y),
});

const deepZoom = async (address) => {
  const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
  const root = new DOMParser().parseFromString(await answer.text(), "application/xml").documentElement;
  const size = root.getElementsByTagNameNS("*", "Size")[0];
  const [width, height] = ["Width", "Height"].map((name) => Number(size.getAttribute(name)));
  const base = address.replace(/\.dzi$/, "_files");
  const format = root.getAttribute("Format");
  return {
    width, height, top: levelsOf(width, height), umPerPixel: null,
    tile: Number(root.getAttribute("TileSize")), overlap: Number(root.getAttribute("Overlap")),
    url: (level, x, y) => `${base}/${level}/${x}_${y}.${format}`,
  };
};

const iiif = async (address) => {
  const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
  const { width, height, tiles } = await answer.json();
  const top = levelsOf(width, height);
  const tile = tiles?.[0]?.width ?? 256;
  const base = address.replace(/\/info\.json$/, "");
  const url = (level, x, y) => {
    const scale = 2 ** (top - level);
    const [left, up] = [x * tile * scale, y * tile * scale];
    const [wide, tall] = [Math.min(tile * scale, width - left), Math.min(tile * scale, height - up)];
    return `${base}/${left},${up},${wide},${tall}/${Math.ceil(wide / scale)},${Math.ceil(tall / scale)}/0/default.jpg`;
  };
  return { width, height, tile, top, overlap: 0, umPerPixel: null, url };
};

const sourceOf = (data) => (!data.source ? ours(data) : data.source.endsWith(".dzi") ? deepZoom(data.source) : iiif(data.source));

class Viewer {
  constructor(root, source) {
    this.root = root;
    this.source = source;
    this.canvas = root.querySelector(".viewer-canvas");
    this.overview = root.querySelector(".viewer-overview");
    this.tiles = new Map();
    this.fingers = new Map();
    this.listen();
    root.hidden = false;
    root.classList.add("is-live");
    for (const part of [this.canvas, this.overview, root.querySelector("[data-viewer-buttons]")]) part.hidden = false;
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    this.resize();
    this.fit();
  }

  listen() {
    const click = (selector, run) => this.root.querySelector(selector)?.addEventListener("click", () => run());
    click("[data-zoom-in]", () => this.zoom(STEP));
    click("[data-zoom-out]", () => this.zoom(1 / STEP));
    click("[data-fit]", () => this.fit());
    click("[data-full]", () => this.zoomTo(1));
    click("[data-times-20]", () => this.zoomTo(this.source.umPerPixel / UM_PER_PIXEL_AT_20));
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(STEP ** (-event.deltaY / 200), this.place(event));
    }, { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, this.place(event));
    });
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(end, ({ pointerId }) => this.fingers.delete(pointerId));
    }
    this.canvas.addEventListener("dblclick", (event) => this.zoom(2, this.place(event)));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.overview.addEventListener("pointerdown", (event) => this.jump(event));
  }

  place({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  // Keys that the form beside has uses for stay here while the picture has the focus.
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const far = 80;
    const run = {
      ArrowLeft: () => this.pan(far, 0), ArrowRight: () => this.pan(-far, 0),
      ArrowUp: () => this.pan(0, far), ArrowDown: () => this.pan(0, -far),
      "+": () => this.zoom(STEP), "=": () => this.zoom(STEP), "-": () => this.zoom(1 / STEP), Home: () => this.fit(),
    }[event.key];
    if (!run) return;
    run();
    event.preventDefault();
    event.stopPropagation();
  }

  drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.place(event);
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, now);
    if (!other) return this.pan(now.x - before.x, now.y - before.y);
    const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
    this.zoom(apart(now, other) / apart(before, other), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }

  jump(event) {
    const { left, top, width } = this.overview.getBoundingClientRect();
    const scale = this.source.width / width;
    this.x = this.wide / 2 - (event.clientX - left) * scale * this.scale;
    this.y = this.tall / 2 - (event.clientY - top) * scale * this.scale;
    this.pan(0, 0);
  }

  resize() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    [this.wide, this.tall] = [width, height];
    [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    const small = 120;
    const longer = Math.max(this.source.width, this.source.height);
    this.overview.width = Math.max(1, Math.round((small * this.source.width) / longer));
    this.overview.height = Math.max(1, Math.round((small * this.source.height) / longer));
    if (this.scale) this.pan(0, 0);
  }

  // The highest level that is one tile.
  get single() { return Math.min(this.source.top, Math.floor(Math.log2(this.source.tile))); }

  // `scale` is pixels of the screen for one of the picture; x and y are where its corner lies.
  get fitted() { return Math.min(this.wide / this.source.width, this.tall / this.source.height); }

  fit() {
    this.scale = this.fitted;
    this.x = (this.wide - this.source.width * this.scale) / 2;
    this.y = (this.tall - this.source.height * this.scale) / 2;
    this.draw();
  }

  zoom(factor, at = { x: this.wide / 2, y: this.tall / 2 }) {
    const scale = Math.min(Math.max(this.scale * factor, this.fitted), 4);
    this.x = at.x - (at.x - this.x) * (scale / this.scale);
    this.y = at.y - (at.y - this.y) * (scale / this.scale);
    this.scale = scale;
    this.pan(0, 0);
  }

  zoomTo(scale) { this.zoom(scale / this.scale); }

  pan(right, down) {
    const held = (corner, size, room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, corner)));
    this.x = held(this.x + right, this.source.width * this.scale, this.wide);
    this.y = held(this.y + down, this.source.height * this.scale, this.tall);
    this.draw();
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    const pen = this.canvas.getContext("2d");
    const ratio = this.canvas.width / this.wide;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.wide, this.tall);
    const { top } = this.source;
    const sharp = Math.min(top, Math.max(0, top + Math.ceil(Math.log2(this.scale * ratio))));
    const coarse = Math.min(sharp, this.single); // there at once, under the sharper ones
    for (const level of new Set([coarse, Math.max(coarse, sharp - 2), sharp])) this.paintLevel(pen, level);
    this.paintBar(pen);
    this.paintOverview();
  }

  paintLevel(pen, level) {
    const { tile, overlap, top, width, height } = this.source;
    const shrunk = 2 ** (top - level);
    const side = tile * shrunk * this.scale;
    const last = (size) => Math.ceil(size / shrunk / tile) - 1;
    const between = (corner, room, size) => [Math.max(0, Math.floor(-corner / side)), Math.min(last(size), Math.floor((room - corner) / side))];
    const [left, right] = between(this.x, this.wide, width);
    const [up, down] = between(this.y, this.tall, height);
    for (let y = up; y <= down; y += 1) {
      for (let x = left; x <= right; x += 1) {
        const image = this.tile(level, x, y);
        if (!image.complete || !image.naturalWidth) continue;
        const pixel = shrunk * this.scale;
        const [fromX, fromY] = [x * tile - (x ? overlap : 0), y * tile - (y ? overlap : 0)];
        pen.drawImage(image, this.x + fromX * pixel, this.y + fromY * pixel, image.naturalWidth * pixel, image.naturalHeight * pixel);
      }
    }
  }

  tile(level, x, y) {
    const address = this.source.url(level, x, y);
    let image = this.tiles.get(address);
    if (!image) {
      image = new Image();
      image.referrerPolicy = "no-referrer";
      image.onload = () => this.draw();
      image.onerror = () => setTimeout(() => this.forget(address), AGAIN);
      image.src = address;
    }
    this.tiles.delete(address);
    this.tiles.set(address, image); // the one used last is thrown away last
    if (this.tiles.size > KEPT) this.tiles.delete(this.tiles.keys().next().value);
    return image;
  }

  // A tile that did not come is asked for again, as long as it is looked at.
  forget(address) {
    this.tiles.delete(address);
    this.draw();
  }

  paintBar(pen) {
    if (!this.source.umPerPixel) return;
    const perUm = this.scale / this.source.umPerPixel;
    const um = BARS.find((length) => length * perUm <= this.wide / 4) ?? BARS.at(-1);
    const [x, y, text] = [12, this.tall - 12, um >= 1000 ? `${um / 1000} mm` : `${um} µm`];
    pen.fillStyle = "rgb(255 255 255 / 80%)";
    pen.fillRect(x - 6, y - 24, Math.max(um * perUm, 48) + 12, 30);
    pen.fillStyle = "#14232a";
    pen.fillRect(x, y - 3, um * perUm, 3);
    pen.font = "600 12px system-ui, sans-serif";
    pen.fillText(text, x, y - 8);
  }

  paintOverview() {
    const pen = this.overview.getContext("2d");
    const scale = this.overview.width / this.source.width;
    const all = this.tile(this.single, 0, 0);
    pen.clearRect(0, 0, this.overview.width, this.overview.height);
    if (all.complete && all.naturalWidth) pen.drawImage(all, 0, 0, this.overview.width, this.overview.height);
    pen.strokeStyle = "#d55e00";
    pen.lineWidth = 2;
    const seen = [-this.x, -this.y, this.wide, this.tall].map((pixels) => (pixels / this.scale) * scale);
    pen.strokeRect(...seen);
  }
}

for (const root of document.querySelectorAll("[data-viewer]")) {
  try {
    new Viewer(root, await sourceOf(root.dataset));
    const glass = document.querySelector("[data-glass]");
    if (root.dataset.source && glass) glass.hidden = true;
  } catch {
    root.hidden = Boolean(root.dataset.source); // no such slide there: it is taken from the tray
  }
}
