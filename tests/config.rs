//! The documents operators write, from text to Model.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use imp::config::{self, File, Parsed, report};
use std::collections::BTreeMap;

/// Files by path, each as private as a secret has to be.
pub fn private(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, File> {
    let private = |bytes| File { bytes, mode: 0o640 };
    files
        .into_iter()
        .map(|(path, bytes)| (path, private(bytes)))
        .collect()
}

/// Files by path and text.
pub fn files(files: &[(&str, &str)]) -> BTreeMap<String, File> {
    let entry = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    private(files.iter().map(entry).collect())
}

/// The example of config.md with its secret and its identity file.
pub fn example() -> BTreeMap<String, File> {
    files(&[
        ("imp.toml", include_str!("example/imp.toml")),
        ("secrets/bgp-transit-a", "not-a-secret\n"),
        ("identity/ssh_ca.pub", "ssh-ed25519 AAAA ca\n"),
    ])
}

/// What is said about the files, as `impctl check` prints it.
pub fn said(parsed: &Parsed) -> String {
    report::text(&parsed.diagnostics, &parsed.sources, false)
}

#[test]
fn the_example_is_accepted_without_a_word() {
    let parsed = config::parse(&example());
    assert_eq!(said(&parsed), "");
    let model = parsed.model.expect("a Model");
    assert_eq!(model.system.hostname.as_ref(), "edge1");
    assert_eq!(model.interfaces.len(), 2);
    assert_eq!(model.nats.len(), 1);
    assert_eq!(model.incus.bridges.len(), 1);
}
