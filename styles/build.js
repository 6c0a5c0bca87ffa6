// Compiles styles/ into templates/static, which is committed: pip alone installs the product.
// USWDS fixes its colours when it compiles. Here each becomes a custom property of _palette.scss,
// so that one palette gives the light and the dark pages; a colour that is not listed stops the build.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const uswds = join(root, "node_modules/@uswds/uswds");
const out = join(root, "templates/static");

const NAMES = {
  "#1b1b1b": "ink", "#000": "ink", "black": "ink",
  "#376462": "accent", "#2a4b45": "accent-strong", "#203131": "accent-strong", "#e0f7f6": "accent-tint",
  "#454545": "soft", "#565c65": "soft", "#757575": "soft", "#71767a": "soft", "#3d4551": "soft",
  "#919191": "line-strong", "#a9aeb1": "line-strong",
  "#c9c9c9": "line", "#dfe1e2": "line", "#e6e6e6": "line", "#f0f0f0": "ground",
  "#ffbe2e": "focus",
  "#b50909": "stop", "#d83933": "stop", "#d54309": "stop", "#8b0a03": "stop", "#f4e3db": "stop-tint",
  "#00a91c": "ok", "#ecf3ec": "ok-tint",
  "#c05600": "warn", "#fa9441": "warn", "#9c3d10": "warn", "#775540": "warn", "#faf3d1": "warn-tint",
  "#00bde3": "info", "#28a0cb": "info", "#07648d": "info", "#97d4ea": "info", "#99deea": "info",
  "#e7f6f8": "info-tint", "#e1f3f8": "info-tint", "#c3ebfa": "info-tint",
  "rgba(55,100,98,.1)": "accent-tint", "rgba(27,27,27,.2)": "line",
};
const COLOUR = /#[0-9a-f]{3,8}\b|rgba\((?!0,0,0,0\))[^)]*\)|\b(?:white|black)\b/g;

function recolour(css) {
  const unknown = new Set();
  const painted = css.replace(/([{;])([a-z-]+):([^;{}]*)/g, (_all, open, property, value) => {
    if (value.includes("url(")) return `${open}${property}:${value}`;
    const named = value.replace(COLOUR, (colour) => {
      if (colour === "#fff" || colour === "white")
        return `var(--tt-${property === "color" ? "on-accent" : "paper"})`;
      if (!(colour in NAMES)) unknown.add(colour);
      return `var(--tt-${NAMES[colour]})`;
    });
    return `${open}${property}:${named}`;
  });
  if (unknown.size) throw new Error(`colours without a name: ${[...unknown].join(" ")}`);
  return painted;
}

function copy(from, to) {
  mkdirSync(dirname(join(out, to)), { recursive: true });
  copyFileSync(join(uswds, "dist", from), join(out, to));
}

function sprite(names) {
  const symbols = names.map((name) => {
    const svg = readFileSync(join(uswds, "dist/img/usa-icons", `${name}.svg`), "utf8");
    const [, box] = svg.match(/viewBox="([^"]+)"/);
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").trim();
    return `<symbol id="${name}" viewBox="${box}">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

const compiled = sass.compile(join(root, "styles/trustedtruck.scss"), {
  loadPaths: [join(uswds, "packages"), join(root, "styles")],
  style: "compressed",
  quietDeps: true,
  charset: false,
}).css;
// Our palette is written in hexadecimal too, and stands behind this mark.
const [theirs, ours] = compiled.split(/(?=\/\*! palette \*\/)/);
mkdirSync(join(out, "css"), { recursive: true });
// Of their fonts we ship fewer files, which the palette names.
const fontless = theirs.replace(/@font-face\s*\{[^}]*\}/g, "");
writeFileSync(join(out, "css/trustedtruck.css"), `${recolour(fontless)}${ours}\n`);

for (const [, path] of fontless.matchAll(/url\("?\.\.\/(img\/[^")]+)"?\)/g)) copy(path, path);
copy("fonts/public-sans/PublicSans-Regular.woff2", "fonts/PublicSans-Regular.woff2");
copy("fonts/public-sans/PublicSans-Bold.woff2", "fonts/PublicSans-Bold.woff2");
copy("fonts/roboto-mono/roboto-mono-v5-latin-regular.woff2", "fonts/RobotoMono-Regular.woff2");

const icons = readFileSync(join(root, "styles/icons.txt"), "utf8").split("\n").filter(Boolean);
writeFileSync(join(out, "img/icons.svg"), sprite(icons));
