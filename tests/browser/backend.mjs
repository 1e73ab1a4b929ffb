// A backend process of a test's own, with a clock by hand.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { MORNING_MS } from "./day.mjs";

const OPS = "the office's own key";

export class Backend {
  static async start() {
    const folder = await mkdtemp(join(tmpdir(), "courier-browser-"));
    // The cheapest code hash that phones take.
    await writeFile(join(folder, "backend.toml"), "[code.kdf]\nm = 8\nt = 1\np = 1\n");
    const process_ = spawn(process.env.COURIER_BACKEND, ["serve", "--config", join(folder, "backend.toml")], {
      env: {
        ...process.env,
        COURIER_LISTEN: "127.0.0.1:0",
        COURIER_DATA_DIR: join(folder, "data"),
        COURIER_OPS_KEY: OPS,
        COURIER_TEST_NOW_MS: String(MORNING_MS),
        COURIER_TEST_SEED: "1",
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
    const url = (await lines.next()).value.replace("listening on ", "");
    const link = (await lines.next()).value.match(/\/welcome\/\S+/)[0];
    return Object.assign(new Backend(), { folder, process: process_, url, link });
  }

  async stop() {
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true });
  }

  // Asks as the office's program.
  async ask(method, path, body) {
    const headers = { authorization: `Bearer ${OPS}`, "content-type": "application/json" };
    const answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.headers.get("content-type")?.includes("json") ? answer.json() : undefined;
  }

  shipment(ref) {
    return this.ask("GET", `/v1/shipments/${ref}?sender=Feinwerk`);
  }

  // Where a shipment's customer looks.
  async trackingPath(ref) {
    const { tracking } = await this.shipment(ref);
    return new URL(tracking).pathname;
  }

  async setClock(ms) {
    await this.ask("POST", "/test/clock", { now_ms: ms });
  }
}
