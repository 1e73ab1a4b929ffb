// The customer's page, with scripts switched off: it has none.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Backend } from "./backend.mjs";
import { checkNothingRan, checkPage, launch, open, picture } from "./browser.mjs";
import { DAY, HOSTILE, file } from "./day.mjs";
import { Phone } from "./phone.mjs";

let backend, browser, customer, page, phone, path;

before(async () => {
  backend = await Backend.start();
  const { id } = await backend.ask("POST", "/v1/couriers", { name: "Ada" });
  await backend.ask("POST", "/v1/import", JSON.parse(file()));
  await backend.ask("POST", "/v1/routes/publish", { courier: id, day: DAY });
  phone = new Phone(backend.url);
  await phone.enrol((await backend.ask("POST", `/v1/couriers/${id}/enrolments`)).code);
  path = await backend.trackingPath("coded");
  browser = await launch();
  customer = await open(browser, backend, { javaScriptEnabled: false });
  page = await customer.newPage();
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

const digits = () => page.locator(".code").first().innerText();

test("the page shows code and QR without scripts, in the customer's language and in the other one", async () => {
  await page.goto(path);
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(await page.locator("script").count(), 0);
  const shown = await digits();
  assert.match(shown, /^\d{6}$/);
  assert.ok(await page.getByRole("img", { name: "Ihr Zustellcode" }).isVisible());
  await picture(page, "tracking/code");
  await picture(page, "tracking/code-dark-320", { width: 320, colorScheme: "dark" });
  await page.getByRole("link", { name: "English" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await digits(), shown);
});

test("no page of it has a fault, in both languages, light and dark, wide and narrow", async () => {
  const looking = await open(browser, backend);
  const seen = await looking.newPage();
  const paths = [path, await backend.trackingPath("plain"), await backend.trackingPath("hostile")];
  for (const lang of ["de", "en"]) for (const one of paths) await checkPage(seen, `${one}?lang=${lang}`);
  await looking.close();
});

test("the customer names a neighbour, makes a code for them, and gets a new one", async () => {
  await page.goto(`${path}?lang=en`);
  await page.getByLabel("A neighbour may receive").fill(HOSTILE.slice(0, 60));
  await page.getByRole("button", { name: "Save" }).click();
  assert.ok((await page.locator("ul").first().innerText()).includes(HOSTILE.slice(0, 60)));
  assert.ok(page.url().endsWith("?lang=en"), "the language is lost");
  await page.getByLabel("A code of their own").fill("Huber");
  await page.getByRole("button", { name: "Create the code" }).click();
  assert.equal(await page.locator(".code").count(), 2);
  const old = await digits();
  await page.getByRole("button", { name: "Get a new code" }).click();
  assert.notEqual(await digits(), old);
});

test("the customer says that the code was told by phone, and gets another one at once", async () => {
  await page.goto(`${path}?lang=en`);
  const old = await digits();
  await page.getByLabel("What happened").fill(HOSTILE);
  await page.getByRole("button", { name: "Report" }).click();
  assert.notEqual(await digits(), old);
  const { reviews } = await backend.ask("GET", "/v1/reviews");
  assert.deepEqual(reviews.map((it) => [it.cause, it.text]), [["dispute-told-by-phone", HOSTILE]]);
});

test("after the handover the customer can say that it was somebody else", async () => {
  const plain = await backend.trackingPath("plain");
  await phone.handOver(await backend.shipment("plain"));
  await page.goto(plain);
  assert.match(await page.locator(".state").innerText(), /Delivered/);
  assert.match(await page.locator("ol").innerText(), /2026-11-24: delivered/);
  await picture(page, "tracking/delivered");
  await page.getByLabel("That was not me").check();
  await page.getByRole("button", { name: "Report" }).click();
  const { reviews } = await backend.ask("GET", "/v1/reviews");
  assert.ok(reviews.some((it) => it.cause === "dispute-not-me"));
  await page.goto(plain);
  assert.match(await page.locator(".state").innerText(), /Delivered/, "the fact does not stand");
});

test("a failed attempt is told with its reason and its next day", async () => {
  const shipment = await backend.shipment("hostile");
  const parcels = shipment.parcels.map((parcel) => parcel.id);
  await phone.send("not_delivered", { attempt: shipment.attempts[0].id, parcels, reason: "not_home" });
  await page.goto(`${await backend.trackingPath("hostile")}?lang=en`);
  const history = await page.locator("ol li").allInnerTexts();
  assert.equal(history.length, 2);
  assert.match(history[0], /2026-11-24: not delivered – /);
  assert.match(history[1], /2026-11-25: planned/);
  assert.equal(await page.locator(".code").count(), 0);
  const looking = await open(browser, backend);
  const seen = await looking.newPage();
  await seen.goto(await backend.trackingPath("hostile"));
  await checkNothingRan(seen);
  await looking.close();
});
