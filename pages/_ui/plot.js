// Draws plotly figures on nodes that stay: new data change the pictures, they do not replace them.

const MOTION = { duration: 250, easing: "cubic-out", ordering: "traces first" }; // of lines and points that move
const [NARROW, SHORTEST, TALLER, FOOT] = [800, 320, 420, 84]; // pixels: a phone, charts on stage, what is below them
const [USUAL, LARGEST, AXIS_TITLE] = [1130, 1.7, 14]; // width from which on type grows on stage, and how far; type of axes' titles
const TOUCH = matchMedia("(hover: none)");
const libraries = new Map(); // promises of Plotly by address: one download for all charts
const waiting = new Set(); // frames whose picture is not what they are wanted to show
let drawing = false;
let opened = false; // whether the tab that a link opens has been brought into sight, where a phone has no room for all

// Called for every change of the data or of the theme; what it returns is called when the board leaves the page. The data
// are lines: what the board holds, and then a figure each.
export default function ({ data, parentElement, setStateValue }, root) {
  const [head, ...lines] = new TextDecoder().decode(data).split("\n");
  const { library, above, link, held, rows, config, fill } = JSON.parse(head);
  const board = parentElement.querySelector(":scope > .board") ?? newBoard(parentElement);
  board.fail = (error) => {
    console.warn(`Charts cannot be drawn in place: ${error}`);
    setStateValue("failed", true);
  };
  if (link) document.documentElement.dataset.link = link;
  document.documentElement.dataset.held = held;
  if (board.above !== above) board.firstChild.innerHTML = board.above = above; // the program's own
  const cells = arrange(board, rows);
  const look = lookOf(board);
  for (const [i, { name }] of rows.flat().entries()) {
    const frame = cells[i].firstChild;
    const asked = [look, fill && window.innerWidth, frame.clientWidth, lines[i]].join(" ");
    if (frame.asked === asked) continue;
    frame.asked = asked;
    frame.wanted = { name, config, fill, figure: JSON.parse(lines[i]) };
    frame.style.minHeight = `${heightOf(frame)}px`; // nothing jumps when the picture arrives
    waiting.add(frame);
  }
  if (rows.length) load(`${root}${library}`).then(drawWaiting).catch(board.fail);
  return () => board.cells.forEach(remove);
}

// The board: verdicts, and below them the cells, of a figure and its sentence each. A cell stays while its name does.

