// A phone that signs as the protocol says, and knows no more of it than that: P-256, JWS, and four calls.

import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";

import { MORNING_MS } from "./day.mjs";

const encode = (data) => Buffer.from(data).toString("base64url");

class Key {
  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { crv, kty, x, y } = publicKey.export({ format: "jwk" });
    this.jwk = { kty, crv, x, y };
    this.private = privateKey;
    // RFC 7638: the members in the order of their names.
    this.kid = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
  }

  jws(typ, payload) {
    const text = `${encode(JSON.stringify({ alg: "ES256", kid: this.kid, typ }))}.${encode(JSON.stringify(payload))}`;
    const signature = sign("sha256", Buffer.from(text), { key: this.private, dsaEncoding: "ieee-p1363" });
    return `${text}.${encode(signature)}`;
  }
}

export class Phone {
  install = randomUUID();
  device = new Key();
  day = new Key();
  seq = 0;

  constructor(url) {
    this.url = url;
  }

  async post(path, body, headers = {}) {
    const answer = await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", "courier-request": "1", ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async enrol(code) {
    const proof = this.device.jws("courier-enrol+jws", { code, install: this.install });
    const asked = { code, install: this.install, device_jwk: this.device.jwk, key: "software", platform: "test", app: "test", proof };
    this.epoch = (await this.post("/v1/enrol", asked)).epoch;
    const assertion = { iss: this.install, aud: this.url, iat: MORNING_MS, jti: randomUUID() };
    const token = await this.post("/v1/token", { assertion: this.device.jws("courier-assertion+jws", assertion) });
    this.auth = { authorization: `Bearer ${token.access_token}` };
    await this.send("day_started", { day_jwk: this.day.jwk }, this.device);
  }

  // Records something and hands it in.
  async send(kind, body, key = this.day) {
    this.seq += 1;
    const at = { wall: MORNING_MS, boot_ms: 1, boot: "boot", server_ms: MORNING_MS, plus_minus_ms: 500 };
    const fact = { v: 1, id: randomUUID(), install: this.install, inc: 1, seq: this.seq, prev: this.prev, at, kind, body };
    const jws = key.jws("courier-fact+jws", fact);
    this.prev = createHash("sha256").update(jws).digest("base64url");
    const answer = await this.post("/v1/facts", { install: this.install, inc: 1, epoch: this.epoch, facts: [{ jws }] }, this.auth);
    return answer.results[0];
  }

  // Hands all parcels of a shipment over, without a code.
  handOver(shipment) {
    const parcels = shipment.parcels.map((parcel) => parcel.id);
    const attempt = shipment.attempts.at(-1).id;
    return this.send("handed_over", { attempt, parcels, receiver: "recipient", scanned: parcels });
  }
}
