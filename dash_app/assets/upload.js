/* Sends a chosen or dropped file as it is, so that it never passes through the page's own messages. */
(function () {
  "use strict";

  const ZONE = "#upload-zone";
  const tell = (text) => window.dash_clientside.set_props("upload-said", { children: text });

  const mark = () => (document.cookie.match(/(?:^|; )ilo_csrf=([^;]*)/) || ["", ""])[1];

  async function send(file, zone) {
    const { sending, failed } = zone.dataset;
    tell(`${sending} ${file.name} …`);
    const lang = document.documentElement.lang;
    const address = `/cargas?name=${encodeURIComponent(file.name)}&lang=${encodeURIComponent(lang)}`;
    try {
      const headers = { "Content-Type": "application/octet-stream", "X-CSRFToken": mark() };
      const answer = await fetch(address, { method: "POST", body: file, headers });
      const text = await answer.text();
      if (!answer.ok) { tell(text || failed); return; }
      tell(file.name);
      window.dash_clientside.set_props("uploaded", { data: { token: text, name: file.name } });
    } catch (_error) {
      tell(failed);
    }
  }

  function choose(zone) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = zone.dataset.accept;
    input.addEventListener("change", () => { if (input.files.length) send(input.files[0], zone); });
    input.click();
  }

  document.addEventListener("click", (event) => {
    const zone = event.target.closest(ZONE);
    if (zone) choose(zone);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest && event.target.closest(ZONE);
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) send(event.dataTransfer.files[0], zone);
    });
  }
})();