function newBoard(parent) {
  const board = document.createElement("div");
  board.className = "board";
  board.cells = new Map();
  board.append(document.createElement("div"));
  parent.append(board);
  if (!opened) document.querySelector("[role=tab][aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
  opened = true;
  return board;
}

function arrange(board, rows) {
  const kept = new Set(rows.flat().map(({ name }) => name));
  for (const [name, cell] of board.cells) {
    if (!kept.has(name)) remove(cell, name, board.cells);
  }
  return rows.flatMap((row) => row.map((wanted) => place(board, wanted, row.length))).map((cell, i) => {
    const here = board.children[i + 1];
    if (here !== cell) board.insertBefore(cell, here ?? null);
    return cell;
  });
}

function place(board, { name, alt, says }, share) {
  const cell = board.cells.get(name) ?? newCell(board);
  board.cells.set(name, cell);
  cell.style.setProperty("--span", 6 / share);
  cell.firstChild.setAttribute("aria-label", alt);
  cell.lastChild.textContent = says;
  return cell;
}

function newCell(board) {
  const cell = document.createElement("div");
  cell.className = "cell";
  const says = document.createElement("p");
  says.className = "says";
  cell.append(newFrame(board), says);
  return cell;
}

function remove(cell, name, cells) {
  const frame = cell.firstChild;
  waiting.delete(frame);
  frame.sizes.disconnect();
  document.removeEventListener("fullscreenchange", frame.filled);
  frame.Plotly?.purge(frame.firstChild);
  cell.remove();
  cells.delete(name);
}

// What the page gives a picture: where it is another, all are drawn again.
function lookOf(board) {
  const style = getComputedStyle(board);
  return ["text-color", "background-color", "font", "heading-font"].map((name) => style.getPropertyValue(`--st-${name}`)).join();
}

// The figure's frame: it outlives every figure, and watches its size.

function newFrame(board) {
  const frame = document.createElement("div");
  frame.className = "plot";
  frame.setAttribute("role", "figure");
  frame.append(document.createElement("div"));
  frame.board = board;
  frame.sizes = new ResizeObserver(() => fit(frame));
  frame.sizes.observe(frame);
  frame.addEventListener("keydown", (event) => onKey(event, frame), { capture: true });
  frame.filled = () => fit(frame);
  document.addEventListener("fullscreenchange", frame.filled);
  for (const kind of ["touchstart", "touchmove"]) {
    frame.addEventListener(kind, (event) => leave(event, frame), { capture: true, passive: true });
  }
  return frame;
}

function fit(frame) {
  const node = frame.firstChild;
  if (!node._fullLayout || frame.busy || !frame.clientWidth) return;
  const height = heightOf(frame);
  if (node._fullLayout.width === frame.clientWidth && node._fullLayout.height === height) return;
  frame.Plotly.relayout(node, { width: frame.clientWidth, height });
}

function heightOf(frame) {
  if (document.fullscreenElement === frame) return window.innerHeight;
  const { fill, figure } = frame.wanted;
  if (!fill) return figure.layout.height;
  const above = frame.getBoundingClientRect().top + (frame.closest("[data-testid=stMain]")?.scrollTop ?? 0);
  return Math.max(window.innerWidth < NARROW ? SHORTEST : TALLER, Math.round(window.innerHeight - above - FOOT));
}

// Drawing: one chart a frame, those on screen first, so that the first does not wait for the last. What is asked for
// meanwhile is drawn in its turn, and only the last of it; a motion that is not at its end then starts from where it is.

async function drawWaiting(Plotly) {
  if (drawing) return;
  drawing = true;
  while (waiting.size) {
    const frame = [...waiting].find(isOnScreen) ?? waiting.values().next().value;
    waiting.delete(frame);
    frame.Plotly = Plotly;
    frame.busy = true;
    draw(Plotly, frame)
      .then(() => reachable(frame))
      .catch(frame.board.fail)
      .finally(() => {
        frame.busy = false;
        fit(frame);
      });
    await new Promise(requestAnimationFrame);
  }
  drawing = false;
}

function isOnScreen(frame) {
  const { top, bottom } = frame.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

async function draw(Plotly, frame) {
  const { figure, name, config, fill } = structuredClone(frame.wanted); // plotly writes into what it is given
  if (fill) enlarge(figure, Math.min(Math.max(window.innerWidth / USUAL, 1), LARGEST));
  const node = frame.firstChild;
  const { title, ...layout } = figure.layout;
  const drawing = {
    data: identified(figure.data),
    layout: {
      ...layout,
      ...(TOUCH.matches ? still(layout) : {}),
      annotations: layout.annotations.map((note) => readable(note, frame)),
      updatemenus: layout.updatemenus?.map((menu) => readable(menu, frame)),
      sliders: layout.sliders?.map((slider) => ({ ...slider, currentvalue: readable(slider.currentvalue, frame) })),
      template: { layout: themeOf(frame) },
      ...titled(frame, title, layout.margin),
      width: frame.clientWidth,
      height: heightOf(frame),
    },
    frames: figure.frames ?? [],
    config: (frame.config ??= configOf(Plotly, frame, name, config)), // a new one would draw anew
  };
  const before = frame.drawn;
  frame.drawn = structuredClone(figure);
  keepZoom(node, figure.layout);
  if (node._transitionData?._frames.length) Plotly.animate(node, [null], { mode: "immediate" });
  if (!before || !canMove(before.data, figure.data)) return Plotly.react(node, drawing);
  // plotly moves lines or axes, not both: other axes are there at once, and lines move in them
  if (ranges(before) !== ranges(figure)) await Plotly.react(node, { ...drawing, data: identified(structuredClone(before.data)) });
  return Plotly.react(node, { ...drawing, layout: { ...drawing.layout, transition: MOTION } });
}

// A title in as many lines as the width asks for, and the room for them.
function titled(frame, title, margin) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `bold ${title.font.size}px ${getComputedStyle(frame).getPropertyValue("--st-heading-font") || "serif"}`;
  const fits = (text) => pen.measureText(text.replace(/<.*?>/g, "")).width < frame.clientWidth - 12;
  const lines = title.text.split(" ").reduce((done, word) => {
    const longer = done.length ? `${done.at(-1)} ${word}` : word;
    return done.length && fits(longer) ? [...done.slice(0, -1), longer] : done.length ? [...done, word] : [word];
  }, []);
  const more = 1.3 * title.font.size * (lines.length - 1);
  return {
    title: { ...title, text: `<b>${lines.join("<br>")}</b>`, y: title.y - more / heightOf(frame) },
    margin: { ...margin, t: margin.t + more },
  };
}

// For the back row: larger type, thicker lines, larger points.
function enlarge({ data, layout, frames }, factor) {
  for (const trace of [...data, ...(frames ?? []).flatMap((one) => one.data)]) {
    for (const [part, key] of [["line", "width"], ["marker", "size"], ["textfont", "size"]]) {
      if (typeof trace[part]?.[key] === "number") trace[part][key] *= factor;
    }
  }
  for (const axis of [layout.xaxis, layout.yaxis]) axis.title = { font: { size: AXIS_TITLE }, ...axis.title };
  layout.margin.t *= factor;
  for (const note of layout.annotations) if (note.yshift) note.yshift *= factor;
  layout.margin.r *= factor; // labels at the ends of lines stand there
  enlargeFonts(layout, factor);
}

function enlargeFonts(node, factor) {
  for (const [key, part] of Object.entries(node ?? {})) {
    if (typeof part !== "object") continue;
    if (key.endsWith("font") && part?.size) part.size *= factor;
    enlargeFonts(part, factor);
  }
}

function ranges({ layout }) {
  return JSON.stringify([layout.xaxis?.range, layout.yaxis?.range]);
}

// Plotly keeps what a visitor has set where the figure asks for the same as before. Ranges follow the data, so what the
// new figure asks for is written where plotly remembers the old: a zoom stays, and a double click leads to the new range.
function keepZoom(node, layout) {
  const set = node._fullLayout?._preGUI ?? {};
  for (const name of Object.keys(set)) {
    const parts = name.split(/[.[\]]+/).filter(Boolean);
    set[name] = parts.reduce((value, part) => value?.[part], layout) ?? null;
  }
}

// Traces are the same as before by their names; plotly wants identities that are valid in a style sheet.
function identified(data) {
  const seen = new Map();
  return data.map((trace) => {
    const count = (seen.get(trace.name) ?? 0) + 1;
    seen.set(trace.name, count);
    const letters = [...`${trace.type} ${trace.name}`].map((letter) => letter.codePointAt(0).toString(36));
    return { uid: `t${letters.join("-")}-${count}`, ...trace };
  });
}

// A finger scrolls the page, and does not drag the picture; a scene is turned once its button is on.
function still(layout) {
  return layout.scene ? { scene: { ...layout.scene, dragmode: false } } : { dragmode: false };
}

// Plotly holds every touch of its axes and scenes, even of those that nothing drags: it does not hear of these.
function leave(event, frame) {
  const dragged = frame.firstChild._fullLayout?.scene?.dragmode;
  if (!dragged && event.target.closest(".draglayer, .gl-container")) event.stopPropagation();
}

// The keyboard: Tab comes to the figure and to each of its buttons, arrows turn a scene, the space bar plays its frames.

function reachable(frame) {
  for (const button of frame.querySelectorAll(".modebar-btn:not([tabindex])")) {
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", button.dataset.title);
  }
  const moves = frame.firstChild._fullLayout?.scene || frame.wanted.figure.frames?.length;
  if (moves) frame.tabIndex = 0;
  else frame.removeAttribute("tabindex");
}

function onKey(event, frame) {
  const node = frame.firstChild;
  if (event.target.matches(".modebar-btn")) {
    if (event.key === "Enter" || event.key === " ") event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    else return;
  } else if (event.target !== frame) return;
  else if (event.key in TURNS && node._fullLayout?.scene) turn(frame, ...TURNS[event.key]);
  else if (event.key === " " && node._transitionData?._frames.length) play(frame);
  else return;
  event.preventDefault();
  event.stopPropagation(); // the stage listens to arrows too
}

const STEP = Math.PI / 18;
const TURNS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };

