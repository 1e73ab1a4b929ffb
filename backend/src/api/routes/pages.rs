//! The routes of the office's pages.

use axum::routing::{get, post};

use crate::api::openapi::{Auth, Operation, Routes};
use crate::api::{live, pages, schema};

/// Logging in, accounts and keys.
pub(super) fn people(routes: Routes) -> Routes {
    let page = |name, auth, what| Operation::new(name, auth, what).page();
    let form = |name, what| {
        Operation::new(name, Auth::Session, what).takes_form::<schema::CsrfForm>().done(303, "done")
    };
    routes
        .add(
            "get",
            "/style.css",
            get(pages::style),
            Operation::new("style", Auth::Nobody, "the style of every page").gives_as::<String>(
                200,
                "text/css",
                "the style",
            ),
        )
        .add("get", "/login", get(pages::people::login), page("login_page", Auth::Nobody, "a form"))
        .add(
            "post",
            "/login",
            post(pages::people::log_in),
            Operation::new("log_in", Auth::Nobody, "begins a session")
                .takes_form::<schema::LoginForm>()
                .done(303, "logged in"),
        )
        .add("post", "/logout", post(pages::people::log_out), form("log_out", "ends a session"))
        .add(
            "get",
            "/welcome/{secret}",
            get(pages::people::welcome),
            page("welcome", Auth::Nobody, "a one-time link"),
        )
        .add(
            "post",
            "/welcome/{secret}",
            post(pages::people::accept),
            Operation::new("accept", Auth::Nobody, "uses a one-time link up")
                .takes_form::<schema::LoginForm>()
                .done(303, "to the login"),
        )
        .add(
            "get",
            "/account",
            get(pages::office::account),
            page("account", Auth::Session, "one's own account"),
        )
        .add(
            "post",
            "/account/password",
            post(pages::office::change_password),
            Operation::new("change_password", Auth::Session, "changes one's own password")
                .takes_form::<schema::PasswordForm>()
                .done(303, "to the login"),
        )
        .add(
            "get",
            "/admin",
            get(pages::office::admin),
            page("admin", Auth::Session, "people, keys, the audit"),
        )
        .add(
            "post",
            "/admin/accounts",
            post(pages::office::invite),
            page("invite", Auth::Session, "a link for a new account").takes_form::<schema::InvitationForm>(),
        )
        .add(
            "post",
            "/admin/accounts/{id}/{what}",
            post(pages::office::change_account),
            page("change_account", Auth::Session, "reset, disable or enable")
                .takes_form::<schema::CsrfForm>()
                .done(303, "done"),
        )
        .add(
            "post",
            "/admin/keys",
            post(pages::office::add_key),
            page("add_key", Auth::Session, "a key of a program").takes_form::<schema::KeyForm>(),
        )
        .add(
            "post",
            "/admin/keys/{id}/revoke",
            post(pages::office::revoke_key),
            form("revoke_key", "revokes a key"),
        )
}

/// The board.
pub(super) fn board(routes: Routes) -> Routes {
    let page = |name, what| Operation::new(name, Auth::Session, what).page();
    let form = |name, what| Operation::new(name, Auth::Session, what).done(303, "done");
    routes
        .add(
            "get",
            "/board.js",
            get(pages::script),
            Operation::new("script", Auth::Nobody, "the script of the board").gives_as::<String>(
                200,
                "text/javascript",
                "the script",
            ),
        )
        .add(
            "post",
            "/language",
            post(pages::reader::choose),
            Operation::new("language", Auth::Nobody, "chooses the language of the office's pages")
                .takes_form::<pages::reader::Choice>()
                .done(303, "back to the page"),
        )
        .add(
            "get",
            "/",
            get(pages::board::board),
            page("board", "a day with its routes, and what needs somebody")
                .query("day", "YYYY-MM-DD; else the newest that has come")
                .done(303, "to the login"),
        )
        .add(
            "get",
            "/board/events",
            get(live::events),
            Operation::new("board_events", Auth::Session, "says `changed` whenever the board did")
                .gives_as::<String>(200, "text/event-stream", "server-sent events"),
        )
        .add(
            "post",
            "/board/publish",
            post(pages::board::publish),
            form("publish_form", "publishes a route").takes_form::<pages::board::Publication>(),
        )
        .add(
            "get",
            "/board/routes/{id}",
            get(pages::route::show),
            page("route_page", "a route with its stops"),
        )
        .add(
            "get",
            "/board/reviews",
            get(pages::reviews::show),
            page("reviews_page", "what is to be decided"),
        )
        .add(
            "post",
            "/board/reviews/{id}",
            post(pages::reviews::decide),
            form("decide_form", "decides a review").takes_form::<pages::reviews::DecisionForm>(),
        )
        .add(
            "get",
            "/board/alarms",
            get(pages::reviews::alarms),
            page("alarms_page", "incidents, parked facts"),
        )
        .add(
            "get",
            "/board/search",
            get(pages::shipment::search),
            page("search_page", "searches shipments")
                .query("q", "begin of a reference, an order or a barcode; part of a recipient's name")
                .query("day", "the recipient's day"),
        )
        .add(
            "get",
            "/board/shipments/{id}",
            get(pages::shipment::show),
            page("story_page", "the story of a shipment"),
        )
        .add(
            "get",
            "/board/attempts/{id}",
            get(pages::shipment::of_attempt),
            form("attempt_page", "the shipment of an attempt"),
        )
        .add("get", "/board/couriers", get(pages::couriers::show), page("couriers_page", "couriers"))
        .add(
            "post",
            "/board/couriers",
            post(pages::couriers::add),
            form("add_courier_form", "adds a courier").takes_form::<pages::couriers::NewCourier>(),
        )
        .add(
            "post",
            "/board/couriers/{id}/{what}",
            post(pages::couriers::change),
            page("change_courier", "enrol, dismiss or reinstate")
                .takes_form::<schema::CsrfForm>()
                .done(303, "done"),
        )
        .add("get", "/board/import", get(pages::upload::show), page("import_page", "a form"))
        .add(
            "post",
            "/board/import",
            post(pages::upload::import),
            page("import_form", "imports a day from a file")
                .takes_as::<pages::upload::UploadForm>("multipart/form-data"),
        )
}
