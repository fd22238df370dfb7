// Words on the page whose contrast is below AA: 4.5, or 3 for large ones. Not seen: words on a coloured mark of a chart.
() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (color) => {
    const [r, g, b] = color.map((v) => (v / 255 <= 0.03928 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ancestors = (node) => (node ? [node, ...ancestors(node.parentElement)] : []);
  const paper = (node) => {
    const layers = ancestors(node).map((one) => parse(getComputedStyle(one).backgroundColor));
    const opaque = layers.findIndex((layer) => layer[3] === 1);
    return layers.slice(0, opaque + 1 || undefined).reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const beyond = "[aria-hidden=true], style, script, .katex-mathml, [disabled], [data-testid=stSliderThumbValue], " +
    ".heatmaplayer, .textpoint, .modebar";
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode, node = words.parentElement;
    if (!words.textContent.trim() || node.closest(beyond)) continue;
    const range = document.createRange();
    range.selectNode(words);
    const { width, height } = range.getBoundingClientRect();
    const style = getComputedStyle(node);
    const opacity = ancestors(node).reduce((product, one) => product * getComputedStyle(one).opacity, 1);
    if (width < 2 || height < 2 || style.visibility === "hidden" || opacity < 0.05) continue;
    const drawn = node.closest("svg");
    const below = paper(drawn ? drawn.parentElement : node);
    const [r, g, b, a] = parse(drawn ? style.fill : style.color);
    const ink = over([r, g, b, a * opacity * (drawn ? style.fillOpacity : 1)], below);
    const [dark, light] = [luminance(ink), luminance(below)].sort((x, y) => x - y);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 600) ? 3 : 4.5;
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < needed) poor.add(`${ratio.toFixed(2)}: ${words.textContent.trim().slice(0, 50)}`);
  }
  return [...poor];
}
