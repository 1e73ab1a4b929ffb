//! Who works in the office: the first link, logins, sessions, forms, keys, the audit.

use courier_backend::office::{Actor, Reach, Role, SESSION_IDLE_MS, SESSION_MS};
use serde_json::json;

use crate::world::{Answer, Backend, FORM, JSON, OPS};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A browser: it keeps cookies, and sends the token of the form that it was shown.
#[derive(Default, Clone)]
pub(crate) struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn get(&mut self, backend: &Backend, path: &str) -> Answer {
        self.ask(backend, "GET", path, &[], "")
    }

    /// Sends a form with the token of a page.
    pub(crate) fn submit(&mut self, backend: &Backend, page: &str, form: &str, fields: &str) -> Answer {
        let shown = self.get(backend, page).text();
        let csrf = csrf_in(&shown);
        self.post(backend, form, &format!("csrf={csrf}&{fields}"))
    }

    pub(crate) fn post(&mut self, backend: &Backend, path: &str, body: &str) -> Answer {
        self.ask(backend, "POST", path, &[FORM], body)
    }

    pub(crate) fn ask(
        &mut self,
        backend: &Backend,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &str,
    ) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = format!("cookie: {}", cookies.join("; "));
        let mut all = vec!["accept: text/html", cookies.as_str()];
        all.extend(headers);
        let answer = backend.ask(method, path, &all, body.as_bytes());
        for line in answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.set(name, value);
        }
        answer
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, _)| known != name);
        self.cookies.push((name.into(), value.into()));
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn log_in(&mut self, backend: &Backend, name: &str, password: &str) -> Answer {
        let fields = format!("name={}&password={}", coded(name), coded(password));
        self.submit(backend, "/login", "/login", &fields)
    }

    /// Somebody of this name who is logged in. The first one is an admin.
    pub(crate) fn of(backend: &Backend, name: &str) -> Self {
        let service = backend.service();
        let link = match service.first_link().unwrap() {
            Some(link) => link,
            None => service.office(Actor::Machine).invite(Role::Office).unwrap(),
        };
        service.use_link(&link.secret, name, PASSWORD).unwrap();
        let mut browser = Self::default();
        let answer = browser.log_in(backend, name, PASSWORD);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{}", answer.text());
        browser
    }
}

pub(crate) fn csrf_in(page: &str) -> String {
    let at = page.find("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no token in {page}"));
    page[at + 19..].split('"').next().unwrap().to_owned()
}

pub(crate) fn coded(text: &str) -> String {
    text.bytes().fold(String::new(), |coded, byte| coded + &format!("%{byte:02x}"))
}

/// A page without the one script that pages of the office load.
pub(crate) fn without_our_script(page: &str) -> String {
    page.replace("<script src=\"/board.js\" defer></script>", "")
}

/// What an admin was shown once.
fn shown_once(answer: &Answer) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once("class=\"secret\">").unwrap_or_else(|| panic!("nothing shown: {text}"));
    rest.split('<').next().unwrap().to_owned()
}

#[test]
fn the_first_link_makes_one_admin_once_and_for_a_day() {
    let backend = Backend::start();
    let service = backend.service();
    let first = service.first_link().unwrap().unwrap().secret;
    let second = service.first_link().unwrap().unwrap().secret;
    let mut browser = Browser::default();
    assert_eq!(browser.get(&backend, &format!("/welcome/{first}")).status, 404, "a replaced link is valid");
    let path = format!("/welcome/{second}");
    backend.advance(24 * 3_600_000);
    assert_eq!(browser.get(&backend, &path).status, 404, "it is valid for more than a day");
    let path = format!("/welcome/{}", service.first_link().unwrap().unwrap().secret);
    let short = browser.submit(&backend, &path, &path, "name=Grace&password=short");
    assert_eq!(short.status, 422, "{}", short.text());
    let fields = format!("name=Grace&password={}", coded(PASSWORD));
    let made = browser.submit(&backend, &path, &path, &fields);
    assert_eq!((made.status, made.header("location")), (303, Some("/login")));
    assert_eq!(
        browser.post(&backend, &path, &format!("csrf=&{fields}")).status,
        403,
        "a form without its token was taken"
    );
    assert_eq!(browser.get(&backend, &path).status, 404, "it can be used twice");
    assert!(service.first_link().unwrap().is_none(), "there is a first admin already");
    assert_eq!(browser.log_in(&backend, "grace", PASSWORD).status, 303, "names have no capitals");
    assert_eq!(browser.get(&backend, "/admin").status, 200);
}

