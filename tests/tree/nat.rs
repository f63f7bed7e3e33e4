//! `impctl nat who` over the generations that a router keeps.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

/// 2026-03-01T00:00:00Z.
const MARCH: u64 = 1_772_323_200;

fn document(outside: &str) -> String {
    format!(
        "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\nmain-core = 1\n[vpp.nat]\nmain-core = 2\n\
         [interfaces.wan]\nmatch = {{ pci = \"0000:03:00.0\" }}\naddresses = [\"198.51.100.2/30\"]\n\
         [interfaces.lan]\nmatch = {{ pci = \"0000:03:00.1\" }}\naddresses = [\"100.64.0.1/22\"]\n\
         [nat.cgn]\ninstance = \"nat\"\nmode = \"det44\"\nfrom = [\"lan\"]\n\
         [[nat.cgn.mappings]]\ninside = \"100.64.0.0/22\"\noutside = \"{outside}\"\n"
    )
}

/// A generation that was kept so many hours after the first of March.
fn keep(root: &Path, id: &str, hours: u64, text: &str) {
    let folder = root.join("persistent/data/imp/generations").join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("imp.toml"), text).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(MARCH + hours * 3600);
    File::open(&folder).unwrap().set_modified(time).unwrap();
}

fn router() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    keep(root.path(), "aaaaaaaaaaaa", 0, &document("203.0.113.0/28"));
    keep(root.path(), "bbbbbbbbbbbb", 24, &document("203.0.113.0/29"));
    root
}

