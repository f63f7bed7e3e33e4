//! `impctl edit`, with a script for an editor.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const GOOD: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n";

struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(site.0.path().join("persistent/config")).unwrap();
        fs::write(site.document(), GOOD).unwrap();
        site
    }

    fn document(&self) -> PathBuf {
        self.0.path().join("persistent/config/imp.toml")
    }

    /// What is printed when the editor is this script, and the document is its first argument.
    fn edited_by(&self, script: &str) -> Output {
        let editor = self.0.path().join("editor");
        fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
        Command::new(env!("CARGO_BIN_EXE_impctl"))
            .args(["--root", self.0.path().to_str().unwrap(), "edit"])
            .env("VISUAL", &editor)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Nothing of the copy is left, whatever became of it.
    fn leaves_no_copy(&self) {
        let left = fs::read_dir(self.0.path().join("run/imp")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        let copies = left
            .iter()
            .filter(|name| name.to_string_lossy().starts_with("edit"));
        assert_eq!(copies.count(), 0, "{left:?}");
    }
}

#[test]
fn what_is_valid_takes_the_place_of_the_documents_and_is_shown() {
    let site = Site::new();
    let output = site.edited_by("sed -i s/edge1/edge2/ \"$1\"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("hostname = \"edge2\""), "{text}");
    assert!(
        text.ends_with("changed: imp.toml; 'impctl apply' applies it\n"),
        "{text}"
    );
    assert_eq!(
        fs::read_to_string(site.document()).unwrap(),
        GOOD.replace("edge1", "edge2")
    );
    site.leaves_no_copy();
}

#[test]
fn what_is_refused_changes_nothing() {
    let site = Site::new();
    for (script, code) in [
        ("sed -i s/hostname/hostnane/ \"$1\"", 78),
        ("sed -i s/edge1/edge2/ \"$1\"; exit 3", 1),
        // Somebody else is quicker.
        ("sed -i s/edge1/edge3/ ../../../persistent/config/imp.toml", 1),
    ] {
        fs::write(site.document(), GOOD).unwrap();
        let output = site.edited_by(script);
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{script}: {text}");
        let kept = fs::read_to_string(site.document()).unwrap();
        assert!(!kept.contains("edge2") && !kept.contains("hostnane"), "{kept}");
        site.leaves_no_copy();
    }
}
