//! The documents operators write, from text to Model.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use imp::config::{self, File, Files, Parsed, report};
use std::collections::BTreeMap;
use std::io;

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct Map(pub BTreeMap<String, Vec<u8>>);

impl Map {
    /// Files by path and text.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let entry = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
        Self(files.iter().map(entry).collect())
    }

    /// The example of config.md with its secret and its identity file.
    pub fn example() -> Self {
        Self::new(&[
            ("imp.toml", include_str!("example/imp.toml")),
            ("secrets/bgp-transit-a", "not-a-secret\n"),
            ("identity/ssh_ca.pub", "ssh-ed25519 AAAA ca\n"),
        ])
    }
}

impl Files for Map {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let below = self.0.keys().filter_map(|path| path.strip_prefix(&prefix));
        Ok(below
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect())
    }

    fn read(&self, path: &str) -> io::Result<File> {
        let bytes = self.0.get(path).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(File { bytes, mode: 0o640 })
    }
}

/// What is said about the files, as `impctl check` prints it.
pub fn said(parsed: &Parsed) -> String {
    report::text(&parsed.diagnostics, &parsed.sources, false)
}

#[test]
fn the_example_is_accepted_without_a_word() {
    let parsed = config::parse(&Map::example());
    assert_eq!(said(&parsed), "");
    let model = parsed.model.expect("a Model");
    assert_eq!(model.system.hostname.as_ref(), "edge1");
    assert_eq!(model.interfaces.len(), 2);
    assert_eq!(model.nats.len(), 1);
    assert_eq!(model.incus.bridges.len(), 1);
}
