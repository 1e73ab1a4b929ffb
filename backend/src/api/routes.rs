//! Every route, with what it takes and answers.

mod pages;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, head, post, put};
use courier_protocol::header;

use super::openapi::{self, Auth, Operation, Routes};
#[cfg(feature = "test-endpoints")]
use super::testing;
use super::{App, blobs, events, metrics, office, pages as html, phone, planning, schema, speak};
use crate::decision::Decision;
use crate::dispute::Dispute;
use crate::events::{Event, UpuEvents};
use crate::export::Taken;
use crate::import::ImportReport;
use crate::planning::Sequenced;
use crate::service::{HandoverReceipt, Totals};
use crate::tracking::Tracking;

/// All of them.
pub(super) fn routes(app: &App) -> Routes {
    let routes = file_routes(phone_routes(Routes::new(Router::new())));
    let routes = routes.map(|phones| phones.layer(from_fn(speak::speak)));
    #[cfg(feature = "test-endpoints")]
    let routes = routes.map(|phones| testing::add(phones, app));
    #[cfg(not(feature = "test-endpoints"))]
    let _ = app;
    pages::board(pages::people(tracking_routes(planning_routes(office_routes(routes)))))
        .add(
            "get",
            "/healthz",
            get(office::health),
            Operation::new("health", Auth::Nobody, "whether the backend can do its work").gives_as::<String>(
                200,
                "text/plain",
                "it can",
            ),
        )
        .add(
            "get",
            "/metrics",
            get(metrics::show),
            Operation::new("metrics", Auth::Metrics, "figures for Prometheus").gives_as::<String>(
                200,
                "text/plain",
                "figures",
            ),
        )
        .add(
            "get",
            "/.well-known/jwks.json",
            get(office::jwks),
            Operation::new("receipt_keys", Auth::Nobody, "the keys that receipts are signed with")
                .gives::<schema::Jwks>(200, "keys"),
        )
        .add(
            "get",
            "/openapi.json",
            get(openapi::show),
            Operation::new("document", Auth::Nobody, "this document")
                .gives::<serde_json::Map<String, serde_json::Value>>(200, "this document"),
        )
}

fn phone_routes(routes: Routes) -> Routes {
    routes
        .add(
            "post",
            "/v1/attempts/{id}/reissue",
            post(phone::reissue),
            Operation::new(
                "reissue",
                Auth::OfficeOrPhone,
                "new codes for an attempt; nothing of them is answered",
            )
            .takes::<schema::Reissue>()
            .done(202, "once per request and asker"),
        )
        .add(
            "post",
            "/v1/enrol",
            post(phone::enrol),
            Operation::new("enrol", Auth::Nobody, "makes a phone a courier's")
                .takes::<schema::Enrol>()
                .gives::<schema::Enrolled>(200, "enrolled"),
        )
        .add(
            "post",
            "/v1/token",
            post(phone::token),
            Operation::new("token", Auth::Nobody, "an access token for a signed assertion")
                .takes::<schema::TokenWish>()
                .gives::<schema::Token>(200, "a token"),
        )
        .add(
            "post",
            "/v1/facts",
            post(phone::facts),
            Operation::new("facts", Auth::Phone, "hands facts in, as JSON or as JSON in gzip")
                .header(header::REQUEST, "1 to 100 characters, which are echoed")
                .takes::<schema::Facts>()
                .gives_as::<schema::FactsAnswer>(200, header::FACTS_MEDIA_TYPE, "what became of each"),
        )
        .add(
            "get",
            "/v1/route/changes",
            get(phone::changes),
            Operation::new("changes", Auth::Phone, "what changed on the courier's route")
                .query("cursor", "of the answer before; without one everything is told")
                .query(
                    "route",
                    "the route that the courier is not done with, though another may be out by now",
                )
                .gives::<schema::Changes>(
                    200,
                    "changes; `courier-next-day` is the day of a route that waits behind `route`",
                )
                .done(204, "nothing changed; `courier-next-day` as above"),
        )
}

