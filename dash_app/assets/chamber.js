/* The chamber's keys and boxes, and the shapes of sittings on the map. */
(function () {
  "use strict";

  const CLOSE_ZOOM = 17;
  const PHONE = "(max-width: 760px)";
  const OWN_PAGES = /^\/(sesion|sesiones)(\/|$)/;
  const STORED_KEYS = "ilo-chamber-keys";
  const SCROLL_PX = 160;

  let leaflet = null;
  let looked = null;

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const unchanged = () => window.dash_clientside.no_update;
  const chamber = () => document.getElementById("chamber");

  /* --- shapes --------------------------------------------------------------------------------------- */
  function known(map) {
    if (leaflet === map) return;
    leaflet = map;
    // the chamber gives the map another place on the page than the panel does
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      if (chamber()) { fit(); tellMore(); }
    }).observe(map.getContainer());
  }

  function shapeStyle(feature, context) {
    if (context && context.map) known(context.map);
    const { part, colour } = feature.properties;
    const casing = part === "casing";
    return {
      color: casing ? "#fff" : colour, weight: casing ? 9 : 5, opacity: 1,
      fill: !casing, fillColor: colour, fillOpacity: feature.geometry.type.endsWith("Polygon") ? 0.25 : 0,
      interactive: !casing,
    };
  }

  function shapePoint(feature, latlng, context) {
    const style = shapeStyle(feature, context);
    return L.circleMarker(latlng, Object.assign(style, { radius: 12, fillOpacity: style.fill ? 1 : 0, pane: "pins" }));
  }

  function shapeTooltip(feature, layer) {
    const { title, label, part } = feature.properties;
    if (part === "casing") return;
    // nobody hovers over a projector
    if (label) { layer.bindTooltip(label, { permanent: true, direction: "center", className: "agenda-number" }); return; }
    layer.bindTooltip(() => {
      const box = document.createElement("div");
      const strong = document.createElement("strong");
      strong.textContent = title;
      box.append(strong);
      return box;
    });
  }

  function placesOf(data) {
    const found = [];
    const walk = (part) => (typeof part[0] === "number" ? found.push([part[1], part[0]]) : part.forEach(walk));
    data.features.forEach((feature) => walk(feature.geometry.coordinates));
    return found;
  }

  function fit() {
    if (!looked || !leaflet) return;
    leaflet.invalidateSize({ animate: false });
    const { y } = leaflet.getSize();
    const edge = Math.min(50, y / 5);
    const below = window.matchMedia(PHONE).matches && !chamber() ? y * 0.5 : 0;
    leaflet.fitBounds(looked, { maxZoom: CLOSE_ZOOM, paddingTopLeft: [edge, edge], paddingBottomRight: [edge, edge + below], animate: false });
  }

  function lookAt(data) {
    const places = data ? placesOf(data) : [];
    looked = places.length ? places : null;
    // the layer is drawn after this answer
    setTimeout(fit, 60);
    return unchanged();
  }

  const clearMap = (page) => (page ? [null, null, null, null, null, [], true] : Array(7).fill(unchanged()));
  const leave = (path) => (OWN_PAGES.test(path || "") ? unchanged() : null);

  /* --- what does not fit is told; the arrows reach it ------------------------------------------------ */
  const below = (words, end) => Math.max(1, [...words.querySelectorAll("li, p")].filter((one) => one.getBoundingClientRect().bottom > end).length);

  /* The height down to an edge of a line of text that the edge would cut through. */
  function cutAt(words, end) {
    const texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let top = end;
    while (texts.nextNode()) {
      range.selectNodeContents(texts.currentNode);
      for (const line of range.getClientRects()) if (line.top < top && line.bottom > end) top = line.top;
    }
    return end - top;
  }

  /* On a phone what stands against follows what it changes: the way there shows until it is in sight. */
  function tellAgainst() {
    const way = document.querySelector(".to-against");
    const first = document.querySelector(".chamber-against li");
    if (way && first) chamber().classList.toggle("against-below", first.getBoundingClientRect().top > way.getBoundingClientRect().top);
  }

  function tellMore() {
    document.querySelectorAll(".chamber-words").forEach((words) => {
      const line = words.nextElementSibling;
      const all = words.scrollTop + words.clientHeight >= words.scrollHeight - 1;
      const end = words.getBoundingClientRect().bottom - (line.getBoundingClientRect().height - line.clientTop);
      const cut = all ? 0 : Math.ceil(cutAt(words, end));
      const said = all ? "" : line.dataset.more.replace("{n}", below(words, end - cut));
      line.style.setProperty("--cut", `${cut}px`);
      if (said !== line.textContent) window.dash_clientside.set_props(line.id, { children: said });
    });
    tellAgainst();
  }

  document.addEventListener("scroll", (event) => { if (event.target.matches && event.target.matches(".chamber-words, .page:has(.chamber)")) tellMore(); }, true);

  /* --- keys ----------------------------------------------------------------------------------------- */
  const keysOn = () => window.localStorage.getItem(STORED_KEYS) !== "off";

  function showKeys() {
    const box = chamber();
    if (!box) return;
    box.classList.toggle("keys-off", !keysOn());
    const toggle = box.querySelector('[data-does="keys"]');
    if (toggle) toggle.setAttribute("aria-pressed", String(keysOn()));
  }

  const DEEDS = {
    fullscreen() {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    },
    keys() {
      window.localStorage.setItem(STORED_KEYS, keysOn() ? "off" : "on");
      showKeys();
    },
    against() {
      const against = document.querySelector(".chamber-against");
      against.scrollIntoView({ behavior: calm() ? "auto" : "smooth" });
      against.focus({ preventScroll: true });
    },
    "close-box": (button) => button.closest("dialog").close(),
  };

  function closeBox(did) {
    const box = did && document.querySelector(".chamber-box[open]");
    if (box) box.close();
    return unchanged();
  }

  /* A button that is drawn anew keeps the focus it had. */
  let pressed = null;

  function refocus() {
    const lost = document.activeElement === document.body || document.activeElement instanceof HTMLDialogElement;
    const button = pressed && lost && document.querySelector(pressed);
    if (button) button.focus();
  }

  document.addEventListener("click", (event) => {
    const kept = event.target.closest && event.target.closest(".chamber [data-seat], .chamber [data-key]");
    const { seat, key } = kept ? kept.dataset : {};
    pressed = seat ? `[data-seat="${seat}"]` : key && document.activeElement === kept ? `.chamber-keys [data-key="${key}"]` : null;
    const button = event.target.closest && event.target.closest(".chamber [data-opens], .chamber [data-does]");
    if (!button) return;
    const { opens, does } = button.dataset;
    if (opens) { const box = document.getElementById(opens); if (!box.open) box.showModal(); }
    if (does) DEEDS[does](button);
  });

  document.addEventListener("keydown", (event) => {
    const box = chamber();
    if (!box || event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, dialog[open], .map")) return;
    const key = event.key.toLowerCase();
    if (!keysOn() && key !== "t") return;
    if (key === "arrowdown" || key === "arrowup") {
      event.preventDefault();
      const by = key === "arrowdown" ? SCROLL_PX : -SCROLL_PX;
      box.querySelectorAll(".chamber-words").forEach((words) => words.scrollBy({ top: by, behavior: calm() ? "auto" : "smooth" }));
      return;
    }
    const button = [...box.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });

  window.iloChamber = { shapeStyle, shapePoint, shapeTooltip };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    chamber: {
      lookAt, clearMap, leave, closeBox,
      showKeys: () => { setTimeout(() => { showKeys(); refocus(); tellMore(); }, 60); return unchanged(); },
    },
  });
})();
