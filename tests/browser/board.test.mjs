// The office's day in a browser: from the first link to a decision.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Backend } from "./backend.mjs";
import { PASSWORD, checkAxe, checkNarrow, checkNothingRan, checkPage, launch, open, picture } from "./browser.mjs";
import { DAY, HOSTILE, MORNING_MS, file, shipments } from "./day.mjs";
import { Phone } from "./phone.mjs";

let backend, browser, office, page, phone;

before(async () => {
  backend = await Backend.start();
  browser = await launch();
  office = await open(browser, backend);
  page = await office.newPage();
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

const upload = async (name, text) => {
  await page.goto("/board/import");
  await page.getByLabel("File").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Import it" }).click();
};

const NAME = HOSTILE.slice(0, 100);

const setPassword = async (page, link, name) => {
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set it" }).click();
};

const logIn = async (page, name, password = PASSWORD) => {
  await page.goto("/login");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
};

test("the first link makes an admin, who logs in", async () => {
  await checkPage(page, backend.link);
  await setPassword(page, backend.link, NAME);
  await checkPage(page, "/login");
  await logIn(page, NAME, "something wrong");
  assert.match(await page.getByRole("alert").innerText(), /wrong/);
  await checkAxe(page);
  await logIn(page, NAME);
  await page.getByRole("heading", { name: "Delivery day" }).waitFor();
});

test("a file that is wrong is told with row and field, a right one is taken, and its route is published", async () => {
  const wrong = [shipments[0], { ...shipments[1], parcels: [] }];
  await upload("wrong.json", file(wrong));
  assert.match(await page.getByRole("alert").innerText(), /Nothing was imported/);
  assert.match(await page.locator("tbody").innerText(), /parcels/);
  await checkNarrow(page);
  await checkAxe(page);
  await upload("day.json", file());
  assert.match(await page.locator("main [role=status]").first().innerText(), /3 shipments are new/);
  await page.goto("/board/couriers");
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("button", { name: "Set up a phone: Ada Lovelace" }).click();
  const code = await page.locator("#code").innerText();
  assert.match(code, /^[A-Z2-7]{10}$/);
  await checkNarrow(page);
  await checkAxe(page);
  phone = new Phone(backend.url);
  await phone.enrol(code);
  await page.goto(`/?day=${DAY}`);
  await page.getByRole("button", { name: "Publish the route" }).click();
  await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 3);
});

test("a handover arrives on an open board without a reload, and keeps what is being read", async () => {
  await page.goto(`/?day=${DAY}`);
  const delivered = page.locator('tbody tr:first-child td[data-label="delivered"]');
  assert.equal(await delivered.innerText(), "0");
  await page.getByRole("link", { name: "Ada Lovelace" }).focus();
  await page.evaluate(() => (window.here = true));
  await phone.handOver(await backend.shipment("plain"));
  await page.waitForFunction(() => document.querySelector('tbody td[data-label="delivered"]').textContent === "1");
  assert.equal(await page.evaluate(() => window.here), true, "the page was loaded again");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Ada Lovelace", "the focus is lost");
  await page.waitForFunction(() => document.getElementById("live").textContent.startsWith("Live"));
  await checkNothingRan(page);
});

test("every page of the office is free of faults, in both languages, light and dark, wide and narrow", async () => {
  const { id, attempts } = await backend.shipment("hostile");
  await phone.handOver(await backend.shipment("hostile"));
  await backend.ask("POST", `${await backend.trackingPath("coded")}/disputes`, { kind: "told_by_phone", text: HOSTILE });
  await backend.ask("POST", "/v1/couriers", { name: HOSTILE.slice(0, 60) });
  await page.goto(`/?day=${DAY}`);
  const route = await page.getByRole("link", { name: "Ada Lovelace" }).getAttribute("href");
  const paths = [
    "/", route, "/board/reviews", "/board/alarms", "/board/search?q=h", `/board/shipments/${id}`, "/board/import",
    "/board/couriers", "/account", "/admin", "/login",
  ];
  assert.equal(attempts.length, 1);
  for (const language of ["Deutsch", "English"]) {
    await page.goto("/board/reviews");
    await page.getByRole("button", { name: language }).click();
    assert.ok(page.url().endsWith("/board/reviews"), "the switch leads elsewhere");
    for (const path of paths) {
      await checkPage(page, path);
      assert.equal(await page.locator("html").getAttribute("lang"), language === "Deutsch" ? "de" : "en", path);
    }
  }
});

test("the board is used with the keyboard alone", async () => {
  await page.goto("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press("Tab");
    const [shown, html] = await page.evaluate(() => {
      const active = document.activeElement;
      return [getComputedStyle(active).outlineStyle, active.outerHTML];
    });
    assert.notEqual(shown, "none", `the focus is not to be seen: ${html.slice(0, 200)}`);
    if (await page.evaluate(() => document.activeElement.textContent.trim() === "Ada Lovelace")) break;
  }
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
});

test("a review is decided, and the shipment tells its story", async () => {
  const { id } = await backend.shipment("hostile");
  await page.goto("/board/reviews");
  await picture(page, "board/reviews");
  const review = page.locator("article", { hasText: "handed over without a code" });
  await review.getByLabel("Note").fill("The recipient called.");
  await review.getByRole("button", { name: "The handover counts" }).click();
  await review.waitFor({ state: "detached" });
  assert.equal((await backend.shipment("hostile")).state, "delivered");
  await page.goto(`/board/shipments/${id}`);
  const story = await page.locator("ol.story").innerText();
  for (const told of ["handed over without a code", "confirmed – decided by a person", "The recipient called."]) {
    assert.ok(story.includes(told), `${told}: ${story}`);
  }
  await checkNothingRan(page);
});

test("search finds by reference, order, barcode and recipient", async () => {
  for (const wanted of ["coded", "order-coded", "CODED-0", "kaya"]) {
    await page.goto("/board/search");
    await page.getByLabel("Reference, order").fill(wanted);
    await page.getByRole("button", { name: "Search" }).click();
    assert.match(await page.locator("main ul").innerText(), /Ayşe Kaya/, wanted);
  }
});

test("without scripts the board shows the same and every form works", async () => {
  const plain = await open(browser, backend, { javaScriptEnabled: false, storageState: await office.storageState() });
  const still = await plain.newPage();
  await still.goto(`/?day=${DAY}`);
  assert.match(await still.locator("tbody tr").first().innerText(), /Ada Lovelace/);
  await still.goto("/board/reviews");
  const left = await still.locator("article").count();
  await still.getByRole("button", { name: /^(Seen|Only seen)$/ }).first().click();
  assert.equal(await still.locator("article").count(), left - 1);
  await plain.close();
});

test("another site can neither send a form, nor frame a page, nor plant a session", async () => {
  const attacked = await open(browser, backend, { storageState: await office.storageState() });
  const victim = await attacked.newPage();
  const target = `${backend.url}/board/couriers`;
  const before = (await (await attacked.request.get("/board/couriers")).text()).match(/<tr>/g).length;
  await victim.route("http://evil.example/**", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<iframe src="${backend.url}/"></iframe><form method="post" action="${target}"><input name="csrf" value="x"><input name="name" value="Mallory"><button>Win</button></form>`,
    }),
  );
  await victim.goto("http://evil.example/");
  const framed = victim.frames()[1];
  assert.ok(!(await framed.content()).includes("Delivery day"), "a page was framed");
  await victim.getByRole("button", { name: "Win" }).click();
  await victim.waitForURL(target);
  assert.ok(!(await victim.content()).includes("Mallory"), "a forged form was taken");
  const after = (await (await attacked.request.get("/board/couriers")).text()).match(/<tr>/g).length;
  assert.equal(after, before);

  const fixed = await open(browser, backend);
  await fixed.addCookies([{ name: "courier_session", value: "planted-by-somebody", url: backend.url, httpOnly: true }]);
  const login = await fixed.newPage();
  await logIn(login, NAME);
  await login.getByRole("heading", { name: "Delivery day" }).waitFor();
  const session = (await fixed.cookies()).find((cookie) => cookie.name === "courier_session");
  assert.notEqual(session.value, "planted-by-somebody");
  assert.ok(session.httpOnly && session.sameSite === "Strict", JSON.stringify(session));
  await Promise.all([attacked.close(), fixed.close()]);
});

test("late stops are on the map and in the table, on a board that somebody was invited to", async () => {
  await page.goto("/admin");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = new URL(await page.locator(".secret").innerText()).pathname;
  await page.getByRole("button", { name: "Log out" }).click();
  await setPassword(page, link, "Heidi");
  await logIn(page, "Heidi");
  const many = [];
  for (let n = 0; n < 60; n += 1) {
    const turn = Math.floor(n / 3) / 3.4;
    const [lat, lon] = [52.5 + Math.sin(turn) * 0.03 + (n % 3) * 0.02, 13.36 + Math.cos(turn * 1.3) * 0.05 + (n % 3) * 0.05];
    many.push({
      ...shipments[1], ref: `m${n}`, order_ref: `m${n}`, recipient: { name: `Customer ${n}` }, pin: { lat, lon },
      address: { ...shipments[1].address, house: String(n) }, parcels: [{ barcode: `m${n}-0` }],
      window: { from: "08:00", to: n % 5 ? "18:00" : "09:00" },
    });
  }
  for (const [n, name] of ["Grace Hopper", "Edith Clarke", "Mary Jackson"].entries()) {
    const { id } = await backend.ask("POST", "/v1/couriers", { name });
    const rows = many.filter((_, at) => at % 3 === n);
    await backend.ask("POST", "/v1/import", JSON.parse(file(rows)));
    await backend.ask("POST", "/v1/routes/publish", { courier: id, day: DAY });
  }
  await backend.setClock(MORNING_MS + 50 * 60_000); // a session ends after an hour without use
  await page.goto(`/?day=${DAY}`);
  assert.equal(await page.locator(".dot.late").count(), 0);
  await backend.setClock(MORNING_MS + 65 * 60_000);
  await page.reload();
  await page.getByRole("link", { name: "Grace Hopper" }).waitFor();
  assert.equal(await page.locator(".dot.late").count(), 1, "no late stop is on the map");
  assert.equal(await page.locator('td[data-label="late"] .late').count(), 3);
  await picture(page, "board/day");
  await picture(page, "board/day-dark", { colorScheme: "dark" });
  await picture(page, "board/day-320", { width: 320 });
  await page.getByRole("link", { name: "Grace Hopper" }).click();
  await page.getByRole("heading", { name: "Grace Hopper" }).waitFor();
  await checkNarrow(page);
  await checkAxe(page);
  await picture(page, "board/route");
  const { id } = await backend.shipment("hostile");
  await page.goto(`/board/shipments/${id}`);
  await picture(page, "board/story");
});