#[test]
fn a_login_makes_a_session_of_its_own_and_ends_the_one_before() {
    let backend = Backend::start();
    let mut browser = Browser::of(&backend, "Grace");
    let before = browser.cookie("courier_session").unwrap().to_owned();
    // Somebody plants a session in the browser of a victim: their own, and one that nobody has.
    for planted in [before.as_str(), "planted-by-somebody"] {
        let mut victim = Browser::default();
        victim.set("courier_session", planted);
        assert_eq!(victim.log_in(&backend, "Grace", PASSWORD).status, 303);
        let after = victim.cookie("courier_session").unwrap().to_owned();
        assert_ne!(after, planted);
        let mut attacker = Browser::default();
        attacker.set("courier_session", planted);
        let board = attacker.get(&backend, "/");
        assert_eq!((board.status, board.header("location")), (303, Some("/login")), "{planted} lets in");
        assert_eq!(victim.get(&backend, "/").status, 200);
    }
    let answer = browser.log_in(&backend, "Grace", PASSWORD);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Strict; Path=/") && !cookie.contains("Secure"), "{cookie}");
}

#[test]
fn behind_tls_cookies_are_secure_and_bound_to_the_host() {
    let backend = Backend::with(|config| config.public_url = Some("https://courier.example".into()));
    let browser = Browser::of(&backend, "Grace");
    assert!(
        browser.cookie("__Host-courier_session").is_some() && browser.cookie("courier_session").is_none()
    );
    let login = backend.ask("GET", "/login", &[], b"");
    assert!(login.header("set-cookie").unwrap().ends_with("; Secure"), "{}", login.head);
    assert_eq!(login.header("strict-transport-security"), Some("max-age=31536000"));
}

#[test]
fn a_session_ends_when_nothing_is_asked_for_and_in_any_case() {
    let backend = Backend::start();
    let mut browser = Browser::of(&backend, "Grace");
    backend.advance(SESSION_IDLE_MS - 1);
    assert_eq!(browser.get(&backend, "/").status, 200);
    backend.advance(SESSION_IDLE_MS);
    assert_eq!(browser.get(&backend, "/").status, 303, "an idle session goes on");
    browser.log_in(&backend, "Grace", PASSWORD);
    let mut left = SESSION_MS;
    while left > SESSION_IDLE_MS / 2 {
        assert_eq!(browser.get(&backend, "/").status, 200);
        backend.advance(SESSION_IDLE_MS / 2);
        left -= SESSION_IDLE_MS / 2;
    }
    assert_eq!(browser.get(&backend, "/").status, 200);
    backend.advance(left);
    assert_eq!(browser.get(&backend, "/").status, 303, "a session goes on for ever");
}

#[test]
fn logging_out_a_new_password_and_being_locked_out_end_sessions() {
    let backend = Backend::start();
    let (mut grace, mut other_device) = (Browser::of(&backend, "Grace"), Browser::default());
    other_device.log_in(&backend, "Grace", PASSWORD);
    let stolen = grace.clone();
    let out = grace.submit(&backend, "/", "/logout", "");
    assert_eq!((out.status, out.header("location")), (303, Some("/login")));
    assert_eq!(stolen.clone().get(&backend, "/").status, 303, "a session goes on after its logout");
    assert_eq!(other_device.get(&backend, "/").status, 200);
    let fields = format!("old={}&new={}", coded("wrong"), coded("another password"));
    assert_eq!(other_device.submit(&backend, "/account", "/account/password", &fields).status, 403);
    let fields = format!("old={}&new={}", coded(PASSWORD), coded("another password"));
    assert_eq!(other_device.submit(&backend, "/account", "/account/password", &fields).status, 303);
    assert_eq!(other_device.get(&backend, "/").status, 303, "an old session knows the new password");
    assert_eq!(grace.log_in(&backend, "Grace", PASSWORD).status, 403);
    assert_eq!(grace.log_in(&backend, "Grace", "another password").status, 303);

    let mut heidi = Browser::of(&backend, "Heidi");
    let accounts = backend.service().office(Actor::Machine).accounts().unwrap();
    let id = |name: &str| accounts.iter().find(|it| it.name == name).unwrap().id.clone();
    let disable = |id: String| format!("/admin/accounts/{id}/disable");
    assert_eq!(grace.submit(&backend, "/admin", &disable(id("Heidi")), "").status, 303);
    assert_eq!(heidi.get(&backend, "/").status, 303);
    assert_eq!(heidi.log_in(&backend, "Heidi", PASSWORD).status, 403);
    assert_eq!(grace.submit(&backend, "/admin", &disable(id("Grace")), "").status, 409, "no admin is left");
    let link =
        shown_once(&grace.submit(&backend, "/admin", &format!("/admin/accounts/{}/reset", id("Heidi")), ""));
    let path = link.strip_prefix(&backend.running().url).unwrap();
    assert!(heidi.get(&backend, path).text().contains("Heidi"));
    let fields = format!("name=Mallory&password={}", coded("a third password"));
    assert_eq!(heidi.submit(&backend, path, path, &fields).status, 303);
    assert_eq!(heidi.log_in(&backend, "Heidi", "a third password").status, 403, "she is still locked out");
    grace.submit(&backend, "/admin", &format!("/admin/accounts/{}/enable", id("Heidi")), "");
    assert_eq!(heidi.log_in(&backend, "Heidi", "a third password").status, 303);
}