fn file_routes(routes: Routes) -> Routes {
    let (name, echo) = ("/v1/blobs/{sha256}", "is echoed");
    routes
        .add(
            "head",
            name,
            head(blobs::have),
            Operation::new("have_file", Auth::Phone, "how much of an evidence file is there")
                .may_header(header::REQUEST, echo)
                .done(200, "all of it")
                .done(204, "as many bytes as `courier-have` says"),
        )
        .add(
            "put",
            name,
            put(blobs::put),
            Operation::new(
                "put_file",
                Auth::Phone,
                "a part of an evidence file, which follows what is there",
            )
            .header("content-range", "bytes FROM-LAST/SIZE; 256 KiB in a part and 2 MiB in all at most")
            .may_header(header::REQUEST, echo)
            .takes_as::<String>("application/octet-stream")
            .done(201, "the file is complete")
            .done(202, "as many bytes are there as `courier-have` says")
            .done(409, "the part has to begin where `courier-have` says")
            .done(422, "the bytes do not have this hash; all were dropped"),
        )
        .add(
            "get",
            name,
            get(blobs::get),
            Operation::new("file", Auth::Office, "an evidence file")
                .gives_as::<String>(200, "image/jpeg", "the file")
                .gives_as::<String>(200, "image/svg+xml", "the file")
                .gives_as::<String>(200, "application/octet-stream", "the file"),
        )
}

fn office_routes(routes: Routes) -> Routes {
    let sender = "whose reference the name is; without it the name is an identifier";
    routes
        .add(
            "post",
            "/v1/import",
            post(office::import),
            Operation::new("import", Auth::Shop, "imports a delivery day: all of it, or nothing")
                .takes::<schema::Day>()
                .takes_as::<String>("text/csv")
                .gives::<ImportReport>(200, "imported")
                .gives::<ImportReport>(422, "nothing was imported, and why"),
        )
        .add(
            "post",
            "/v1/couriers",
            post(office::add_courier),
            Operation::new("add_courier", Auth::Office, "adds a courier")
                .takes::<schema::Courier>()
                .gives::<schema::CourierId>(200, "added"),
        )
        .add(
            "post",
            "/v1/couriers/{id}/enrolments",
            post(office::add_enrolment),
            Operation::new("add_enrolment", Auth::Office, "a code that enrols one phone, for a day")
                .gives::<schema::Enrolment>(200, "a code"),
        )
        .add(
            "post",
            "/v1/couriers/{id}/dismiss",
            post(office::dismiss),
            Operation::new("dismiss", Auth::Office, "dismisses a courier; facts are taken for a week")
                .done(204, "dismissed"),
        )
        .add(
            "post",
            "/v1/couriers/{id}/reinstate",
            post(office::reinstate),
            Operation::new("reinstate", Auth::Office, "lifts a suspension").done(204, "lifted"),
        )
        .add(
            "post",
            "/v1/routes/publish",
            post(office::publish),
            Operation::new("publish", Auth::Office, "publishes a courier's route of a day; codes are issued")
                .takes::<schema::Publication>()
                .gives::<schema::Published>(200, "published"),
        )
        .add(
            "get",
            "/v1/shipments/{name}",
            get(office::shipment),
            Operation::new("shipment", Auth::Shop, "where a shipment stands, and who has its parcels")
                .query("sender", sender)
                .gives::<office::ShipmentView>(200, "the shipment"),
        )
        .add(
            "post",
            "/v1/shipments/{name}/cancel",
            post(office::cancel),
            Operation::new("cancel", Auth::Office, "cancels a shipment that nobody has yet")
                .takes::<schema::Cancellation>()
                .done(204, "cancelled"),
        )
        .add(
            "post",
            "/v1/shipments/{name}/reassign",
            post(office::reassign),
            Operation::new("reassign", Auth::Office, "gives a shipment to another courier, or to nobody yet")
                .takes::<schema::Reassignment>()
                .done(204, "reassigned"),
        )
        .add(
            "post",
            "/v1/shipments/{name}/delivered",
            post(office::delivered),
            Operation::new("delivered", Auth::Office, "the office has handed it over itself")
                .done(204, "delivered"),
        )
        .add(
            "put",
            "/v1/routes/{id}/order",
            put(office::reorder),
            Operation::new("reorder", Auth::Office, "changes the order of a route's stops")
                .takes::<schema::Order>()
                .done(204, "reordered"),
        )
        .add(
            "post",
            "/v1/exports",
            post(office::take_export),
            Operation::new(
                "take_export",
                Auth::Office,
                "takes in what a phone exported instead of sending it",
            )
            .takes::<schema::Export>()
            .gives::<Taken>(200, "what became of it"),
        )
        .add(
            "get",
            "/v1/shipments/{name}/receipt",
            get(office::receipt),
            Operation::new("receipt", Auth::Shop, "what happened, signed")
                .query("sender", sender)
                .gives::<HandoverReceipt>(200, "receipts, facts, and the keys to check them"),
        )
        .add(
            "get",
            "/v1/events",
            get(events::events),
            Operation::new(
                "events",
                Auth::Shop,
                "what happened to shipments, as it was judged, oldest first",
            )
            .query("format", "`courier` (as without it), `edifact`, `epcis` or `upu`")
            .query("sender", "whose shipments; without it everybody's that the key reaches")
            .query(
                "after",
                "`courier-cursor` of the answer before, or an event's id; without it from the beginning",
            )
            .query("from", "attempts of this delivery day or a later one")
            .query("until", "attempts of this delivery day or an earlier one")
            .query("limit", "most events, 1 to 500")
            .gives_as::<Event>(200, "application/jsonl", "events; an event a line in our own format")
            .gives_as::<String>(200, "application/edifact", "events")
            .gives_as::<serde_json::Map<String, serde_json::Value>>(200, "application/ld+json", "events")
            .gives_as::<UpuEvents>(200, "application/json", "events")
            .done(204, "nothing in this format; `courier-cursor` goes on"),
        )
        .add(
            "get",
            "/v1/reviews",
            get(office::reviews),
            Operation::new("reviews", Auth::Office, "what a person should look at, oldest first")
                .gives::<schema::Reviews>(200, "reviews"),
        )
        .add(
            "post",
            "/v1/reviews/{id}/decision",
            post(office::decide),
            Operation::new("decide", Auth::Office, "decides a review, once: a verdict is appended")
                .takes::<Decision>()
                .done(204, "decided"),
        )
        .add(
            "get",
            "/v1/totals",
            get(office::totals),
            Operation::new("totals", Auth::Office, "sums over everything").gives::<Totals>(200, "sums"),
        )
}