// Turn a scene about its vertical axis, and up or down.
function turn(frame, around, up) {
  const { eye, ...camera } = frame.firstChild._fullLayout.scene._scene.getCamera();
  const far = Math.hypot(eye.x, eye.y, eye.z);
  const angle = Math.atan2(eye.y, eye.x) + around;
  const height = Math.min(Math.max(Math.asin(eye.z / far) + up, -1.5), 1.5);
  const [x, y, z] = [Math.cos(height) * Math.cos(angle), Math.cos(height) * Math.sin(angle), Math.sin(height)];
  frame.Plotly.relayout(frame.firstChild, { "scene.camera": { ...camera, eye: { x: far * x, y: far * y, z: far * z } } });
}

function play(frame) {
  const [start, stop] = frame.wanted.figure.layout.updatemenus[0].buttons;
  frame.playing = !frame.playing;
  const { args } = frame.playing ? start : stop;
  frame.Plotly.animate(frame.firstChild, ...structuredClone(args)).catch(() => undefined).then(() => (frame.playing = false));
}

// Whether lines and points can move to where they are wanted: as many as before, and some elsewhere.
function canMove(before, after) {
  if (before.length !== after.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return false;
  const flat = (trace) => (trace.type ?? "scatter") === "scatter" && !trace.fill;
  return after.every(
    (trace, i) => flat(trace) && flat(before[i]) && trace.name === before[i].name && size(trace.x) === size(before[i].x)
  );
}

function size(values) {
  return values?.bdata?.length ?? values?.length;
}

// What the picture takes from the page: fonts and colours of Streamlit's theme.

function themeOf(frame) {
  const style = getComputedStyle(frame);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [text, paper] = [read("text-color"), read("background-color")];
  const quiet = mix(text, paper, 0.7);
  const axis = { tickfont: { color: quiet }, title: { font: { color: quiet, size: AXIS_TITLE } } };
  return {
    font: { color: quiet, family: read("font") },
    title: { font: { color: read("heading-color") || text, family: read("heading-font") }, pad: { l: 4 } },
    legend: { font: { color: text } },
    margin: { pad: 8 },
    xaxis: { ...axis, showgrid: false, title: { ...axis.title, standoff: 20 } },
    yaxis: { ...axis, title: { ...axis.title, standoff: 24 } },
    hoverlabel: { bgcolor: paper, bordercolor: read("border-color"), font: { color: text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: mix(text, paper, 0.45), activecolor: text },
  };
}

// Words in the colour of their line, darker on light paper and lighter on dark: as text they need more contrast.
function readable(note, frame) {
  const color = note.font?.color;
  if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) return note;
  const text = getComputedStyle(frame).getPropertyValue("--st-text-color").trim();
  return { ...note, font: { ...note.font, color: mix(color, text, 0.62) } };
}

// A colour between two that are written #RRGGBB.
function mix(one, other, share) {
  const parts = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  const [a, b] = [parts(one), parts(other)];
  return `rgb(${a.map((value, i) => Math.round(share * value + (1 - share) * b[i])).join()})`;
}

// Buttons beside plotly's own; on a phone those that find room, always in sight.

function configOf(Plotly, frame, name, config) {
  const svg = (node) => Plotly.downloadImage(node, { format: "svg", filename: name, width: null, height: null });
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen());
  const added = [
    { name: "svg", title: "Download picture as SVG", icon: Plotly.Icons.disk, click: svg },
    { name: "full", title: "Full screen", icon: FULL, click: full },
  ];
  const removed = TOUCH.matches ? ["zoom2d", "pan2d", "resetScale2d", "resetCameraDefault3d"] : [];
  return {
    ...config,
    modeBarButtonsToAdd: TOUCH.matches ? added.slice(1) : added,
    modeBarButtonsToRemove: [...config.modeBarButtonsToRemove, ...removed],
  };
}

const FULL = { width: 24, height: 24, path: "M3 9V3h6v2H5v4zM15 3h6v6h-2V5h-4zM3 15h2v4h4v2H3zM19 15h2v6h-6v-2h4z" };

// Plotly itself: fetched packed, once, from the app's own server, and kept by the browser where it may be.

function load(url) {
  if (!libraries.has(url)) libraries.set(url, install(url));
  return libraries.get(url);
}

async function install(url) {
  const packed = await fetchOnce(url);
  const source = await new Response(packed.body.pipeThrough(new DecompressionStream("gzip"))).blob();
  const script = document.createElement("script");
  script.src = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  await new Promise((loaded, failed) => {
    script.onload = loaded;
    script.onerror = () => failed(new Error("the script was blocked"));
    document.head.append(script);
  });
  URL.revokeObjectURL(script.src);
  return window.Plotly;
}

// The cache is there in secure contexts only, as https and localhost; it holds one version.
async function fetchOnce(url) {
  const cache = await window.caches?.open("plotly").catch(() => undefined);
  const kept = await cache?.match(url);
  if (kept) return kept;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  for (const old of (await cache?.keys()) ?? []) await cache.delete(old);
  await cache?.put(url, response.clone()).catch(() => undefined); // a full disk
  return response;
}
