// Debian's Chromium, and what is asked of every page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENS = join(dirname(fileURLToPath(import.meta.url)), "../../docs/screens");
const NARROW = { width: 320, height: 640 };
export const PASSWORD = "correct horse battery";

export const launch = () =>
  chromium.launch({ executablePath: process.env.COURIER_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

// A browser of somebody; whatever goes wrong in its pages is remembered.
export async function open(browser, backend, options = {}) {
  const context = await browser.newContext({ baseURL: backend.url, locale: "en-GB", ...options });
  context.faults = [];
  context.on("page", (page) => {
    page.on("pageerror", (error) => context.faults.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Uncaught/.test(message.text())) context.faults.push(message.text());
    });
    page.on("dialog", (dialog) => context.faults.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  });
  return context;
}

// Nothing of what others wrote ran, and nothing was blocked that is ours.
export async function checkNothingRan(page) {
  assert.deepEqual(page.context().faults, []);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("img").count(), 0);
}

// No page scrolls sideways on a small phone.
export async function checkNarrow(page) {
  const size = page.viewportSize();
  await page.setViewportSize(NARROW);
  const [width, widest] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= widest, `${page.url()} is ${width} wide in a window of ${widest}`);
  await page.setViewportSize(size);
}

// No rule of WCAG 2.2 A and AA, nor of good practice, is broken in light or dark. What scripts need is asked of a page
// whose own policy does not stand in the way: axe is put in by the browser, not by the page.
export async function checkAxe(page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
    const { violations, passes } = await page.evaluate(() => window.axe.run(document));
    const told = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`);
    assert.deepEqual(told, [], `${page.url()} ${colorScheme}`);
    assert.ok(passes.length > 5, "axe looked at nothing");
  }
  await page.emulateMedia({ colorScheme: "light" });
}

export async function checkPage(page, path) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), 200, path);
  await checkNothingRan(page);
  await checkNarrow(page);
  await checkAxe(page);
}

// A picture for the docs, if they are wanted.
export async function picture(page, name, { width = 1000, height = 700, colorScheme = "light" } = {}) {
  if (!process.env.COURIER_SCREENS) return;
  const path = join(SCREENS, `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path, fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
}
