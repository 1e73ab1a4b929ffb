//! What office, shop and customers see and do, over HTTP like everybody.

use chrono::NaiveDate;
use courier_protocol::Problem;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::http::Answer;
use crate::shipment::{SENDER, shipment};
use crate::{Failure, Result, failed};

impl Backend {
    /// Adds a courier.
    pub fn add_courier(&self, name: &str) -> Result<String> {
        let answer = self.post("/v1/couriers", &json!({ "name": name }))?;
        member(&json_of(&answer)?, "id")
    }

    /// A code that enrols one phone.
    pub fn enrolment_code(&self, courier: &str) -> Result<String> {
        let answer = self.post(&format!("/v1/couriers/{courier}/enrolments"), &json!({}))?;
        member(&json_of(&answer)?, "code")
    }

    /// Imports shipments, given as [`shipment`] takes them.
    pub fn import(&self, day: NaiveDate, shipments: &[Value]) -> Result<Answer> {
        let shipments: Vec<_> = shipments.iter().map(shipment).collect();
        self.post("/v1/import", &json!({"day": day, "tz": "Europe/Berlin", "shipments": shipments}))
    }

    /// Publishes the courier's route of a day.
    pub fn publish(&self, courier: &str, day: NaiveDate) -> Result<Answer> {
        self.post("/v1/routes/publish", &json!({ "courier": courier, "day": day }))
    }

    /// The backend's own identifier of a shipment.
    pub fn shipment_id(&self, name: &str) -> Result<String> {
        member(&self.shipment(name)?, "id")
    }

    /// What the shop is told of a shipment.
    pub(crate) fn shipment(&self, name: &str) -> Result<Value> {
        json_of(&self.get(&format!("/v1/shipments/{name}?sender={SENDER}"), "application/json")?)
    }

    /// Path of the tracking page.
    pub(crate) fn tracking_path(&self, name: &str) -> Result<String> {
        let link = member(&self.shipment(name)?, "tracking")?;
        let path = link.find("/t/").map(|at| link[at..].to_owned());
        path.ok_or_else(|| Failure(format!("{link} is no tracking page")))
    }

    /// The tracking page as data.
    pub fn page(&self, name: &str) -> Result<Value> {
        json_of(&self.get(&self.tracking_path(name)?, "application/json")?)
    }

    /// The tracking page as people see it.
    pub(crate) fn page_html(&self, name: &str) -> Result<String> {
        Ok(self.get(&self.tracking_path(name)?, "text/html")?.body)
    }

    /// The mails about a shipment so far: template and text.
    pub(crate) fn mails(&self, name: &str) -> Result<Vec<(String, String)>> {
        let sent = json_of(&self.get("/test/mails", "application/json")?)?;
        let about = format!("{}@customers.example", name.to_lowercase());
        let ours = sent.as_array().into_iter().flatten().filter(|mail| mail["to"] == about.as_str());
        ours.map(|mail| Ok((member(mail, "template")?, member(mail, "text")?))).collect()
    }

    /// The office's sums.
    pub(crate) fn totals(&self) -> Result<Value> {
        json_of(&self.get("/v1/totals", "application/json")?)
    }
}

/// The JSON of an answer that is a success.
pub(crate) fn json_of(answer: &Answer) -> Result<Value> {
    if answer.status >= 300 {
        return Err(Failure(format!("status {}: {}", answer.status, answer.body)));
    }
    serde_json::from_str(&answer.body).map_err(failed)
}

/// An answer as a step shows it: the status, and what it says if it says JSON.
pub(crate) fn shown(answer: &Answer) -> Value {
    let body = serde_json::from_str::<Value>(&answer.body).unwrap_or(Value::Null);
    match serde_json::from_value::<Problem>(body.clone()) {
        Ok(problem) => json!({"status": answer.status, "problem": problem.kind, "detail": problem.detail}),
        Err(_) => json!({"status": answer.status, "body": body}),
    }
}

fn member(value: &Value, name: &str) -> Result<String> {
    let text = value[name].as_str().map(str::to_owned);
    text.ok_or_else(|| Failure(format!("{name} is missing in {value}")))
}