fn ask(root: &Path, words: &[&str]) -> Output {
    let root = ["--root", root.to_str().unwrap()];
    Command::new(env!("CARGO_BIN_EXE_impctl"))
        .args([&root, &["nat", "who"], words].concat())
        .env("TZ", "UTC")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn the_generation_of_that_time_answers() {
    let root = router();
    let before = ask(root.path(), &["203.0.113.1:2100", "--at", "2026-03-01T12:00Z"]);
    assert_eq!(before.status.code(), Some(0), "{}", out(&before));
    assert_eq!(
        out(&before),
        "100.64.0.65 has ports 2032 to 3039 of 203.0.113.1\n  \
         100.64.0.0/22 to 203.0.113.0/28, [nat.cgn] at imp.toml:18\n\
         generation aaaaaaaaaaaa ran from 2026-03-01 00:00:00+00:00 to 2026-03-02 00:00:00+00:00\n"
    );
    let after = ask(root.path(), &["203.0.113.1:2100", "--at", "2026-03-03 09:00"]);
    assert!(
        out(&after).starts_with("100.64.0.130 has ports 2032 to 2535 of 203.0.113.1\n"),
        "{}",
        out(&after)
    );
    assert!(
        out(&after).ends_with("ran from 2026-03-02 00:00:00+00:00 to now\n"),
        "{}",
        out(&after)
    );
    let back = ask(root.path(), &["100.64.0.65", "--at", "2026-03-01T12:00Z"]);
    assert!(
        out(&back).starts_with("100.64.0.65 has ports 2032 to 3039 of 203.0.113.1\n"),
        "{}",
        out(&back)
    );
}

#[test]
fn near_a_change_both_answers_are_given() {
    let root = router();
    let near = ask(root.path(), &["203.0.113.1:2100", "--at", "2026-03-01T23:55Z"]);
    let text = out(&near);
    assert!(text.starts_with("100.64.0.65 has ports"), "{text}");
    let other = "from 2026-03-02 00:00:00+00:00 on, with generation bbbbbbbbbbbb:\n100.64.0.130 has ports";
    assert!(text.contains(other), "{text}");
    let same = ask(
        root.path(),
        &["100.64.0.1", "--at", "2026-03-01T23:55Z", "--format", "json"],
    );
    let document: serde_json::Value = serde_json::from_slice(&same.stdout).unwrap();
    assert_eq!(document["at"], "2026-03-01T23:55:00Z");
    assert_eq!(document["answer"]["until"], "2026-03-02T00:00:00Z");
    let finding = &document["answer"]["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["subscriber"], &finding["first-port"]),
        (&"subscriber".into(), &"100.64.0.1".into(), &2032.into())
    );
    assert_eq!(document["otherwise-nearby"][0]["generation"], "bbbbbbbbbbbb");
}

#[test]
fn the_history_knows_what_came_back() {
    let root = router();
    let event = |id: &str, hours: u64| {
        let at = MARCH + hours * 3600;
        serde_json::json!({ "generation": id, "at": at, "author": null, "message": null, "confirmed": true })
    };
    let events = [
        event("bbbbbbbbbbbb", 48),
        event("aaaaaaaaaaaa", 72),
        event("cccccccccccc", 96),
    ];
    let path = root.path().join("persistent/data/imp/generations/history.json");
    fs::write(path, serde_json::to_string(&events).unwrap()).unwrap();
    let at = |time: &str| out(&ask(root.path(), &["203.0.113.1:2100", "--at", time]));
    assert!(
        at("2026-03-01T12:00Z").starts_with("100.64.0.65 "),
        "before the history"
    );
    assert!(at("2026-03-03T12:00Z").starts_with("100.64.0.130 "));
    let back = at("2026-03-04T12:00Z");
    assert!(back.starts_with("100.64.0.65 "), "{back}");
    assert!(
        back.ends_with("from 2026-03-04 00:00:00+00:00 to 2026-03-05 00:00:00+00:00\n"),
        "{back}"
    );
    let gone = at("2026-03-05T12:00Z");
    assert!(
        gone.contains("generation cccccccccccc, which ran then, is not kept any more"),
        "{gone}"
    );
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let root = router();
    let early = ask(root.path(), &["203.0.113.1:2100", "--at", "2026-02-28T23:00Z"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(
        out(&early).contains("the oldest generation that is kept began at 2026-03-01 00:00:00+00:00"),
        "{}",
        out(&early)
    );
    let late = ask(root.path(), &["203.0.113.1:2100", "--at", "9000-01-01T00:00Z"]);
    assert_eq!(late.status.code(), Some(64), "{}", out(&late));
    let other = ask(root.path(), &["192.0.2.1:80", "--at", "2026-03-01T12:00Z"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        out(&other).starts_with("no NAT module translates from or to 192.0.2.1\n"),
        "{}",
        out(&other)
    );
    let nobody = ask(root.path(), &["203.0.113.1:80", "--at", "2026-03-01T12:00Z"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(
        out(&nobody).starts_with("no subscriber has this port of 203.0.113.1\n"),
        "{}",
        out(&nobody)
    );
}

#[test]
fn where_nothing_runs_the_documents_answer() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("persistent/config");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("imp.toml"), document("203.0.113.0/28")).unwrap();
    let output = ask(root.path(), &["203.0.113.1:2100"]);
    assert!(
        out(&output).ends_with("from the documents: no generation runs here\n"),
        "{}",
        out(&output)
    );
    let none = ask(root.path(), &["203.0.113.1:2100", "--at", "2026-03-01T12:00Z"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(
        out(&none).contains("no generation is kept here yet"),
        "{}",
        out(&none)
    );
}

#[test]
fn one_port_of_a_shared_address_does_not_name_the_host_of_the_others() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("persistent/config");
    fs::create_dir_all(&folder).unwrap();
    let cgn = document("203.0.113.0/28");
    let (head, _) = cgn.split_once("[nat.cgn]").unwrap();
    let office = "[nat.office]\ninstance = \"nat\"\nmode = \"nat44-ed\"\nfrom = [\"lan\"]\n\
                  inside = [\"100.64.0.0/22\"]\npool = \"203.0.113.64-203.0.113.66\"\n\
                  [[nat.office.static]]\nprotocol = \"tcp\"\noutside = \"203.0.113.65\"\noutside-port = 443\n\
                  inside = \"100.64.0.80\"\ninside-port = 8443\n";
    fs::write(folder.join("imp.toml"), format!("{head}{office}")).unwrap();
    let known = ask(root.path(), &["203.0.113.65:443"]);
    assert_eq!(known.status.code(), Some(0), "{}", out(&known));
    for (address, unknown) in [
        (
            "203.0.113.65",
            "which host had another port of 203.0.113.65 cannot be known",
        ),
        (
            "100.64.0.80",
            "which outside address and ports 100.64.0.80 had otherwise cannot be known",
        ),
    ] {
        let shared = ask(root.path(), &[address]);
        assert_eq!(shared.status.code(), Some(1), "{}", out(&shared));
        let said = out(&shared);
        assert!(
            said.starts_with("203.0.113.65:443 is 100.64.0.80:8443, TCP\n"),
            "{said}"
        );
        assert!(said.contains(unknown), "{said}");
    }
}
