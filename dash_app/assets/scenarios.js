/* Scenarios: one map, two pictures of the same zones, and a divider between them that is moved by mouse, touch or keys.
   Each side is a pane of its own; the browser cuts it off at the divider (CSS clip), so nothing is drawn twice. */
(function () {
  "use strict";

  const SIDES = ["left", "right"];
  const PANE = { left: "split-left", right: "split-right" };
  const THUMB_PX = 44;
  const GAP_PX = 14;
  const CLOSE_ZOOM = 15;
  const OWN_PAGES = /^\/escenarios(\/|$)/;

  let leaflet = null;
  let split = null;
  /* what the picture was fitted to, until somebody moves it */
  let looked = null;
  let fitting = false;
  /* a link that names a view is opened at it; the page itself writes one into the address later */
  let given = OWN_PAGES.test(window.location.pathname) && new URLSearchParams(window.location.search).has("map");

  if (window.L) window.L.Map.addInitHook(function () {
    leaflet = this;
    split = null;
    this.on("move zoomend viewreset resize", clip);
    this.on("dragstart zoomstart", () => { if (!fitting) looked = null; });
    /* the panel of a wide table takes room from the map */
    new ResizeObserver(() => { this.invalidateSize({ pan: false }); fit(); clip(); }).observe(this.getContainer());
  });

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /* Where the middle of the range's thumb is, in pixels from the left edge of the map. */
  function dividerX() {
    const width = leaflet.getContainer().clientWidth;
    return THUMB_PX / 2 + (Number(split.range.value) / 100) * (width - THUMB_PX);
  }

  function clip() {
    if (!leaflet) return;
    const panes = SIDES.map((side) => leaflet.getPane(PANE[side]));
    if (panes.some((pane) => !pane)) return;
    panes.forEach((pane) => { pane.style.display = split ? "" : "none"; });
    if (!split) return;
    const x = dividerX();
    const corner = leaflet.containerPointToLayerPoint([0, 0]);
    const { clientWidth, clientHeight } = leaflet.getContainer();
    const far = leaflet.containerPointToLayerPoint([clientWidth, clientHeight]);
    const at = corner.x + x;
    panes[0].style.clip = `rect(${corner.y}px, ${at}px, ${far.y}px, ${corner.x}px)`;
    panes[1].style.clip = `rect(${corner.y}px, ${far.x}px, ${far.y}px, ${at}px)`;
    split.line.style.left = `${x}px`;
    const width = leaflet.getContainer().clientWidth;
    Object.assign(split.names.left.style, { right: `${width - x + GAP_PX}px`, maxWidth: `${Math.max(0, x - 2 * GAP_PX)}px` });
    Object.assign(split.names.right.style, { left: `${x + GAP_PX}px`, maxWidth: `${Math.max(0, width - x - 2 * GAP_PX)}px` });
  }

  function begin(words) {
    if (!split) {
      const box = element("div", "split");
      const line = element("div", "split-line");
      const range = element("input", "split-range");
      Object.assign(range, { type: "range", min: 0, max: 100, step: 1, value: 50 });
      const names = { left: element("span", "split-name"), right: element("span", "split-name") };
      range.addEventListener("input", () => { say(); clip(); });
      box.append(line, names.left, names.right, range);
      leaflet.getContainer().append(box);
      window.L.DomEvent.disableClickPropagation(range);
      /* the arrows move the divider, not the map */
      range.addEventListener("keydown", (event) => event.stopPropagation());
      split = { box, line, range, names, words };
    }
    leaflet.invalidateSize({ pan: false });
    split.words = words;
    split.names.left.textContent = words.left;
    split.names.right.textContent = words.right;
    split.range.setAttribute("aria-label", words.label);
    say();
    clip();
  }

  function say() {
    const { words, range } = split;
    range.setAttribute("aria-valuetext", words.value.replace("{n}", range.value));
  }

  function end() {
    if (split) split.box.remove();
    split = null;
    looked = null;
    clip();
  }

  function placesOf(collection) {
    const found = [];
    (function walk(part) { if (typeof part[0] === "number") found.push([part[1], part[0]]); else part.forEach(walk); })(
      collection.features.map((feature) => feature.geometry.coordinates));
    return found;
  }

  let shown = null;

  function show(now) {
    const before = shown;
    shown = now;
    if (!leaflet) return;
    if (!now) { end(); return; }
    begin(now.words);
    const places = [...placesOf(now.left_shapes), ...placesOf(now.right_shapes)];
    if (!places.length || (before && before.key === now.key)) return;
    if (given) { given = false; return; }
    looked = places;
    fit();
  }

  function fit() {
    if (!looked) return;
    const below = window.matchMedia("(max-width: 760px)").matches ? leaflet.getSize().y * 0.5 : 0;
    fitting = true;
    leaflet.fitBounds(looked, { maxZoom: CLOSE_ZOOM, paddingTopLeft: [60, 60], paddingBottomRight: [60, 60 + below], animate: false });
    fitting = false;
  }

  /* --- zones, which have a class, and the shapes of proposals -------------------------------------- */
  const SHAPE = { color: "#16191c", weight: 3, opacity: 1, fillColor: "#fff", fillOpacity: 0.85 };

  function style(feature, context) {
    if (!("c" in feature.properties)) return SHAPE;
    const { classes, missing, modelled } = context.hideout;
    const kind = classes[feature.properties.c] || missing || { colour: "#bdbdbd" };
    return { fillColor: kind.colour, fillOpacity: 0.72, color: "#444", weight: 1, opacity: 0.9, dashArray: modelled ? "5 4" : null };
  }

  function onEachFeature(feature, layer, context) {
    layer.bindTooltip(() => {
      const { n, t, c, v, d } = feature.properties;
      const box = element("div");
      if (c === undefined) { box.append(element("strong", "", `${n}. ${t}`)); return box; }
      const { classes, unit, deficit, badge } = context.hideout;
      box.append(element("strong", "", n));
      box.append(element("div", "tip-value", v === null ? "–" : `${v.toFixed(2)} ${unit}`));
      const words = [classes[c] && classes[c].title, d === null ? "" : deficit.replace("{n}", d.toFixed(2)), badge];
      box.append(element("div", "tip-note", words.filter(Boolean).join(" · ")));
      return box;
    }, { sticky: true, direction: "top" });
  }

  function pointToLayer(feature, latlng, context) {
    return window.L.circleMarker(latlng, { ...SHAPE, radius: 8, pane: context.pane });
  }

  window.ilo = Object.assign(window.ilo || {}, { scenarios: { style, onEachFeature, pointToLayer } });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    scenarios: { leave: (path, now) => (!now || OWN_PAGES.test(path || "") ? window.dash_clientside.no_update : null), show: (now) => { show(now); return window.dash_clientside.no_update; } },
  });
})();