#[test]
fn no_form_and_no_call_is_taken_from_another_site() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let own = csrf_in(&grace.get(&backend, "/").text());
    let foreign = csrf_in(&Browser::of(&backend, "Heidi").get(&backend, "/").text());
    assert_ne!(own, foreign);
    for (form, fields) in [
        ("/logout", ""),
        ("/account/password", "&old=x&new=y"),
        ("/admin/accounts", "&role=admin"),
        ("/admin/accounts/x/disable", ""),
        ("/admin/accounts/x/reset", ""),
        ("/admin/keys", "&name=x&reach=office&sender="),
        ("/admin/keys/x/revoke", ""),
    ] {
        for csrf in ["", "guess", foreign.as_str()] {
            let answer = grace.post(&backend, form, &format!("csrf={csrf}{fields}"));
            assert_eq!(answer.status, 403, "{form} took {csrf:?}: {}", answer.text());
        }
        assert_eq!(grace.post(&backend, form, fields.trim_start_matches('&')).status, 400, "{form}");
        let json = grace.ask(&backend, "POST", form, &[JSON], "{}");
        assert_eq!(json.status, 415, "{form}");
    }
    // Calls of a program in a session send it in a header, which no form can.
    let courier = |headers: &[&str]| {
        grace.clone().ask(&backend, "POST", "/v1/couriers", headers, "{\"name\":\"Ada\"}").status
    };
    assert_eq!(courier(&[JSON]), 403);
    assert_eq!(courier(&[JSON, &format!("x-csrf-token: {foreign}")]), 403);
    assert_eq!(courier(&[JSON, &format!("x-csrf-token: {own}")]), 200);
    assert_eq!(grace.get(&backend, "/v1/totals").status, 200);
    // Nobody is logged in by another site either.
    let login = format!("name=Grace&password={}", coded(PASSWORD));
    for body in [format!("csrf={own}&{login}"), format!("csrf=&{login}")] {
        assert_eq!(Browser::default().post(&backend, "/login", &body).status, 403);
    }
    assert_eq!(grace.get(&backend, "/").status, 200, "a forged form had an effect");
    assert_eq!(backend.service().office(Actor::Machine).keys().unwrap(), []);
}

#[test]
fn who_may_what_is_for_admins_only() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let mut heidi = Browser::of(&backend, "Heidi");
    let csrf = csrf_in(&heidi.get(&backend, "/").text());
    assert_eq!(heidi.get(&backend, "/admin").status, 403);
    assert!(!heidi.get(&backend, "/").text().contains("/admin"));
    for (form, fields) in [
        ("/admin/accounts", "&role=admin"),
        ("/admin/accounts/x/reset", ""),
        ("/admin/keys", "&name=x&reach=office&sender="),
        ("/admin/keys/x/revoke", ""),
    ] {
        assert_eq!(heidi.post(&backend, form, &format!("csrf={csrf}{fields}")).status, 403, "{form}");
        assert_eq!(backend.ask("POST", form, &[FORM], b"csrf=x").status, 401, "{form}");
        let key = format!("authorization: Bearer {OPS}");
        assert_eq!(backend.ask("POST", form, &[FORM, &key], b"csrf=x").status, 401, "a key reaches {form}");
    }
    let link = shown_once(&grace.submit(&backend, "/admin", "/admin/accounts", "role=admin"));
    let path = link.strip_prefix(&backend.running().url).unwrap();
    let fields = format!("name=Ivan&password={}", coded(PASSWORD));
    assert_eq!(Browser::default().submit(&backend, path, path, &fields).status, 303);
    let mut ivan = Browser::default();
    ivan.log_in(&backend, "Ivan", PASSWORD);
    assert_eq!(ivan.get(&backend, "/admin").status, 200);
    let taken = shown_once(&grace.submit(&backend, "/admin", "/admin/accounts", "role=office"));
    let path = taken.strip_prefix(&backend.running().url).unwrap();
    let answer = Browser::default().submit(&backend, path, path, &fields.replace("Ivan", "iVAN"));
    assert_eq!(answer.status, 422, "two people have one name");
}

