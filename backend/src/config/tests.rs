use courier_domain::Policy;

use super::*;

#[test]
fn a_wrong_key_is_named_with_its_line_and_what_is_allowed() {
    let bad = Config::parse("backend.toml", "listen = \"127.0.0.1:1\"\n[code]\nkk = 10\n").unwrap_err();
    assert_eq!(bad.place, "backend.toml:3");
    assert!(bad.problem.contains("kk") && bad.problem.contains("threshold"), "{bad}");
}

#[test]
fn a_wrong_value_is_named_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backend.toml");
    for (text, place) in [
        ("# k\n[code]\n\nk = 64\n", "backend.toml:4 (code.k)"),
        ("[code]\nkdf.m = 1\nkdf.t = 1\nkdf.p = 1\n", "backend.toml:2 (code.kdf)"),
        ("listen = \"here\"", "backend.toml:1 (listen)"),
        ("[code.threshold]\neuro = 1", "backend.toml:1 (code.threshold)"),
        ("public_url = \"courier.example\"", "backend.toml:1 (public_url)"),
        ("public_url = \"https://courier.example/\"", "backend.toml:1 (public_url)"),
        ("[days]\nweekdays = []", "backend.toml:2 (days.weekdays)"),
        ("[mail]\nfrom = \"me\"", "backend.toml:2 (mail.from)"),
        ("[mail]\nnot_before_hour = 24", "backend.toml:2 (mail.not_before_hour)"),
        ("[files]\nbucket = \"No\"\nkey_id = \"k\"\nsecret = \"s\"", "backend.toml:2 (files.bucket)"),
        ("[files]\nbucket = \"evidence\"\nkey_id = \"k\"", "backend.toml:1 (files)"),
        (
            "[files]\nbucket = \"evidence\"\nkey_id = \"k\"\nsecret = \"s\"\nendpoint = \"http://s3.example\"",
            "backend.toml:5 (files.endpoint)",
        ),
        (
            "[files]\nbucket = \"evidence\"\nprefix = \"a//b\"\nkey_id = \"k\"\nsecret = \"s\"",
            "backend.toml:3 (files.prefix)",
        ),
        ("[mail.smtp]\nhost = \"\"", "backend.toml:2 (mail.smtp.host)"),
        ("[mail.smtp]\nhost = \"mail.example\"\ntls = \"none\"", "backend.toml:3 (mail.smtp.tls)"),
        ("[mail.smtp]\nhost = \"mail.example\"\nuser = \"me\"", "backend.toml:3 (mail.smtp.user)"),
        ("[mail.smtp]\nhost = \"mail.example\"\ntimeout_s = 0", "backend.toml:3 (mail.smtp.timeout_s)"),
        ("[matrix]\nurl = \"osrm.example\"", "backend.toml:2 (matrix.url)"),
        ("[matrix]\nurl = \"http://osrm.example\"", "backend.toml:2 (matrix.url)"),
        ("[matrix]\nurl = \"https://me:secret@osrm.example\"", "backend.toml:2 (matrix.url)"),
        ("[matrix]\nurl = \"https://osrm.example/?key=1\"", "backend.toml:2 (matrix.url)"),
        ("[matrix]\nurl = \"https://a.example\"\nprofile = \"../x\"", "backend.toml:3 (matrix.profile)"),
        ("[matrix]\nurl = \"https://a.example\"\ntimeout_s = 0", "backend.toml:3 (matrix.timeout_s)"),
        ("[matrix]\nurl = \"http://[::1]:5000/\"\nplaces = 9", "backend.toml:3 (matrix.places)"),
        ("[keys]\nshop = \"short\"", "backend.toml:2 (keys.shop)"),
        ("[limits]\nconnections = 0", "backend.toml:2 (limits.connections)"),
        ("[limits]\nrequest_s = 601", "backend.toml:2 (limits.request_s)"),
        ("[policy]\nname = \"france\"", "backend.toml:2 (policy.name)"),
        ("[policy]\nfile = \"nowhere.json\"", "backend.toml:2 (policy.file)"),
        ("[retention]\nprivate_days = 0", "backend.toml:2 (retention.private_days)"),
        ("[retention]\n\naudit_days = 99999", "backend.toml:3 (retention.audit_days)"),
        ("[retention]\ntravel_days = 0", "backend.toml:2 (retention.travel_days)"),
    ] {
        std::fs::write(&file, text).unwrap();
        let bad = Config::load(Some(&file), |_| None).unwrap_err();
        assert!(bad.place.ends_with(place), "{text}: {bad}");
        assert!(bad.problem.contains(' '), "{text}: {bad} does not say what is allowed");
    }
    // What is not even of the right type is found by the reader, which tells the line only.
    for (text, line, what) in [
        ("\nlisten = 1", 2, "string"),
        ("[mail.smtp]\nhost = \"a\"\ntls = \"ssl\"", 3, "`starttls`, `implicit`, `none`"),
        ("[limits]\nproxies = [\"here\"]", 2, "IP address"),
        ("[days]\nweekdays = [\"Someday\"]", 2, "weekday"),
        ("[retention]\nmail_days = -1", 2, "u32"),
        ("[log]\nrequests = \"yes\"", 2, "boolean"),
        ("[policy]\nnames = 1", 2, "expected `name` or `file`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let bad = Config::load(Some(&file), |_| None).unwrap_err();
        assert!(bad.place.ends_with(&format!("backend.toml:{line}")), "{text}: {bad}");
        assert!(bad.problem.to_lowercase().contains(&what.to_lowercase()), "{text}: {bad}");
    }
}