fn planning_routes(routes: Routes) -> Routes {
    routes
        .add(
            "put",
            "/v1/routes/{id}/matrix",
            put(planning::put_matrix),
            Operation::new("put_matrix", Auth::Office, "how long it takes between a route's stops")
                .takes::<schema::Matrix>()
                .done(204, "phones get it with the route"),
        )
        .add(
            "post",
            "/v1/routes/{id}/sequence",
            post(planning::sequence),
            Operation::new("sequence", Auth::Office, "puts the stops of a route into a good order")
                .takes::<schema::SequenceWish>()
                .gives::<Sequenced>(200, "the order, which is the route's from now on"),
        )
        .add(
            "post",
            "/v1/days/split",
            post(planning::split),
            Operation::new("split", Auth::Office, "shares what is planned for a day among couriers")
                .takes::<schema::Split>()
                .gives::<schema::Shares>(200, "who has what; it is to be published"),
        )
}

fn tracking_routes(routes: Routes) -> Routes {
    let page = "the form was taken: back to the page";
    routes
        .add(
            "get",
            "/t/{token}",
            get(html::tracking::tracking),
            Operation::new("tracking", Auth::Nobody, "a shipment as its customer sees it")
                .query("lang", "`de` or `en`; else the shipment's language")
                .page()
                .gives::<Tracking>(200, "the shipment"),
        )
        .add(
            "post",
            "/t/{token}/instructions",
            post(html::tracking::instruct),
            Operation::new("instruct", Auth::Nobody, "the customer adds an instruction")
                .takes::<schema::Wish>()
                .takes_form::<schema::NeighbourForm>()
                .done(200, "added")
                .done(303, page),
        )
        .add(
            "post",
            "/t/{token}/codes",
            post(html::tracking::neighbour_code),
            Operation::new("neighbour_code", Auth::Nobody, "a code of their own for a neighbour")
                .takes::<schema::Courier>()
                .takes_form::<schema::Courier>()
                .done(201, "issued")
                .done(303, page),
        )
        .add(
            "post",
            "/t/{token}/reissue",
            post(html::tracking::reissue),
            Operation::new("customer_reissue", Auth::Nobody, "new codes in place of the live ones")
                .takes::<schema::Reissue>()
                .takes_form::<schema::Reissue>()
                .done(202, "issued")
                .done(303, page),
        )
        .add(
            "post",
            "/t/{token}/disputes",
            post(html::tracking::dispute),
            Operation::new("dispute", Auth::Nobody, "the customer objects")
                .takes::<Dispute>()
                .takes_form::<Dispute>()
                .done(201, "taken")
                .done(303, page),
        )
}