#[test]
fn a_key_is_shown_once_kept_as_a_hash_and_ends_when_it_is_revoked() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let make = |grace: &mut Browser, fields: &str| grace.submit(&backend, "/admin", "/admin/keys", fields);
    let office = shown_once(&make(&mut grace, "name=Planner&reach=office&sender="));
    let metrics = shown_once(&make(&mut grace, "name=Prometheus&reach=metrics&sender="));
    assert_eq!(make(&mut grace, "name=x&reach=office&sender=Feinwerk").status, 422);
    assert_eq!(make(&mut grace, "name=&reach=office&sender=").status, 422);
    assert!(!grace.get(&backend, "/admin").text().contains(&office));
    for file in ["backend.db", "backend.db-wal"] {
        let bytes = std::fs::read(backend.service().config().data_dir.join(file)).unwrap();
        for secret in [&office, &metrics] {
            assert!(!bytes.windows(secret.len()).any(|it| it == secret.as_bytes()), "a key is in {file}");
        }
    }
    assert_eq!(backend.get("/v1/totals", &office).status, 200);
    assert_eq!(backend.get("/v1/totals", &metrics).status, 403);
    assert_eq!(backend.get("/v1/shipments/x", &metrics).status, 403);
    let keys = backend.service().office(Actor::Machine).keys().unwrap();
    assert_eq!((keys[0].name.as_str(), keys[0].reach), ("Planner", Reach::Office));
    grace.submit(&backend, "/admin", &format!("/admin/keys/{}/revoke", keys[0].id), "");
    assert_eq!(backend.get("/v1/totals", &office).status, 401);
    assert_eq!(grace.submit(&backend, "/admin", "/admin/keys/nobody/revoke", "").status, 404);
}

#[test]
fn every_action_of_the_office_is_written_down_without_names_and_what_failed_is_not() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let key =
        shown_once(&grace.submit(&backend, "/admin", "/admin/keys", "name=Planner&reach=office&sender="));
    let courier = backend.post("/v1/couriers", &key, &json!({"name": "Ada Lovelace"})).json()["id"].clone();
    let courier = courier.as_str().unwrap();
    backend.post("/v1/couriers", &key, &json!({"name": ""}));
    backend.post(&format!("/v1/couriers/{courier}/dismiss"), OPS, &json!({}));
    grace.log_in(&backend, "Grace", "wrong password");
    grace.log_in(&backend, "Nobody", "wrong password");
    let audit = backend.service().office(Actor::Machine).audit(100).unwrap();
    let told: Vec<_> =
        audit.iter().rev().map(|it| (it.what.as_str(), it.who.split('/').next().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("use-link", "account"),
            ("login", "account"),
            ("add-key", "account"),
            ("add-courier", "key"),
            ("dismiss", "configuration"),
            ("login-refused", "account"),
        ]
    );
    assert_eq!(audit[1].about, courier);
    let page = grace.get(&backend, "/admin").text();
    let (_, page) = page.split_once("What was done").unwrap();
    assert!(page.contains("add-courier") && page.contains(courier));
    for personal in ["Ada", "Grace", "Nobody", "wrong password"] {
        assert!(!page.contains(personal), "{personal} is in the audit");
    }
}

#[test]
fn every_answer_has_the_strict_headers() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    for path in ["/", "/login", "/account", "/admin", "/t/guessed", "/nowhere", "/healthz", "/v1/totals"] {
        let answer = grace.get(&backend, path);
        for (name, part) in [
            ("content-security-policy", "default-src 'none'"),
            ("content-security-policy", "frame-ancestors 'none'"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-robots-tag", "noindex"),
        ] {
            let value = answer.header(name).unwrap_or_else(|| panic!("{path} has no {name}"));
            assert!(value.contains(part), "{path}: {name}: {value}");
        }
        assert!(!answer.head.contains("unsafe"), "{path}: {}", answer.head);
        let page = without_our_script(&answer.text());
        for inline in ["<style", "<script", "style="] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
        let tags = page.split('<').map(|it| it.split('>').next().unwrap_or_default());
        let mut names = tags.flat_map(|tag| tag.split(' ').skip(1)).filter_map(|it| it.split_once('='));
        assert!(names.all(|(name, _)| !name.starts_with("on")), "{path}: {page}");
    }
    assert_eq!(backend.ask("GET", "/style.css", &[], b"").header("cache-control"), Some("max-age=3600"));
    let page = grace.get(&backend, "/nowhere");
    assert!(page.status == 404 && page.text().contains("<h1>Not found</h1>"), "{}", page.text());
}
