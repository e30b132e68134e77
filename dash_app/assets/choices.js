/* Scores in the browser: weights move, the map and the ranking follow at once.
   The sum is done in the order and with the rounding of the library, so both give the same ranks.
   While a slider moves nothing is told to the page's own machinery, which would take seconds to hear
   of it: colours, shares and rows are written straight. It hears once, when the slider rests. */
(function () {
  "use strict";

  const WEIGHT_DECIMALS = 1e9;
  const SLIDERS = ".weights input[type=range]";
  const unchanged = () => window.dash_clientside.no_update;

  /* Weights as shares of their sum, null where all are zero. */
  function shares(weights) {
    const total = weights.reduce((sum, w) => sum + Number(w || 0), 0);
    return total > 0 ? weights.map((w) => Math.round((Number(w || 0) / total) * WEIGHT_DECIMALS) / WEIGHT_DECIMALS) : null;
  }

  /* A part that is unknown leaves the score unknown. */
  function score(parts, share) {
    let total = 0;
    for (let n = 0; n < share.length; n += 1) {
      if (parts[n] === null) return null;
      total += share[n] * parts[n];
    }
    return total;
  }

  const classOf = (value, data) =>
    value === null ? data.missing : data.classes[data.breaks.filter((limit) => value >= limit).length];

  function node(tag, className, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  }

  /* One stretch of the bar for each part of the score, as long as what the part adds. */
  function stretch(part, share, k) {
    const made = node("span", `rank-fill part-${k}`);
    made.style.width = `${(100 * share * part).toFixed(2)}%`;
    return made;
  }

  function row(data, n, rank, value, share) {
    const made = node("button", "rank-row",
      node("span", "rank-place", String(rank)),
      node("span", "rank-name", data.names[n] || data.ids[n]),
      node("span", "rank-bar", ...data.parts[n].map((part, k) => stretch(part, share[k], k))),
      node("span", "rank-value", value.toFixed(3)));
    made.type = "button";
    Object.assign(made.dataset, { choose: "found", value: data.ids[n] });
    return made;
  }

  let scored = null;
  let weights = [];
  let waiting = false;

  function paint() {
    waiting = false;
    const ranked = document.getElementById("ranked");
    if (!scored || !ranked) return;
    const data = scored;
    const share = shares(weights);
    document.querySelectorAll(".weights .share").forEach((one, n) => { one.textContent = share ? `${(100 * share[n]).toFixed(1)} %` : "0 %"; });
    if (!share) { ranked.replaceChildren(node("p", "fault", data.words.none)); return; }
    const values = data.parts.map((parts) => score(parts, share));
    const known = values.map((_value, n) => n).filter((n) => values[n] !== null);
    known.sort((a, b) => values[b] - values[a] || (data.ids[a] < data.ids[b] ? -1 : 1));
    ranked.replaceChildren(...known.slice(0, data.top).map((n, rank) => row(data, n, rank + 1, values[n], share)));
    window.ilo.recolour(Object.fromEntries(data.ids.map((id, n) => [id, classOf(values[n], data)])));
  }

  /* A new result, a new page: score again with the weights that the page holds. */
  function rescore(data, _ranked, held) {
    weights = held.map(Number);
    /* what another page scored with stays until this page's result is there */
    scored = data && data.parts.length && data.parts[0].length === weights.length ? data : null;
    if (scored) paint();
    else window.ilo.recolour(null);
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches(SLIDERS)) return;
    event.stopPropagation();
    weights[[...document.querySelectorAll(SLIDERS)].indexOf(event.target)] = Number(event.target.value);
    if (!waiting) requestAnimationFrame(paint);
    waiting = true;
  }, true);

  /* The server proves the choice for the weights as they stand; the address keeps them. */
  function applyWeights(clicks, held, names, asked) {
    if (!clicks) return unchanged();
    const set = Object.fromEntries(names.map((id, n) => [id.name, Number(held[n])]));
    const query = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(set)) query.set(name, String(value));
    window.history.replaceState(window.history.state, "", `${window.location.pathname}?${query}`);
    return Object.assign({}, asked, { asked: Object.assign({}, asked.asked, set) });
  }

  /* A choice kept as A or as B: what was asked, so that the server finds its result again. */
  function keep(a, b, run, kept) {
    const letter = window.dash_clientside.callback_context.triggered_id === "keep-b" ? "b" : "a";
    if (!(letter === "b" ? b : a) || !run || run.job) return unchanged();
    const both = Object.assign({}, (kept || {})[run.analysis], { [letter]: run });
    return Object.assign({}, kept, { [run.analysis]: both });
  }

  /* The map begins with the page's own first look, whatever was looked at elsewhere. */
  const begin = (mode) => mode || unchanged();

  /* What is chosen is outlined, wherever it was chosen. */
  const mark = (chosen, ...looks) => looks.map((look) => Object.assign({}, look, { chosen }));

  window.dash_clientside = Object.assign({}, window.dash_clientside, { choices: { mark, rescore, applyWeights, keep, begin } });
})();
