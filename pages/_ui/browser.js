// What a visit asks of the browser: one entry in its history for each act, and a word to a server that may be another.

const STATE = "data-test-connection-state";
const LOST = /&?#(0*38|x0*26);/gi; // an ampersand as some pages write it: what follows was taken for a place on the page

export default function ({ setTriggerValue }) {
  if (location.hash.search(LOST) === 0) location.replace(location.href.replace(LOST, "&"));
  if (!history.acts) history.acts = keepEntries();
  const app = document.querySelector(`[${STATE}]`);
  const watch = new MutationObserver((changes) => {
    const wasLost = changes.some(({ oldValue }) => oldValue !== "CONNECTED");
    if (wasLost && app.getAttribute(STATE) === "CONNECTED") setTriggerValue("back", document.documentElement.dataset.held ?? "");
  });
  if (app) watch.observe(app, { attributeFilter: [STATE], attributeOldValue: true });
  return () => watch.disconnect();
}

// Streamlit makes an entry for each parameter that its server changes, and none for what a visitor changes. Here the first
// change of the address after a click, a touch or a key makes one, and what follows from it changes that one.
function keepEntries() {
  const { pushState, replaceState } = History.prototype;
  const loaded = history.state && !history.state.kept; // the server corrected the link: one entry before is the link as it came
  let acted = false;
  const act = ({ type, repeat, detail }) => {
    if (!repeat && !(type === "click" && detail)) acted = true; // a click of a pointer began when that went down
  };
  for (const type of ["pointerdown", "keydown", "click"]) addEventListener(type, act, true);
  history.pushState = history.replaceState = (state, unused, address) => {
    const next = new URL(address ?? location.href, location.href);
    const moves = next.pathname + next.search !== location.pathname + location.search;
    (acted && moves ? pushState : replaceState).call(history, { ...state, kept: true }, unused, next);
    if (moves) acted = false;
  };
  addEventListener(
    "popstate",
    (event) => {
      acted = false;
      if (!loaded || event.state || location.hash) return;
      event.stopImmediatePropagation(); // it shows what the next one shows
      history.back();
    },
    true,
  );
  return true;
}
