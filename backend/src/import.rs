//! Importing a delivery day: all or nothing, idempotent by (sender, ref), every problem with row and field.

mod csv;
mod json;

use std::collections::BTreeSet;

use chrono::NaiveTime;
use courier_domain::code::TRY_BUDGET;
use courier_domain::{
    Address, AttemptId, CourierId, Instruction, InstructionId, InstructionKind, Origin, ParcelId,
    PhoneNumber, Pin, ShipmentId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::barcode;
use crate::config::{Config, is_currency};
use crate::entropy::{Entropy, random_id, random_secret};
use crate::error::ServiceError;
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, ParcelRow, ShipmentRow, Tx};

pub use csv::read_csv;
pub use json::{Day, read_json};

/// Longest text of a field, in characters.
const MAX_TEXT: usize = 200;

/// Longest notes, in characters.
const MAX_NOTES: usize = 1000;

/// Where a shipment goes. Shipments with the same address, flat and window are one stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Address.
    pub address: Address,
    /// Flat or floor.
    pub flat: Option<String>,
    /// The door.
    pub pin: Pin,
    /// Local times of the delivery day.
    pub window: Option<Window>,
    /// How to get to the door.
    pub access_notes: Option<String>,
    /// Where the van stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking_pin: Option<Pin>,
    /// Where the parcels lie in the van. What lies together is brought together, as far as that costs little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub van_place: Option<String>,
}

impl Place {
    /// Where the van goes.
    pub fn van_pin(&self) -> Pin {
        self.parking_pin.unwrap_or(self.pin)
    }

    /// What is left when nobody needs to know any more where it was: country and window.
    #[must_use]
    pub fn forgotten(self) -> Self {
        let nowhere = String::new;
        let Address { country, .. } = self.address;
        Self {
            address: Address {
                street: nowhere(),
                house: nowhere(),
                postcode: nowhere(),
                city: nowhere(),
                country,
            },
            flat: None,
            pin: Pin { lat: 0.0, lon: 0.0 },
            window: self.window,
            access_notes: None,
            parking_pin: None,
            van_place: None,
        }
    }
}

/// Local times of the delivery day, `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// From.
    #[serde(with = "hour_minute")]
    #[schemars(with = "String", regex(pattern = r"^[0-9]{1,2}:[0-9]{1,2}$"))]
    pub from: NaiveTime,
    /// To.
    #[serde(with = "hour_minute")]
    #[schemars(with = "String", regex(pattern = r"^[0-9]{1,2}:[0-9]{1,2}$"))]
    pub to: NaiveTime,
}

mod hour_minute {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const FORM: &str = "%H:%M";

    // The signature is serde's.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.format(FORM).to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveTime::parse_from_str(&text, FORM).map_err(|_| D::Error::custom("expected a time such as 09:30"))
    }
}

/// One shipment as a shop sends it. There is no field that could switch a code on or off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The sender's own reference; with `sender` it names the shipment for ever.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The customer's order.
    pub order_ref: String,
    /// Who sends it.
    pub sender: String,
    /// Who ordered it.
    pub customer: Customer,
    /// Whose name is on the label.
    pub recipient: Recipient,
    /// Where it goes: `street`, `house`, `postcode`, `city`, `country` (ISO 3166-1, two letters).
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub address: Address,
    /// Flat or floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<String>,
    /// The door.
    pub pin: ImportedPin,
    /// Where the van stands, if that is not at the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking_pin: Option<ImportedPin>,
    /// Where its parcels lie in the van, such as a bag or a shelf: shown to the courier, and what lies together is brought
    /// together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub van_place: Option<String>,
    /// Local times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How to get to the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_notes: Option<String>,
    /// What is in it.
    pub items: Vec<ImportedItem>,
    /// Its pieces.
    pub parcels: Vec<ImportedParcel>,
    /// What the customer asked for.
    #[serde(default)]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")]
    pub instructions: Vec<InstructionKind>,
}

