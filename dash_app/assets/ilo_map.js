/* What the map does in the browser: styles, labels, windows of large layers, the address bar.
   Python refers to these functions by name; nothing here is generated. */
(function () {
  "use strict";

  const number = (value, decimals) =>
    value === null || value === undefined || Number.isNaN(value)
      ? "–"
      : value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  const element = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  /* --- reference layers ---------------------------------------------------------------------- */
  function layerStyle(feature, context) {
    const { style, by, styles, opacity } = context.hideout;
    const own = by ? styles[feature.properties[by]] || {} : {};
    const merged = Object.assign({}, style, own, isThere(feature, context.hideout.year) ? {} : GONE);
    return Object.assign(merged, {
      opacity: (merged.opacity ?? 1) * opacity,
      fillOpacity: (merged.fillOpacity ?? 1) * opacity,
    });
  }

  /* What does not exist in the chosen year stays as a faint outline: it was or will be there. */
  const GONE = { fillOpacity: 0, weight: 0.8, dashArray: "1 4", opacity: 0.6 };

  function isThere(feature, year) {
    const { y0, y1 } = feature.properties;
    return !year || ((y0 === undefined || y0 <= year) && (y1 === undefined || y1 >= year));
  }

  function pointToCircle(feature, latlng, context) {
    return L.circleMarker(latlng, layerStyle(feature, context));
  }

  function nameTooltip(feature, layer, context) {
    const { title, badge, words } = context.hideout;
    const p = feature.properties;
    const box = element("div");
    box.append(element("strong", "", p.n || title));
    const kind = words && words[p.k];
    const years = p.y0 || p.y1 ? `${p.y0 || "…"}–${p.y1 || "…"}` : "";
    box.append(element("div", "tip-note", [p.n ? title : "", kind, years, badge].filter(Boolean).join(" · ")));
    layer.bindTooltip(box, { sticky: true, direction: "top" });
  }

  /* --- the theme: polygons coloured by values that travel apart from the geometry -------------- */
  let theme = null;

  /* From near, streets and buildings must show through. */
  const NEAR_ZOOM = 15;

  function themeStyle(feature, context) {
    theme = context.hideout;
    const value = theme.values[feature.properties.i];
    return {
      fillColor: classOf(value).colour,
      fillOpacity: context.map.getZoom() < NEAR_ZOOM ? 0.78 : 0.45,
      color: theme.line,
      weight: theme.weight,
      opacity: 0.9,
      dashArray: theme.modelled ? "5 4" : null,
    };
  }

  function classOf(value) {
    if (value === null || value === undefined) return theme.missing;
    return theme.classes[theme.breaks.filter((limit) => value >= limit).length];
  }

  function themeTooltip(feature, layer, context) {
    const { map } = context;
    const restyle = () => layer.setStyle(themeStyle(feature, { hideout: theme, map }));
    layer.on("add", () => map.on("zoomend", restyle));
    layer.on("remove", () => map.off("zoomend", restyle));
    /* parks and points share the canvas and stay above, whichever was read first */
    layer.on("add", () => layer.bringToBack());
    layer.bindTooltip(() => {
      const value = theme.values[feature.properties.i];
      const box = element("div");
      box.append(element("strong", "", feature.properties.n));
      box.append(element("div", "tip-value", `${number(value, 2)} ${theme.unit}`));
      box.append(element("div", "tip-note", [classOf(value).title, theme.badge].filter(Boolean).join(" · ")));
      return box;
    }, { sticky: true, direction: "top" });
  }

  /* --- zones of hazards: colour and hatch say the class, the edge says how sure -------------------- */
  const HATCHES = {
    none: () => {},
    dots: (c) => HATCHES.medium(c),
    hatch: (c) => HATCHES.high(c),
    crossed: (c) => HATCHES.very_high(c),
    low: () => {},
    medium: (c) => { for (const [x, y] of [[2, 2], [6, 6]]) c.fillRect(x, y, 1.6, 1.6); },
    high: (c) => { c.beginPath(); c.moveTo(-2, 10); c.lineTo(10, -2); c.moveTo(-2, 2); c.lineTo(2, -2); c.moveTo(6, 10); c.lineTo(10, 6); c.stroke(); },
    very_high: (c) => { c.beginPath(); c.moveTo(0, 8); c.lineTo(8, 0); c.moveTo(0, 0); c.lineTo(8, 8); c.stroke(); },
  };
  const patterns = {};

  /* A canvas fills with a pattern as it fills with a colour. */
  function hatched(level, colour, alpha = 0.72) {
    const key = level + colour;
    if (patterns[key]) return patterns[key];
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const c = tile.getContext("2d");
    c.fillStyle = colour;
    c.globalAlpha = alpha;
    c.fillRect(0, 0, 8, 8);
    c.globalAlpha = 0.55;
    c.fillStyle = c.strokeStyle = "#1b1b1b";
    c.lineWidth = 0.9;
    HATCHES[level](c);
    patterns[key] = c.createPattern(tile, "repeat");
    return patterns[key];
  }

  let zones = null;

  function zoneStyle(feature, context) {
    zones = context.hideout;
    const { levels, modelled } = zones;
    const { l, c, k } = feature.properties;
    const level = levels[l];
    if (k) return siteStyle(l, level);
    if (!level) return { fill: false, stroke: false };
    const line = { color: "#3a2a1a", weight: 1.4, opacity: 0.9, dashArray: modelled ? "6 4" : null };
    const filled = { fill: true, fillColor: hatched(l, level.colour), fillOpacity: 1 };
    if (c === "possible") return { fill: false, color: "#3a2a1a", weight: 1, opacity: 0.75, dashArray: "1 4" };
    if (c === "certain") return { fill: false, color: "#1b1b1b", weight: 2.4, opacity: 0.9, dashArray: null };
    return Object.assign(filled, c ? line : { stroke: false });
  }

  /* Sites: the graver, the larger, and hatched as zones are. */
  const SITE_RADII = { low: 5, medium: 6, high: 7, very_high: 8.5 };

  function siteStyle(l, level) {
    if (!level) return { radius: 3, color: "#6b6b6b", weight: 1, fillColor: zones.missing.colour, fillOpacity: 0.9 };
    return { radius: SITE_RADII[l], color: "#1b1b1b", weight: 1.2, fillColor: hatched(l, level.colour, 0.95), fillOpacity: 1 };
  }

  const zonePoint = (feature, latlng, context) =>
    L.circleMarker(latlng, Object.assign({ pane: "hazards" }, zoneStyle(feature, context)));

  /* The pane takes the pointer only while zones lie in it: those under it have tooltips too. */
  let hovered = 0;

  function zoneTooltip(feature, layer, context) {
    const pane = context.map.getPane("hazards");
    layer.on("add", () => { hovered += 1; pane.style.pointerEvents = "auto"; });
    layer.on("remove", () => { hovered -= 1; if (!hovered) pane.style.pointerEvents = "none"; });
    layer.bindTooltip(() => zoneWords(feature.properties), { sticky: true, direction: "top" });
  }

  function zoneWords(p) {
    const { levels, missing, certainties, kinds, title, badge, lang } = zones;
    const sure = levels[p.l];
    const box = element("div");
    box.append(element("strong", "", p.n || p[lang] || title || kinds[p.k]));
    box.append(element("div", "tip-value", (sure || missing).title));
    const maybe = !sure && p.m && levels[p.m] ? `${certainties.possible}: ${levels[p.m].title}` : "";
    const notes = [p.n ? kinds[p.k] : "", p.n ? p[lang] : "", certainties[p.c], maybe, badge];
    box.append(element("div", "tip-note", notes.filter(Boolean).join(" · ")));
    return box;
  }

  /* --- the plan's inundation lines ------------------------------------------------------------------- */
  function planLineStyle(feature, context) {
    const { color, weight, modelled } = context.hideout;
    return { color, weight, opacity: 1, fill: false, dashArray: modelled ? "9 6" : null };
  }

  function planLineName(feature, latlng, context) {
    const name = element("span", "line-name", feature.properties.t);
    name.style.color = context.hideout.color;
    const icon = L.divIcon({ className: "label-anchor", iconSize: [0, 0], html: name });
    return placed(L.marker(latlng, { icon, interactive: false, keyboard: false }), context.map, LINE_NAMES);
  }

  function outlineStyle(feature) {
    const casing = feature.properties.part === "casing";
    return { fill: false, color: casing ? "#FFFFFF" : "#1B1B1B", weight: casing ? 7 : 3, opacity: 1 };
  }

  /* --- evacuation: blocks by arrival, streets that matter, new links, refuges ------------------------ */
  function arrivalStyle(feature, context) {
    const { arrivals, chosen } = context.hideout;
    const look = (arrivals || {})[feature.properties.l];
    if (!look) return { stroke: false, fill: false };
    const edge = feature.properties.i === chosen
      ? { color: "#1B1B1B", weight: 3.5, opacity: 1 }
      : { color: look.colour, weight: 0.8, opacity: 0.9 };
    return Object.assign({ fillColor: hatched(look.pattern, look.colour, 0.85), fillOpacity: 1 }, edge);
  }

  const MEASURES = {
    critical_links: { color: "#4A148C", weight: 5, opacity: 0.9 },
    new_links: { color: "#0D47A1", weight: 4, opacity: 1, dashArray: "7 5" },
    refuges: { color: "#FFFFFF", weight: 2, opacity: 1, fillColor: "#0D47A1", fillOpacity: 1 },
  };

  const measureStyle = (feature) => MEASURES[feature.properties.t];

  function measurePoint(feature, latlng) {
    const icon = L.divIcon({ className: "label-anchor", iconSize: [0, 0], html: element("span", "pin pin-refuges on-map", String(feature.properties.r)) });
    return L.marker(latlng, { icon, interactive: false, keyboard: false });
  }

  /* --- findings: areas and numbered pins, coloured by class; what is struck out is crossed -------- */
  /* What a rule struck out stays in the background: many small ones would hide the rest. */
  const STRUCK = {
    fill: true, get fillColor() { return hatched("very_high", "#9a9a9a", 0.25); }, fillOpacity: 0.6,
    color: "#7a7a7a", weight: 0.3, opacity: 0.6, dashArray: null,
  };

  /* Classes that the weights on the page give, where they differ from those sent. */
  let recoloured = null;
  const shown = new Map();
  const classNow = (p) => (recoloured && recoloured[p.i]) || p.l;

  function recolour(classes) {
    const before = recoloured;
    recoloured = classes;
    shown.forEach((style, layer) => {
      const p = layer.feature.properties;
      const was = (before && before[p.i]) || p.l;
      if (was !== classNow(p)) layer.setStyle(style());
    });
  }

  function foundStyle(feature, context) {
    const { classes, modelled, chosen } = context.hideout;
    const { i, x } = feature.properties;
    const look = classes[classNow(feature.properties)];
    if (!look) return { stroke: false, fill: false };
    const line = feature.geometry.type.endsWith("LineString");
    if (line) return { color: look.colour, weight: (look.width || 4) + (i === chosen ? 3 : 0), opacity: 0.95, fill: false };
    if (x && i !== chosen) return STRUCK;
    return {
      fill: true,
      fillColor: x ? hatched("very_high", "#9a9a9a", 0.25) : hatched(look.pattern, look.colour, 0.72),
      fillOpacity: 1,
      color: i === chosen ? "#1B1B1B" : "#4a3a3a",
      weight: i === chosen ? 3 : 1,
      opacity: 0.9,
      dashArray: modelled ? "5 4" : null,
    };
  }

  const foundPoint = (feature, latlng, context) =>
    L.circleMarker(latlng, Object.assign({ radius: 5, pane: "found" }, foundStyle(feature, context)));

  function foundPin(feature, latlng, context) {
    const { l, r } = feature.properties;
    const look = context.hideout.classes[l];
    if (r === undefined || r === null) return foundPoint(feature, latlng, context);
    const pin = element("span", `pin on-map pin-${l}`, String(r));
    if (look) pin.style.background = look.colour;
    const icon = L.divIcon({ className: "label-anchor", iconSize: [0, 0], html: pin });
    return L.marker(latlng, { icon, keyboard: false, pane: "pins" });
  }

  function foundTooltip(feature, layer, context) {
    if (layer.setStyle) {
      layer.on("add", () => shown.set(layer, () => foundStyle(feature, context)));
      layer.on("remove", () => shown.delete(layer));
    }
    layer.bindTooltip(() => {
      const { classes, lang, badge } = context.hideout;
      const p = feature.properties;
      const look = classes[classNow(p)];
      const box = element("div");
      box.append(element("strong", "", p.n || p[lang] || p.i));
      if (look) box.append(element("div", "tip-value", look.title));
      box.append(element("div", "tip-note", [p.n ? p[lang] : "", badge].filter(Boolean).join(" · ")));
      return box;
    }, { sticky: true, direction: "top" });
  }

  /* --- names with a halo; those of lower rank give way ----------------------------------------- */
  const labels = new WeakMap();
  const described = new WeakSet();

  function labelMarker(feature, latlng, context) {
    const { n, r, z } = feature.properties;
    const icon = L.divIcon({ className: "label-anchor", iconSize: [0, 0], html: element("span", `label label-${r}`, n) });
    const marker = L.marker(latlng, { icon, interactive: false, keyboard: false });
    const map = context.map;
    if (!described.has(map)) {
      described.add(map);
      describeMap(map, context.hideout);
      fitPhone(map);
    }
    return placed(marker, map, { rank: r, fromZoom: z });
  }

  /* Names of lines give way to those of the main places. */
  const LINE_NAMES = { rank: 1.5, fromZoom: 0 };

  /* Puts a name among those that give way to each other. */
  function placed(marker, map, { rank, fromZoom }) {
    if (!labels.has(map)) {
      labels.set(map, { all: [], due: 0 });
      map.on("zoomend resize", () => scheduleLabels(map));
    }
    const known = labels.get(map);
    known.all.push({ marker, rank, fromZoom });
    marker.on("remove", () => { known.all = known.all.filter((label) => label.marker !== marker); scheduleLabels(map); });
    scheduleLabels(map);
    return marker;
  }

  function scheduleLabels(map) {
    const known = labels.get(map);
    cancelAnimationFrame(known.due);
    known.due = requestAnimationFrame(() => placeLabels(map, known.all));
  }

  /* A name that would lie on another moves a line down or up before it gives way. */
  const SHIFTS = [0, 16, -16];

  function placeLabels(map, all) {
    const taken = [];
    all.sort((a, b) => a.rank - b.rank);
    for (const { marker, fromZoom } of all) {
      const node = marker.getElement();
      if (!node) continue;
      const span = node.firstChild;
      node.style.display = "";
      const boxes = SHIFTS.map((shift) => labelBox(map.latLngToLayerPoint(marker.getLatLng()), span, shift));
      const free = map.getZoom() >= fromZoom && boxes.find((box) => !taken.some((other) => overlap(box, other)));
      node.style.display = free ? "" : "none";
      if (!free) continue;
      span.style.setProperty("--shift", `${free.shift}px`);
      taken.push(free);
    }
  }

  function labelBox(at, span, shift) {
    const x = span.offsetWidth / 2 + 4;
    const y = span.offsetHeight / 2;
    return { left: at.x - x, right: at.x + x, top: at.y + shift - y, bottom: at.y + shift + y, shift };
  }

  const overlap = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

  /* On a phone the sheet covers the lower half: an address that names no view shows the city above it. */
  function fitPhone(map) {
    const asked = new URLSearchParams(window.location.search).has("map");
    if (asked || !window.matchMedia("(max-width: 760px)").matches) return;
    map.setZoom(map.getZoom() - 2, { animate: false });
    map.panBy([0, map.getSize().y * 0.16], { animate: false });
  }

  function describeMap(map, words) {
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", words.map);
    const named = { "leaflet-control-zoom-in": words.zoom_in, "leaflet-control-zoom-out": words.zoom_out };
    for (const [className, title] of Object.entries(named)) {
      const button = container.querySelector(`.${className}`);
      if (button) { button.title = title; button.setAttribute("aria-label", title); }
    }
  }

  /* --- which address each layer is read from ---------------------------------------------------- */
  const WINDOW_STEP_DEG = 0.01;

  /* A large layer is read for a window snapped to a grid, so that a small pan reads nothing new. */
  function windowUrl(layer, bounds) {
    const snap = (value, round) => (round(value / WINDOW_STEP_DEG) * WINDOW_STEP_DEG).toFixed(2);
    const [[south, west], [north, east]] = bounds;
    const box = [snap(west, Math.floor), snap(south, Math.floor), snap(east, Math.ceil), snap(north, Math.ceil)];
    return `${layer.url}?bbox=${box.join(",")}`;
  }

  function boundsOf(view, element_) {
    const map = element_ || document.querySelector(".leaflet-container");
    const { center, zoom } = view;
    const world = 256 * 2 ** zoom;
    const y = (lat) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2 * world;
    const lat = (py) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * py) / world))) * 180) / Math.PI;
    const half = { x: map.clientWidth / 2, y: map.clientHeight / 2 };
    const cx = ((center[1] + 180) / 360) * world;
    const lon = (px) => (px / world) * 360 - 180;
    return [[lat(y(center[0]) + half.y), lon(cx - half.x)], [lat(y(center[0]) - half.y), lon(cx + half.x)]];
  }

  function layerUrls(visible, center, zoom, specs) {
    const at = { center: Array.isArray(center) ? center : [center.lat, center.lng], zoom };
    return specs.map((layer) => {
      if (!visible.includes(layer.id)) return null;
      if (layer.window_from_zoom === null || zoom < layer.window_from_zoom) return layer.url;
      return windowUrl(layer, boundsOf(at));
    });
  }

  const chooseLayers = (chosen) => chosen || window.dash_clientside.no_update;

  /* Opacity of each layer, and the year that the green layers show. */
  function layerLooks(opacities, run, sliders, layers, hideouts) {
    const wanted = Object.fromEntries(sliders.map((id, n) => [id.layer, opacities[n] / 100]));
    const chosen = (run && run.params && run.params.year) || null;
    return hideouts.map((hideout, n) => {
      const opacity = wanted[layers[n].layer] ?? hideout.opacity;
      const year = chosen || hideout.year;
      const same = opacity === hideout.opacity && (!hideout.dated || year === hideout.year);
      return same ? hideout : Object.assign({}, hideout, { opacity, year });
    });
  }

  /* --- the address bar holds the whole view ----------------------------------------------------- */
  let read = window.location.pathname;

  function writeAddress(values, level, zone, center, zoom, visible, hazard, pathname, ids, tabs, known) {
    // another page is read from its beginning
    if (pathname !== read) document.getElementById("panel").scrollTop = 0;
    read = pathname;
    const query = new URLSearchParams(window.location.search);
    const put = (key, value, usual) =>
      value === usual || value === null || value === undefined || value === "" ? query.delete(key) : query.set(key, value);
    ids.forEach((id, n) => put(id.name, String(values[n] ?? ""), String(known.parameters[id.name] ?? "")));
    put("level", level, known.level);
    put("zone", zone, null);
    put("hazard", hazard, known.hazard);
    const [lat, lng] = Array.isArray(center) ? center : [center.lat, center.lng];
    put("map", `${zoom}/${lat.toFixed(5)}/${lng.toFixed(5)}`, known.map);
    put("layers", [...visible].sort().join("."), known.layers);
    const text = query.toString().replaceAll("%2F", "/");
    const address = (path, search) => path + (search ? `?${search}` : "");
    window.history.replaceState(window.history.state, "", address(window.location.pathname, text));
    const other = new URLSearchParams(text);
    other.set("lang", known.other_lang);
    const page = (name) => address(known.paths[name], text);
    return [...known.entries.map(page), tabs.map((tab) => page(tab.page)), address(window.location.pathname, other.toString().replaceAll("%2F", "/"))];
  }

  /* --- the shell --------------------------------------------------------------------------------- */
  const STOPS = ["peek", "half", "full"];

  function nextStop(_clicks, className) {
    const now = STOPS.findIndex((stop) => className.includes(`stop-${stop}`));
    return className.replace(/stop-\w+/, `stop-${STOPS[(now + 1) % STOPS.length]}`);
  }

  function toggleDrawer(open, _close, opened) {
    return window.dash_clientside.callback_context.triggered_id === "drawer-close" ? false : !opened;
  }

  function flyTo(value) {
    if (!value) return window.dash_clientside.no_update;
    const [lat, lng, zoom] = value.split("|")[0].split("/").map(Number);
    return { center: [lat, lng], zoom, transition: "flyTo" };
  }

  /* What ended is ready, unless something else was asked for meanwhile. */
  function finishRuns(done, ...runs) {
    const waits = (run) => run && run.job && done && done.includes(run.job);
    return runs.map((run) => (waits(run) ? Object.assign({}, run, { job: null }) : window.dash_clientside.no_update));
  }

  const showTab = (tab) => [tab === "evacuation", tab !== "evacuation"];

  function reveal(children, id, block = "nearest") {
    if (children && children.length) {
      requestAnimationFrame(() => document.getElementById(id).scrollIntoView({ block }));
    }
  }

  /* What is longer than the panel is read from its beginning. */
  const revealStart = (children, id) => reveal(children, id, "start");

  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  function filterFolded({ options, search, limit }) {
    const wanted = fold(search.trim());
    const fits = (option) => fold(option.label).includes(wanted);
    const groups = options.map((option) =>
      option.items ? { ...option, items: option.items.filter(fits).slice(0, limit) } : option);
    return groups.filter((option) => (option.items ? option.items.length : fits(option)));
  }

  /* Rows that choose something say what and which; lists of them need no id each. */
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-choose], button[data-parameter]");
    if (row) {
      const { choose, parameter, value } = row.dataset;
      if (choose) window.dash_clientside.set_props(choose, { data: value });
      else window.dash_clientside.set_props({ name: parameter, type: "parameter" }, { value });
      const same = choose ? `[data-choose="${choose}"]` : `[data-parameter="${parameter}"]`;
      document.querySelectorAll(`.segments ${same}`).forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.value === value)));
    }
    const close = event.target.closest("[data-close]");
    if (close) window.dash_clientside.set_props(close.dataset.close, { children: [] });
  });

  /* An (i) closes when something else is touched, or by Escape. */
  const closeInfo = (kept) =>
    document.querySelectorAll("details.info[open]").forEach((info) => { if (info !== kept) info.open = false; });
  document.addEventListener("click", (event) => closeInfo(event.target.closest("details.info")));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeInfo(null); });

  window.ilo = {
    recolour,
    map: { layerStyle, pointToCircle, nameTooltip, themeStyle, themeTooltip, zoneStyle, zonePoint, zoneTooltip, planLineStyle, planLineName, arrivalStyle, measureStyle, measurePoint, foundStyle, foundPoint, foundPin, foundTooltip, outlineStyle, labelMarker },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    ilo: { layerUrls, chooseLayers, layerLooks, writeAddress, nextStop, toggleDrawer, flyTo, reveal, revealStart, showTab, finishRuns },
  });
  window.dashMantineFunctions = Object.assign({}, window.dashMantineFunctions, { filterFolded });
})();
