// Sent with every change, so it is short: it fetches the code that draws, which the browser keeps, and hands over.

const own = document.querySelector('script[src*="static/js/"]'); // Streamlit's, which lies below the server's root
const root = own ? own.src.split("static/js/")[0] : `${location.origin}/`;

export default function (component) {
  let remove;
  let gone = false;
  import(`${root}PLACE`)
    .then((code) => {
      if (!gone) remove = code.default(component, root);
    })
    .catch(() => component.setStateValue("failed", true));
  return () => {
    gone = true;
    remove?.();
  };
}