/// Who ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The account's address: codes go there.
    pub email: String,
    /// Any language that there is a card for customers in, BCP 47. Mails and the tracking page are in English where it is
    /// not `de`.
    pub lang: String,
}

/// Whose name is on the label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name.
    pub name: String,
    /// The number that the courier may call when nobody opens, as people write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A point, WGS 84, degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedPin {
    /// −90 to 90.
    pub lat: f64,
    /// −180 to 180.
    pub lon: f64,
}

/// Something in a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedItem {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Value in minor units.
    pub value: u64,
    /// ISO 4217.
    pub currency: String,
}

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedParcel {
    /// On its label.
    pub barcode: String,
}

/// A problem of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowProblem {
    /// The shipment's place in a JSON file or the line of a CSV file, both from 1; 0 = the file itself.
    pub row: u64,
    /// The field, dotted.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl RowProblem {
    pub(crate) fn new(row: u64, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { row, field: field.into(), problem: problem.into() }
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportReport {
    /// New shipments.
    pub created: u64,
    /// Shipments that were there already, word for word.
    pub unchanged: u64,
    /// Problems; with any, nothing was imported.
    pub errors: Vec<RowProblem>,
}

/// Imports a day that was read.
pub fn import(
    tx: &mut Tx<'_>,
    day: &Day,
    config: &Config,
    seal: &mut Sealer<'_>,
) -> Result<ImportReport, ServiceError> {
    let mut report = ImportReport { errors: check(day), ..ImportReport::default() };
    let courier = match day.courier.as_deref().map(|name| tx.couriers_called(name)).transpose()?.as_deref() {
        None => None,
        Some([courier]) => Some(courier.clone()),
        Some(found) => {
            let problem = if found.is_empty() {
                "nobody of this name or identifier works here"
            } else {
                "several couriers are called so: give the identifier"
            };
            report.errors.push(RowProblem::new(0, "courier", problem));
            None
        }
    };
    for (row, shipment) in &day.shipments {
        let content = content_of(day, shipment)?;
        match tx.shipment_by_ref(&shipment.sender, &shipment.reference)? {
            Some(known) if known.content_sha256 == content => report.unchanged += 1,
            Some(_) => {
                let problem = "was imported before with other content";
                report.errors.push(RowProblem::new(*row, "ref", problem));
            }
            None if report.errors.is_empty() => {
                store(tx, day, shipment, content, courier.as_ref(), config, seal)?;
                report.created += 1;
            }
            None => {}
        }
    }
    Ok(report)
}

fn content_of(day: &Day, shipment: &Imported) -> Result<Vec<u8>, ServiceError> {
    let bytes = serde_json::to_vec(&(day.day, day.tz.name(), shipment))?;
    Ok(Sha256::digest(bytes).to_vec())
}

/// Whether the service asks for a code: an item strictly above the threshold of its currency. The sum does not
/// count, and the threshold is told to nobody.
fn needs_code(shipment: &Imported, config: &Config) -> bool {
    shipment
        .items
        .iter()
        .any(|item| config.code.threshold.get(&item.currency).is_some_and(|top| item.value > *top))
}

fn store(
    tx: &mut Tx<'_>,
    day: &Day,
    shipment: &Imported,
    content_sha256: Vec<u8>,
    courier: Option<&CourierId>,
    config: &Config,
    seal: &mut Sealer<'_>,
) -> Result<(), ServiceError> {
    let rev = tx.rev()?;
    let id: ShipmentId = new_id(seal.rng)?;
    let tracking = random_secret(seal.rng);
    let row = ShipmentRow {
        sender: shipment.sender.clone(),
        reference: shipment.reference.clone(),
        order_ref: shipment.order_ref.clone(),
        content_sha256,
        customer_email: shipment.customer.email.clone(),
        lang: shipment.customer.lang.clone(),
        recipient_name: shipment.recipient.name.clone(),
        recipient_phone: shipment.recipient.phone.as_deref().and_then(|phone| PhoneNumber::new(phone).ok()),
        place: Place {
            address: shipment.address.clone(),
            flat: shipment.flat.clone(),
            pin: Pin { lat: shipment.pin.lat, lon: shipment.pin.lon },
            window: shipment.window,
            access_notes: shipment.access_notes.clone(),
            parking_pin: shipment.parking_pin.as_ref().map(|pin| Pin { lat: pin.lat, lon: pin.lon }),
            van_place: shipment.van_place.clone(),
        },
        tz: day.tz.name().into(),
        code_required: needs_code(shipment, config),
        cancelled: None,
        tracking_sha256: Sha256::digest(&tracking).to_vec(),
        tracking_sealed: seal.seal("tracking", id.as_str(), tracking.as_bytes())?,
        forgotten: None,
        id,
    };
    let parcels = shipment
        .parcels
        .iter()
        .map(|parcel| {
            let id: ParcelId = new_id(seal.rng)?;
            Ok(ParcelRow { id, barcode: parcel.barcode.clone(), outcome: None })
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    let instructions = shipment
        .instructions
        .iter()
        .map(|kind| {
            let id: InstructionId = new_id(seal.rng)?;
            Ok(Instruction { id, origin: Origin::Recipient, kind: kind.clone(), rev })
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    tx.add_shipment(&row, &shipment.items, &parcels, &instructions)?;
    let attempt: AttemptId = new_id(seal.rng)?;
    tx.put_attempt(&AttemptRow {
        id: attempt,
        shipment: row.id,
        no: 1,
        day: day.day,
        route: None,
        stop: None,
        state: AttemptState::Planned,
        reason: None,
        tries_used: 0,
        budget: TRY_BUDGET,
        budget_rev: 0,
        courier: courier.cloned(),
    })
}

const AGAINST_CODE: &str = "this shipment is handed over to a person, against its code";

/// What is wrong with an instruction, by whomever it was given. A coded shipment goes to a person, so no safe place is
/// promised for one; a shop's is kept, since its customer may have had it for every order, and refused at the door.
pub(crate) fn check_instruction(kind: &InstructionKind, coded: bool) -> Result<(), &'static str> {
    let (InstructionKind::Neighbour { name: text, .. }
    | InstructionKind::NotNeighbour { name: text }
    | InstructionKind::NamedPerson { name: text }
    | InstructionKind::SafePlace { place: text }
    | InstructionKind::PickupPoint { place: text }
    | InstructionKind::AccessCode { code: text }
    | InstructionKind::Note { text }) = kind
    else {
        return match kind {
            InstructionKind::Unknown { .. } => Err("not a kind of instruction"),
            InstructionKind::Mailbox {} if coded => Err(AGAINST_CODE),
            InstructionKind::AgeCheck { min_age } if !(1..=99).contains(min_age) => {
                Err("min_age: 1 to 99 years")
            }
            InstructionKind::PreferredWindow { from, to } if from > to => Err("from: not after to"),
            _ => Ok(()),
        };
    };
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return Err("1 to 200 characters are needed");
    }
    if let InstructionKind::Neighbour { flat: Some(flat), .. } = kind
        && flat.chars().count() > MAX_TEXT
    {
        return Err("flat: at most 200 characters");
    }
    if coded && matches!(kind, InstructionKind::SafePlace { .. } | InstructionKind::PickupPoint { .. }) {
        return Err(AGAINST_CODE);
    }
    Ok(())
}

/// A fresh identifier.
pub(crate) fn new_id<T: TryFrom<String>>(rng: &mut Entropy) -> Result<T, ServiceError> {
    T::try_from(random_id(rng)).map_err(|_| ServiceError::fault("a fresh identifier is unusable"))
}

/// Everything about a day that can be told without the database.
fn check(day: &Day) -> Vec<RowProblem> {
    let mut problems = Vec::new();
    let (mut refs, mut barcodes) = (BTreeSet::new(), BTreeSet::new());
    let langs = courier_texts::card_languages();
    for (row, shipment) in &day.shipments {
        let mut problem = |field: &str, text: &str| problems.push(RowProblem::new(*row, field, text));
        if !refs.insert((&shipment.sender, &shipment.reference)) {
            problem("ref", "comes twice in this file");
        }
        let address = &shipment.address;
        for (field, text) in [
            ("ref", &shipment.reference),
            ("order_ref", &shipment.order_ref),
            ("sender", &shipment.sender),
            ("recipient.name", &shipment.recipient.name),
            ("address.street", &address.street),
            ("address.house", &address.house),
            ("address.postcode", &address.postcode),
            ("address.city", &address.city),
        ] {
            if text.trim().is_empty() || text.chars().count() > MAX_TEXT || text.chars().any(char::is_control)
            {
                problem(field, "1 to 200 characters are needed");
            }
        }
        let notes = [
            ("flat", &shipment.flat),
            ("access_notes", &shipment.access_notes),
            ("van_place", &shipment.van_place),
        ];
        for (field, text) in notes {
            if text.as_ref().is_some_and(|text| text.chars().count() > MAX_NOTES) {
                problem(field, "at most 1000 characters");
            }
        }
        if address.country.len() != 2 || !address.country.bytes().all(|b| b.is_ascii_uppercase()) {
            problem("address.country", "expected two capital letters (ISO 3166-1)");
        }
        if shipment.customer.email.parse::<lettre::Address>().is_err() {
            problem("customer.email", "not an e-mail address");
        }
        if shipment.recipient.phone.as_deref().is_some_and(|phone| PhoneNumber::new(phone).is_err()) {
            problem("recipient.phone", "not a telephone number");
        }
        if !langs.iter().any(|known| known.lang == shipment.customer.lang) {
            let known: Vec<_> = langs.iter().map(|known| known.lang.as_str()).collect();
            problem("customer.lang", &format!("one of {}", known.join(", ")));
        }
        for (name, pin) in [("pin", Some(&shipment.pin)), ("parking_pin", shipment.parking_pin.as_ref())] {
            if pin.is_some_and(|pin| !(-90.0..=90.0).contains(&pin.lat)) {
                problem(&format!("{name}.lat"), "−90 to 90 degrees are allowed");
            }
            if pin.is_some_and(|pin| !(-180.0..=180.0).contains(&pin.lon)) {
                problem(&format!("{name}.lon"), "−180 to 180 degrees are allowed");
            }
        }
        if shipment.window.is_some_and(|window| window.from >= window.to) {
            problem("window.to", "must be after window.from");
        }
        if shipment.items.is_empty() {
            problem("items", "at least one is needed");
        }
        for (n, item) in shipment.items.iter().enumerate() {
            if !is_currency(&item.currency) {
                problem(&format!("items[{n}].currency"), "expected three capital letters (ISO 4217)");
            }
            if item.value > i64::MAX.unsigned_abs() {
                problem(&format!("items[{n}].value"), "too large");
            }
        }
        if shipment.parcels.is_empty() {
            problem("parcels", "at least one is needed");
        }
        for (n, parcel) in shipment.parcels.iter().enumerate() {
            let field = format!("parcels[{n}].barcode");
            if let Err(wrong) = barcode::check(&parcel.barcode) {
                problem(&field, wrong);
            } else if !barcodes.insert(&parcel.barcode) {
                problem(&field, "comes twice in this file");
            }
        }
        for (n, kind) in shipment.instructions.iter().enumerate() {
            if let Err(wrong) = check_instruction(kind, false) {
                problem(&format!("instructions[{n}]"), wrong);
            }
        }
    }
    problems
}
