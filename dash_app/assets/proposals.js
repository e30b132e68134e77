/* Proposals in the browser: marks and clusters, shapes from near, drawing a shape, files to the server.
   What people wrote reaches the page by textContent only: a title is never HTML, in a tooltip neither. */
(function () {
  "use strict";

  const NEAR_ZOOM = 15;
  const CLOSE_ZOOM = 17;
  const DECIMALS = 1e7;
  const MAX_HANDLES = 80;
  const LEAST = { point: 1, line: 2, polygon: 3 };
  const FORM_OF = { Point: "point", LineString: "line", Polygon: "polygon" };
  const PHONE = "(max-width: 760px)";
  // what lies over the map's upper edge on a phone
  const LEGEND_PX = 160;
  const COLOURS = { draft: "#22282e", study: "#1f5fa8", council: "#8a3b00", approved: "#1b6e3a", shelved: "#6b6f73" };
  const DASHES = { draft: "4 5", shelved: "10 5" };
  const LINE = "#b3005e";

  let leaflet = null;
  let words = { groups: {}, kinds: {}, states: {}, cluster: "" };
  let shown = null;
  let fits = !new URLSearchParams(window.location.search).has("map");

  if (window.L) window.L.Map.addInitHook(function () {
    leaflet = this;
    this.on("moveend", () => readShapes());
  });

  const byId = (id) => document.getElementById(id);
  const unchanged = () => window.dash_clientside.no_update;

  /* What was on its way to a page that was left meanwhile is dropped: Dash knows no such id any more. */
  function set(id, props) {
    try { window.dash_clientside.set_props(id, props); } catch (error) { if (!(error instanceof TypeError)) throw error; }
  }

  const isPhone = () => window.matchMedia(PHONE).matches;

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function go(path, query) {
    set("url", { href: path + (query || "") });
  }

  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("ilo_csrf="));
    return found ? decodeURIComponent(found.slice("ilo_csrf=".length)) : "";
  }

  /* --- marks -------------------------------------------------------------------------------------- */
  const groupOf = (state) => words.groups[state] || "study";

  function icon(node) {
    return L.divIcon({ className: "label-anchor", iconSize: [0, 0], html: node });
  }

  function mark(feature, latlng, context) {
    words = context.hideout;
    const { n, k, s } = feature.properties;
    const node = element("span", `mark on-map mark-${groupOf(s)}${n === words.chosen ? " chosen" : ""}`);
    node.append(element("span", `sign sign-${k in words.kinds ? k : "other"}`));
    return L.marker(latlng, { icon: icon(node), keyboard: false, pane: "proposals" });
  }

  function cluster(feature, latlng) {
    const { point_count: n } = feature.properties;
    const node = element("span", `cluster${n >= 100 ? " many" : ""}`, n.toLocaleString("en-US"));
    return L.marker(latlng, { icon: icon(node), keyboard: false, pane: "proposals" });
  }

  function tooltip(feature, layer, context) {
    words = context.hideout;
    const { cluster: many, point_count: count, n, t, k, s } = feature.properties;
    layer.bindTooltip(() => {
      if (many) return element("div", "", words.cluster.replace("{n}", count.toLocaleString("en-US")));
      const box = element("div");
      box.append(element("strong", "", t));
      box.append(element("div", "tip-note", [`n.º ${n}`, words.kinds[k], words.states[s]].filter(Boolean).join(" · ")));
      return box;
    }, { direction: "top", offset: [0, -14] });
    if (!many) layer.on("click", () => { if (!drawing.form) go(`/propuestas/${n}`, words.query); });
  }

  /* --- the shape of what is open, and the shapes of all from near ---------------------------------- */
  function shapeStyle(feature) {
    const casing = feature.properties.part === "casing";
    const second = feature.properties.n === 2;
    return {
      color: casing ? "#fff" : second ? "#1f5fa8" : LINE, weight: casing ? 8 : 4, opacity: 1,
      fill: !casing && feature.geometry.type.endsWith("Polygon"), fillColor: second ? "#1f5fa8" : LINE, fillOpacity: 0.18,
      dashArray: second && !casing ? "8 5" : null,
    };
  }

  function shapePoint(feature, latlng) {
    const casing = feature.properties.part === "casing";
    return L.circleMarker(latlng, Object.assign(shapeStyle(feature), { radius: 16, fill: false, weight: casing ? 7 : 3, pane: "outline" }));
  }

  let near = null;
  let asked = "";

  async function readShapes() {
    const wanted = shown && leaflet && leaflet.getZoom() >= NEAR_ZOOM;
    if (!wanted) { asked = ""; if (near) near.remove(); near = null; return; }
    const b = leaflet.getBounds().pad(0.2);
    const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((x) => x.toFixed(3)).join(",");
    const address = `${shown.points}${shown.points.includes("?") ? "&" : "?"}bbox=${box}`;
    if (address === asked) return;
    asked = address;
    const answer = await fetch(address).catch(() => null);
    if (!answer || !answer.ok || address !== asked) return;
    const found = await answer.json();
    if (near) near.remove();
    near = L.geoJSON(found, {
      pane: "ways", interactive: false,
      filter: (feature) => feature.geometry.type !== "Point" && feature.properties.n !== (shown && shown.number),
      style: (feature) => {
        const group = groupOf(feature.properties.s);
        return { color: COLOURS[group], weight: 2.5, opacity: 0.95, fillOpacity: 0.12, dashArray: DASHES[group] || null };
      },
    }).addTo(leaflet);
  }

  function placesOf(geometry) {
    const found = [];
    (function walk(part) { if (typeof part[0] === "number") found.push([part[1], part[0]]); else part.forEach(walk); })(geometry.coordinates);
    return found;
  }

  /* Shows a shape between legend and sheet on a phone, beside the panel on a desktop. */
  function lookAt(now) {
    const before = shown;
    shown = now;
    if (!now || !now.draws) stopDrawing();
    asked = "";
    readShapes();
    const drawn = now && [now.shape, now.other, ...(now.around || [])].filter(Boolean);
    if (!drawn || !drawn.length || now.again || !leaflet) return;
    if (!fits) { fits = true; return; }
    if (before && before.number === now.number && before.campaign === now.campaign && !now.other) return;
    const [above, below] = isPhone() ? [LEGEND_PX, leaflet.getSize().y * 0.5 + 16] : [60, 60];
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    leaflet.fitBounds(drawn.flatMap(placesOf), { maxZoom: CLOSE_ZOOM, paddingTopLeft: [60, above], paddingBottomRight: [60, below], animate: !calm });
  }

  function showSheet(made) {
    if (made && shown && shown.sheet === made.number && byId("technical-sheet")) set("technical-sheet", { children: made.body });
  }

  /* --- drawing -------------------------------------------------------------------------------------- */
  const drawing = { form: null, corners: [], layers: null, cross: null };

  function say(key, extra) {
    const line = byId("shape-said");
    if (line && key) line.textContent = (line.dataset[key] || "") + (extra || "");
  }

  function hint() {
    const said = byId("shape-said");
    const bar = byId("draw-bar");
    if (!said || !bar) return;
    const enough = drawing.corners.length >= LEAST[drawing.form];
    const key = drawing.form === "point" ? "placed" : enough ? "close" : "next";
    bar.querySelector(".draw-hint").textContent = `${said.dataset[key]} (${drawing.corners.length})`;
    bar.querySelector("[data-draw=undo]").disabled = !drawing.corners.length;
    bar.querySelector("[data-draw=finish]").disabled = !enough;
  }

  function start(form) {
    if (!leaflet || !byId("draw-bar")) return;
    Object.assign(drawing, { form, corners: [] });
    byId("draw-bar").hidden = false;
    document.body.classList.add("drawing");
    if (!drawing.cross) { drawing.cross = element("div", "crosshair"); leaflet.getContainer().append(drawing.cross); }
    leaflet.doubleClickZoom.disable();
    if (isPhone()) set("panel", { className: "panel stop-peek" });
    leaflet.off("click", addCorner).on("click", addCorner);
    document.querySelectorAll(".draw").forEach((b) => b.classList.toggle("current", b.dataset.draw === form));
    sketch(geometryOf(form, []));
    hint();
  }

  function endDrawing() {
    drawing.form = null;
    if (byId("draw-bar")) byId("draw-bar").hidden = true;
    document.body.classList.remove("drawing");
    if (drawing.cross) drawing.cross.remove();
    drawing.cross = null;
    if (leaflet) { leaflet.off("click", addCorner); leaflet.doubleClickZoom.enable(); }
    document.querySelectorAll(".draw").forEach((b) => b.classList.remove("current"));
    if (isPhone() && byId("draw-bar")) set("panel", { className: "panel stop-half" });
  }

  function stopDrawing() {
    if (drawing.form) endDrawing();
    if (drawing.layers) drawing.layers.remove();
    drawing.layers = null;
  }

  function addCorner(event) {
    drawing.corners.push([event.latlng.lng, event.latlng.lat].map(rounded));
    if (drawing.form === "point") { finish(); return; }
    sketch(geometryOf(drawing.form, drawing.corners));
    hint();
  }

  const rounded = (value) => Math.round(value * DECIMALS) / DECIMALS;

  function geometryOf(form, corners) {
    if (!corners.length) return null;
    if (form === "point") return { type: "Point", coordinates: corners[0] };
    if (form === "line" || corners.length < 3) return { type: "LineString", coordinates: corners };
    return { type: "Polygon", coordinates: [[...corners, corners[0]]] };
  }

  function finish() {
    const { form, corners } = drawing;
    if (!form || corners.length < LEAST[form]) { say("few"); return; }
    const geometry = geometryOf(form, corners);
    endDrawing();
    set("shape", { data: geometry });
  }

  function cancel() {
    endDrawing();
    sketch(kept);
    say(kept ? `has_${FORM_OF[kept.type] || "other"}` : "none");
  }

  function sketch(geometry) {
    if (drawing.layers) drawing.layers.remove();
    drawing.layers = null;
    if (!geometry || !leaflet) return;
    const style = { color: LINE, weight: 4, fillOpacity: 0.15 };
    const look = { style, pane: "ways", interactive: false, pointToLayer: (f, at) => L.circleMarker(at, { ...style, radius: 9, pane: "ways", interactive: false }) };
    drawing.layers = L.layerGroup([L.geoJSON(geometry, look), ...handles(geometry)]).addTo(leaflet);
  }

  /* A corner can be moved by hand, or by typing where it is. */
  function handles(geometry) {
    const form = FORM_OF[geometry.type];
    const ring = form === "polygon" ? geometry.coordinates[0].slice(0, -1) : form === "point" ? [geometry.coordinates] : geometry.coordinates;
    const plain = form && !(form === "polygon" && geometry.coordinates.length > 1) && ring.length <= MAX_HANDLES;
    if (!plain) return [];
    return ring.map(([lng, lat], n) => {
      const handle = L.marker([lat, lng], { icon: icon(element("span", "corner")), draggable: true, keyboard: false, pane: "proposals" });
      handle.on("dragend", () => {
        const at = handle.getLatLng();
        const moved = ring.map((place, i) => (i === n ? [at.lng, at.lat].map(rounded) : place));
        if (drawing.form) { drawing.corners = moved; sketch(geometryOf(drawing.form, moved)); }
        else set("shape", { data: geometryOf(form, moved) });
      });
      return handle;
    });
  }

  let kept = null;

  /* Draws the shape that the form has, and returns it as one may type it: latitude, longitude. */
  function showShape(geometry) {
    kept = geometry || null;
    if (!drawing.form) sketch(kept);
    say(kept ? `has_${FORM_OF[kept.type] || "other"}` : "none");
    if (!kept || !(kept.type in FORM_OF)) return "";
    const places = placesOf(kept);
    if (kept.type === "Polygon") places.pop();
    return places.map(([lat, lng]) => `${lat}, ${lng}`).join("\n");
  }

  const ACTS = {
    here: () => addCorner({ latlng: leaflet.getCenter() }),
    undo: () => { drawing.corners.pop(); sketch(geometryOf(drawing.form, drawing.corners)); hint(); },
    finish,
    cancel,
  };

  /* --- files ----------------------------------------------------------------------------------------- */
  function pick(accept, take) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.addEventListener("change", () => { if (input.files.length) take(input.files[0]); });
    input.click();
  }

  /* Sends a body, and says in the line why it was not taken. */
  async function send(address, body, line, failed, headers) {
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token(), ...headers } }).catch(() => null);
    if (answer && answer.ok) return answer;
    const said = answer ? await answer.text() : "";
    const told = answer && (answer.headers.get("Content-Type") || "").includes("json") ? JSON.parse(said).message : said;
    line.textContent = told || failed;
    return null;
  }

  async function readFile(file) {
    const line = byId("shape-said");
    const list = byId("shape-offered");
    list.replaceChildren();
    say("sending", ` ${file.name} …`);
    const address = `/propuestas/forma?name=${encodeURIComponent(file.name)}&lang=${document.documentElement.lang}`;
    const answer = await send(address, file, line, line.dataset.failed, { "Content-Type": "application/octet-stream" });
    if (!answer) return;
    const found = await answer.json();
    if (found.length === 1) { place(found[0].shape); return; }
    say("choose", ` (${found.length})`);
    list.append(...found.map((one) => {
      const item = element("li");
      const button = element("button", "", one.title);
      button.type = "button";
      button.addEventListener("click", () => place(one.shape));
      item.append(button);
      return item;
    }));
  }

  function place(geometry) {
    set("shape", { data: geometry });
    if (leaflet) leaflet.fitBounds(placesOf(geometry), { maxZoom: CLOSE_ZOOM, padding: [60, 60] });
  }

  async function attach(button, file) {
    const { number, sending, failed } = button.dataset;
    const line = byId("attach-said");
    line.textContent = `${sending} ${file.name} …`;
    const form = new FormData();
    form.append("archivo", file, file.name);
    const address = `/propuestas/${number}/documentos?lang=${document.documentElement.lang}`;
    if (!(await send(address, form, line, failed))) return;
    line.textContent = "";
    set("proposal-changed", { data: { did: ["attach", ""], at: String(Date.now()) } });
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest && event.target.closest("[data-draw], #shape-file, #attach-document, #compare-go");
    if (!target) return;
    const act = target.dataset.draw;
    if (act) { if (act in LEAST) start(act); else ACTS[act](); }
    else if (target.id === "shape-file") pick(target.dataset.accept, readFile);
    else if (target.id === "attach-document") pick(".pdf,.png,.jpg,.jpeg", (file) => attach(target, file));
    else {
      const other = byId("compare-number").value.trim();
      if (/^\d{1,9}$/.test(other)) go(`/propuestas/${target.dataset.number}/con/${Number(other)}`, window.location.search);
      else byId("compare-number").focus();
    }
  });

  window.ilo = Object.assign(window.ilo || {}, { proposals: { mark, cluster, tooltip, shapeStyle, shapePoint } });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    proposals: { mapFirst: (now) => now, lookAt: (now) => { lookAt(now); return unchanged(); }, showShape, showSheet: (made) => { showSheet(made); return unchanged(); } },
  });
})();
