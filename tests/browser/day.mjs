// A delivery day whose every field tries to be HTML.

export const HOSTILE = `<script>window.hacked=1</script>"'><img src=x onerror="window.hacked=1">`;
export const DAY = "2026-11-24";
export const MORNING_MS = 1_795_503_600_000; // that day, 08:00 in Berlin

// Three shipments: one with a code, one without, one that is nothing but trouble.
export const shipments = [
  shipment("coded", { name: "Ayşe Kaya", value: 90_000, at: [52.5219, 13.4132] }),
  shipment("plain", { name: "Jo Meyer", value: 100, at: [52.5163, 13.3777] }),
  shipment("hostile", { name: HOSTILE, street: HOSTILE, order: HOSTILE, value: 90_000, at: [52.5096, 13.3759] }),
];

function shipment(ref, { name, street = "Breite Straße", order = `order-${ref}`, value, at: [lat, lon] }) {
  return {
    ref,
    order_ref: order,
    sender: "Feinwerk",
    customer: { email: "kaya@customers.example", lang: ref === "plain" ? "en" : "de" },
    recipient: { name },
    address: { street, house: ref, postcode: "10178", city: "Berlin", country: "DE" },
    pin: { lat, lon },
    items: [{ value, currency: "EUR" }],
    parcels: [{ barcode: `${ref}-0` }],
    instructions: ref === "hostile" ? [{ kind: "note", data: { text: HOSTILE } }] : [],
  };
}

export const file = (rows = shipments) => JSON.stringify({ day: DAY, tz: "Europe/Berlin", shipments: rows });
