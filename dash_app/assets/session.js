/* Tells on the page that the session is over, instead of a page that no longer answers; and takes it
   back once the person is signed in again, in another tab, with what they had written still there. */
(function () {
  "use strict";

  const ask = window.fetch;
  window.fetch = async function (...asked) {
    const answer = await ask.apply(this, asked);
    const box = document.getElementById("session-over");
    if (box && (answer.status === 401 || (answer.ok && !box.hidden))) box.hidden = answer.status !== 401;
    return answer;
  };
})();