#[test]
fn a_policy_of_ones_own_is_checked_where_it_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (file, policy) = (dir.path().join("backend.toml"), dir.path().join("policy.json"));
    std::fs::write(&file, format!("[policy]\nfile = {:?}\n", policy.display().to_string())).unwrap();
    let mut own = serde_json::to_value(Policy::germany()).unwrap();
    own["name"] = "our own".into();
    std::fs::write(&policy, own.to_string()).unwrap();
    let config = Config::load(Some(&file), |_| None).unwrap();
    assert_eq!(
        (config.policy.rules().name.as_str(), config.policy.for_phones().is_some()),
        ("our own", true)
    );
    own["reasons"] = serde_json::json!([]);
    std::fs::write(&policy, own.to_string()).unwrap();
    let bad = Config::load(Some(&file), |_| None).unwrap_err();
    assert!(bad.place.ends_with("backend.toml:2 (policy.file)") && bad.problem.contains("always"), "{bad}");
    assert_eq!(Config::default().policy.for_phones(), None, "phones follow germany by themselves");
}

#[test]
fn wrong_values_stop_the_start() {
    for (name, value, place) in [
        ("COURIER_LISTEN", "here", "COURIER_LISTEN (listen)"),
        ("COURIER_OPS_KEY", "short", "COURIER_OPS_KEY (keys.ops)"),
    ] {
        let config = Config::load(None, |asked| (asked == name).then(|| value.to_owned()));
        assert_eq!(config.unwrap_err().place, place);
    }
    let mut config = Config::default();
    config.code.k = 64;
    assert_eq!(config.check().unwrap_err().place, "code.k");
    assert!(Config::default().check().is_ok());
}

#[test]
fn the_file_that_shows_every_key_is_what_it_is_without_it() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/backend.toml");
    let config = Config::load(Some(&file), |_| None).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    // Also what is commented out can be used.
    let text = std::fs::read_to_string(&file).unwrap();
    let all = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = ")));
    let all: Vec<_> = all.zip(text.lines()).map(|(shown, line)| shown.unwrap_or(line)).collect();
    let all = all.join("\n");
    let config = Config::parse("backend.toml", &all).unwrap();
    let smtp = config.mail.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port()), ("mail.example", 587));
    assert_eq!(config.matrix.as_ref().map(|matrix| (matrix.check(), matrix.places)), Some((Ok(()), 100)));
    for key in [
        "public_url",
        "spool",
        "timeout_s",
        "ca",
        "name",
        "file",
        "ops",
        "shop",
        "proxies",
        "audit_days",
        "url",
        "profile",
        "places",
        "travel_days",
    ] {
        assert!(
            all.lines().any(|line| line.trim_start().starts_with(&format!("{key} ="))),
            "{key} is not shown"
        );
    }
}
