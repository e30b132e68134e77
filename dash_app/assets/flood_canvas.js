/* Paints the flood at any level in the browser, from planes of levels that were read once.
   A plane is one byte a cell: decimetres, 254 open sea, 255 dry at every level of the slider. */
(function () {
  "use strict";

  const SEA = 254;
  const DM = 10;
  const EARTH_M = 2 * Math.PI * 6378137;
  /* What is known of a cell at one level. */
  const POSSIBLE = 1;
  const LINE = 2;
  const CERTAIN = 4;
  const HALF = 8;
  const OPEN = 16;

  let leaflet = null;
  let painter = null;
  const now = { flood: null, level: null, mode: "line", visible: false, due: 0, key: "" };

  if (window.L) window.L.Map.addInitHook(function () {
    leaflet = this;
    this.on("mousemove", sayCell);
    this.on("mouseout", () => { if (said) said.remove(); });
  });

  /* --- from levels to what is known of each cell ------------------------------------------------ */
  function classify(flood, level, wantsShare) {
    const k = Math.round(level * DM);
    const { best, quantiles, ratios, candidates } = flood;
    const [low, , half, , high] = quantiles;
    const known = flood.open.slice();
    const share = wantsShare ? new Uint8Array(best.length) : null;
    for (let n = 0; n < candidates.length; n++) {
      const i = candidates[n];
      const line = best[i] <= k;
      if (!line && low[i] > k) continue;
      known[i] = POSSIBLE | (line ? LINE : 0) | (line && high[i] <= k ? CERTAIN : 0) | (half[i] <= k ? HALF : 0);
      if (share) share[i] = 255 * shareOf(quantiles, ratios, i, k);
    }
    return { known, share };
  }

  /* How probable: between two quantiles as far as the level is between theirs. */
  function shareOf(quantiles, ratios, i, k) {
    if (quantiles[0][i] > k) return ratios[0] / 2;
    for (let q = quantiles.length - 1; q >= 0; q--) {
      const from = quantiles[q][i];
      if (from > k) continue;
      if (q === quantiles.length - 1) return ratios[q];
      const to = quantiles[q + 1][i];
      return ratios[q] + ((ratios[q + 1] - ratios[q]) * (k - from)) / Math.max(1, to - from);
    }
    return 0;
  }

  /* --- painting --------------------------------------------------------------------------------- */
  function rgba(hex, alpha) {
    const n = parseInt(hex.slice(1), 16);
    return ((Math.round(alpha * 255) << 24) | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0;
  }

  /* Which column and row of the planes lies under each pixel. */
  function under(length, first, step, count) {
    const index = new Int32Array(length).fill(-1);
    for (let p = 0; p < length; p++) {
      const cell = Math.floor(first + p * step);
      if (cell >= 0 && cell < count) index[p] = cell;
    }
    return index;
  }

  function paint(canvas, origin, zoom) {
    const { flood } = now;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!flood || !now.visible || now.level === null) return;
    const key = `${flood.url} ${now.level} ${now.mode}`;
    if (now.key !== key) Object.assign(now, { key, cells: classify(flood, now.level, now.mode === "probability") });
    const metres = EARTH_M / (256 * 2 ** zoom);
    const [west, south, east, north] = flood.bounds_m;
    const dx = (east - west) / flood.columns;
    const dy = (north - south) / flood.rows;
    const x0 = (origin.x + 0.5) * metres - EARTH_M / 2;
    const y0 = EARTH_M / 2 - (origin.y + 0.5) * metres;
    const columns = under(canvas.width, (x0 - west) / dx, metres / dx, flood.columns);
    const rows = under(canvas.height, (north - y0) / dy, metres / dy, flood.rows);
    const image = context.createImageData(canvas.width, canvas.height);
    const ink = now.mode === "probability" ? probabilityInk(flood) : lineInk(flood);
    fill(new Uint32Array(image.data.buffer), columns, rows, flood.columns, ink);
    context.putImageData(image, 0, 0);
  }

  /* The widest limit: pixels that differ from none so far to the left and above lie on no limit. */
  const WIDEST = 3;

  function fill(pixels, columns, rows, nColumns, ink) {
    const { known } = now.cells;
    const width = columns.length;
    const from = Math.max(WIDEST, columns.findIndex((column) => column >= 0));
    for (let y = WIDEST; y < rows.length; y++) {
      if (rows[y] < 0) continue;
      const row = rows[y] * nColumns;
      const above = rows[y - WIDEST] < 0 ? row : rows[y - WIDEST] * nColumns;
      for (let x = from; x < width && columns[x] >= 0; x++) {
        const cell = row + columns[x];
        const here = known[cell];
        const left = columns[x - WIDEST] < 0 ? here : known[row + columns[x - WIDEST]];
        const up = known[above + columns[x]];
        let colour = 0;
        if (here !== left || here !== up) colour = edge(known, here, x, y, columns, rows, nColumns, ink.edges);
        if (colour === 0 && here & POSSIBLE && !now.faint) colour = ink.fill(here, cell, x + y);
        if (colour !== 0) pixels[y * width + x] = colour;
      }
    }
  }

  /* A limit lies where a neighbour some pixels to the left or above is on the other side of it. */
  function edge(known, here, x, y, columns, rows, nColumns, edges) {
    for (const { flag, width, colour, shown } of edges) {
      const left = columns[x - width] >= 0 ? known[rows[y] * nColumns + columns[x - width]] : here;
      const above = rows[y - width] >= 0 ? known[rows[y - width] * nColumns + columns[x]] : here;
      const crossed = ((here ^ left) & flag && !((here | left) & OPEN)) || ((here ^ above) & flag && !((here | above) & OPEN));
      if (crossed && shown(x + y)) return colour;
    }
    return 0;
  }

  const always = () => true;
  const dashed = (along) => along % 14 < 9;
  const dotted = (along) => along % 5 < 2;

  /* The class of ground goes by the lowest sea that reaches it. */
  function shadesOf(flood, alpha) {
    const shades = new Uint32Array(256);
    for (let dm = 0; dm < 256; dm++) {
      const row = flood.classes.find((one) => dm <= one.up_to_m * DM) || flood.classes[flood.classes.length - 1];
      shades[dm] = rgba(row.colour, alpha);
    }
    return shades;
  }

  function lineInk(flood) {
    const { best } = flood;
    const solid = shadesOf(flood, 0.62);
    const light = shadesOf(flood, 0.36);
    const hatch = shadesOf(flood, 0.8);
    const beyond = rgba(flood.line, 0.5);
    const edges = [
      { flag: LINE, width: 3, colour: rgba(flood.line, 1), shown: flood.modelled ? dashed : always },
      { flag: POSSIBLE, width: 1, colour: rgba(flood.line, 0.75), shown: dotted },
    ];
    return {
      edges,
      fill: (here, i, along) => {
        if (here & CERTAIN) return solid[best[i]];
        if (here & LINE) return along % 9 < 2 ? hatch[best[i]] : light[best[i]];
        return along % 9 < 1 ? beyond : 0;
      },
    };
  }

  const PROBABLE = "#B3002D";

  function probabilityInk(flood) {
    const { share } = now.cells;
    const shades = Array.from({ length: 256 }, (_, n) => rgba(PROBABLE, 0.08 + (0.72 * n) / 255));
    const edges = [
      { flag: CERTAIN, width: 3, colour: rgba(flood.line, 1), shown: always },
      { flag: HALF, width: 2, colour: rgba(flood.line, 0.95), shown: dashed },
      { flag: POSSIBLE, width: 1, colour: rgba(flood.line, 0.9), shown: dotted },
    ];
    return { edges, fill: (_here, i) => shades[share[i]] };
  }

  /* --- a layer of the map ----------------------------------------------------------------------- */
  function makePainter() {
    const Painter = L.Renderer.extend({
      options: { padding: 0.15, pane: "flood" },
      _initContainer() {
        this._container = L.DomUtil.create("canvas", "flood-canvas");
        this._container.setAttribute("aria-hidden", "true");
      },
      _destroyContainer() { this._container.remove(); delete this._container; },
      _updatePaths() {},
      _update() {
        if (this._map._animatingZoom && this._bounds) return;
        L.Renderer.prototype._update.call(this);
        const size = this._bounds.getSize();
        L.DomUtil.setPosition(this._container, this._bounds.min);
        this._container.width = size.x;
        this._container.height = size.y;
        this.repaint();
      },
      repaint() {
        if (!this._bounds) return;
        paint(this._container, this._map.getPixelOrigin().add(this._bounds.min), this._map.getZoom());
      },
    });
    return new Painter();
  }

  function repaint() {
    cancelAnimationFrame(now.due);
    now.due = requestAnimationFrame(() => {
      const started = performance.now();
      if (!painter && leaflet && leaflet.getPane("flood")) painter = makePainter().addTo(leaflet);
      if (painter) painter.repaint();
      const canvas = document.querySelector(".flood-canvas");
      if (canvas) canvas.dataset.paintMs = (performance.now() - started).toFixed(1);
    });
  }

  /* --- what the pointer is over ------------------------------------------------------------------- */
  let said = null;

  function cellAt({ lat, lng }) {
    const { flood } = now;
    const [west, south, east, north] = flood.bounds_m;
    const x = (lng / 360) * EARTH_M;
    const y = (Math.asinh(Math.tan((lat * Math.PI) / 180)) * EARTH_M) / (2 * Math.PI);
    const column = Math.floor(((x - west) / (east - west)) * flood.columns);
    const row = Math.floor(((north - y) / (north - south)) * flood.rows);
    const inside = column >= 0 && column < flood.columns && row >= 0 && row < flood.rows;
    return inside ? row * flood.columns + column : -1;
  }

  function sayCell(event) {
    const cell = now.flood && now.visible && !now.faint && now.cells ? cellAt(event.latlng) : -1;
    const known = cell < 0 ? 0 : now.cells.known[cell];
    if (!(known & POSSIBLE)) { if (said) said.remove(); return; }
    said = said || L.tooltip({ direction: "top", offset: [0, -6], className: "flood-tip" });
    said.setLatLng(event.latlng).setContent(cellWords(now.flood, cell, known));
    if (!leaflet.hasLayer(said)) said.addTo(leaflet);
  }

  function cellWords({ best, classes, words }, cell, known) {
    const dm = best[cell];
    const row = classes.find((one) => dm <= one.up_to_m * DM);
    const certainty = known & CERTAIN ? words.certain : known & LINE ? words.line : words.possible;
    const lines = [
      ["strong", "", row ? words.title.replace("{level}", written(dm / DM, dm % DM ? 1 : 0)) : ""],
      ["div", "tip-value", row ? row.title : ""],
      ["div", "tip-note", [certainty, words.badge].filter(Boolean).join(" · ")],
    ];
    const box = document.createElement("div");
    for (const [tag, className, text] of lines) if (text) box.append(Object.assign(document.createElement(tag), { className, textContent: text }));
    return box;
  }

  /* --- what follows the slider at once ----------------------------------------------------------- */
  const written = (value, decimals = 0) =>
    value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  function follow(level) {
    document.querySelectorAll(".level-value").forEach((node) => { node.textContent = written(level, level % 1 ? 1 : 0); });
    const { flood } = now;
    if (!flood) return;
    const at = flood.levels_m.findIndex((one) => Math.abs(one - level) < 1e-6);
    if (at < 0) return;
    document.querySelectorAll("[data-live]").forEach((node) => {
      const counted = flood.counts[node.dataset.live];
      if (counted) node.textContent = written(counted[at]);
    });
  }

  /* --- the slider: the browser's own, which follows the finger; Dash hears of it when it rests -------- */
  const REST_MS = 400;
  let resting = 0;

  function mountSlider(id) {
    const place = document.getElementById(id);
    if (!place || place.firstChild) return "level-slider";
    const [min, max, step, value] = place.dataset.range.split(" ");
    const slider = Object.assign(document.createElement("input"), { type: "range", min, max, step, value });
    slider.setAttribute("aria-label", place.getAttribute("aria-label"));
    slider.setAttribute("aria-valuetext", `${value} m`);
    slider.addEventListener("input", () => moved(slider, place.dataset.parameter));
    place.removeAttribute("aria-label");
    place.append(slider);
    return "level-slider";
  }

  function moved(slider, parameter) {
    now.level = Number(slider.value);
    slider.setAttribute("aria-valuetext", `${slider.value} m`);
    document.querySelectorAll(".follows-level").forEach((node) => node.classList.add("pending"));
    follow(now.level);
    repaint();
    clearTimeout(resting);
    const rest = () => window.dash_clientside.set_props({ name: parameter, type: "parameter" }, { value: now.level });
    resting = setTimeout(() => { resting = 0; rest(); }, REST_MS);
  }

  function setSlider(level) {
    const slider = document.querySelector(".level-slider input");
    if (slider) slider.value = level;
    document.querySelectorAll(".level-value").forEach((node) => { node.textContent = written(level, level % 1 ? 1 : 0); });
  }

  /* --- from Dash --------------------------------------------------------------------------------- */
  const read = new Map();

  async function planesOf(about) {
    const answer = await fetch(about.url);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const size = about.rows * about.columns;
    const planes = Array.from({ length: about.planes }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
    const [best, ...quantiles] = planes;
    const wettable = [];
    best.forEach((level, i) => { if (level < SEA || (level > SEA && quantiles[0][i] < SEA)) wettable.push(i); });
    const open = best.map((level) => (level === SEA ? OPEN : 0));
    return Object.assign({}, about, { best, quantiles, open, ratios: about.quantiles, candidates: Int32Array.from(wettable) });
  }

  /* Shows the flood of an area, or hides it on the pages and hazards that are not about it. */
  async function showFlood(about, mode, tab, hazard, path) {
    now.visible = Boolean(about) && hazard === "tsunami" && path === "/riesgos";
    now.mode = mode;
    /* only a new answer sets the slider, and never while it moves */
    if (about && about !== now.about && !resting) { now.level = about.level_m; setSlider(now.level); }
    now.about = about;
    now.faint = tab === "evacuation";
    if (now.visible && (!now.flood || now.flood.url !== about.url)) {
      if (!read.has(about.url)) read.set(about.url, planesOf(about));
      now.flood = await read.get(about.url);
    }
    if (now.flood && about) Object.assign(now.flood, { counts: about.counts, classes: about.classes, line: about.line, modelled: about.modelled, words: about.words });
    repaint();
    return now.visible;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.flood = { showFlood, mountSlider };
})();
