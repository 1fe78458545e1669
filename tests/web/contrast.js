// The contrast of texts that axe-core leaves undecided: those in a drawing, over a gradient, or
// partly behind something. What is painted below a text is asked of the browser itself, at several
// points of its box; each text must reach WCAG 1.4.3 at the worst of them.
"use strict";
(() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });

  // Any colour that CSS can write, as [r, g, b, alpha].
  const colour = (css) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ratio = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };

  // How see-through an element is: its own opacity times that of all it stands in.
  const opacity = (element) => {
    let all = 1;
    for (let e = element; e; e = e.parentElement) all *= Number(getComputedStyle(e).opacity);
    return all;
  };

  // What an element paints as a surface; null for nothing, several for the ends of a gradient.
  function surfaces(element) {
    const style = getComputedStyle(element);
    const drawn = element instanceof SVGGeometryElement;
    if (drawn && style.fill === "none") return [];
    const paints = drawn ? [style.fill] : [style.backgroundColor];
    const ends = style.backgroundImage.match(/rgba?\([^)]*\)/g);
    if (!drawn && ends) paints.push(...ends);
    const share = opacity(element) * (drawn ? Number(style.fillOpacity) : 1);
    return paints.map(colour).map(([r, g, b, a]) => [r, g, b, a * share]);
  }

  // Every colour that can lie below a text at a point; none where the text is not to be seen there.
  function below(text, x, y) {
    const stack = document.elementsFromPoint(x, y);
    if (!stack.includes(text.closest("svg") ?? text)) return [];
    const earlier = (element) =>
      element === text || element.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
    let found = [colour("Canvas").slice(0, 3)];
    for (const element of stack.filter(earlier).reverse()) {
      if (element instanceof SVGTextContentElement) continue; // its fill is no surface
      const painted = surfaces(element).filter((paint) => paint[3] > 0);
      if (painted.length) found = painted.flatMap((paint) => found.map((under) => over(paint, under)));
    }
    return found;
  }

  function faintest(text) {
    text.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const style = getComputedStyle(text);
    const written = colour(text instanceof SVGElement ? style.fill : style.color);
    written[3] *= opacity(text);
    const box = text.getBoundingClientRect();
    // Along its middle, and along both diagonals: a text may be turned.
    const along = [0.05, 0.35, 0.5, 0.65, 0.95];
    const spots = along.flatMap((at) => [[at, 0.5], [at, at], [at, 1 - at]]);
    const ratios = spots.flatMap(([across, down]) =>
      below(text, box.x + box.width * across, box.y + box.height * down).map((under) =>
        ratio(over(written, under), under)));
    const px = parseFloat(style.fontSize);
    const large = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700);
    return { least: Math.min(...ratios), enough: large ? 3 : 4.5 };
  }

  window.tooFaint = (selectors) => {
    const [x, y] = [scrollX, scrollY];
    const said = selectors.flatMap((selector) => {
      const text = document.querySelector(selector);
      const { least, enough } = faintest(text);
      // Seen at no point, it is for a person to look at.
      return least < enough || least === Infinity ? [`${least.toFixed(2)}: ${text.outerHTML.slice(0, 140)}`] : [];
    });
    scrollTo({ left: x, top: y, behavior: "instant" });
    return said;
  };
})();
