//! What `ostree admin status` says, in its text (all versions) or its JSON (2024.7 and later).

use crate::types::{ImageName, TypeError};
use serde::Deserialize;

/// One deployment, in the order of the list: the first that is not staged is what the boot menu begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// `STATEROOT-CHECKSUM.SERIAL`.
    pub name: ImageName,
    /// The stateroot it is in.
    pub stateroot: String,
    /// The commit.
    pub checksum: String,
    /// Which deployment of the commit.
    pub serial: u32,
    /// It runs.
    pub booted: bool,
    /// It is written to the boot menu when the machine shuts down.
    pub staged: bool,
    /// Staged, and shutdown leaves it alone until it is unlocked.
    pub locked: bool,
}

impl Deployment {
    /// The deployment of these names; an error where they make no name of an image.
    pub fn new(stateroot: &str, checksum: &str, serial: u32) -> Result<Self, TypeError> {
        Ok(Self {
            name: format!("{stateroot}-{checksum}.{serial}").parse()?,
            stateroot: stateroot.to_owned(),
            checksum: checksum.to_owned(),
            serial,
            booted: false,
            staged: false,
            locked: false,
        })
    }

    /// Where its files are, below the sysroot.
    pub fn folder(&self) -> String {
        format!(
            "ostree/deploy/{}/deploy/{}.{}",
            self.stateroot, self.checksum, self.serial
        )
    }
}

/// The deployments in a text such as
/// ```text
///   imp 3f2c….1 (staged)
/// * imp 1ef6….0
///     Version: 1
/// ```
/// Lines that describe a deployment are indented by more than its own. The first one may have lost its blanks.
pub fn from_text(text: &str) -> Result<Vec<Deployment>, String> {
    let own = |line: &&str| !line.starts_with("   ") && !line.starts_with("No deployments");
    text.lines().filter(own).map(from_line).collect()
}

fn from_line(line: &str) -> Result<Deployment, String> {
    let strange = || format!("'ostree admin status' says '{line}'");
    let mut words = line.trim_start_matches('*').split_whitespace();
    let (stateroot, deployment) = words.next().zip(words.next()).ok_or_else(strange)?;
    let (checksum, serial) = deployment.rsplit_once('.').ok_or_else(strange)?;
    if !is_checksum(checksum) {
        return Err(strange());
    }
    let serial = serial.parse().map_err(|_| strange())?;
    let mut found = Deployment::new(stateroot, checksum, serial).map_err(|_| strange())?;
    found.booted = line.starts_with('*');
    found.locked = line.contains("(finalization locked)");
    found.staged = found.locked || line.contains("(staged)");
    Ok(found)
}

#[derive(Deserialize)]
struct Listing {
    deployments: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    stateroot: String,
    checksum: String,
    serial: u32,
    #[serde(default)]
    booted: bool,
    #[serde(default)]
    staged: bool,
    #[serde(default, rename = "finalization-locked")]
    locked: bool,
}

/// The deployments in the output of `--json`.
pub fn from_json(text: &str) -> Result<Vec<Deployment>, String> {
    let listing: Listing =
        serde_json::from_str(text).map_err(|error| format!("'ostree admin status --json': {error}"))?;
    let one = |entry: Entry| {
        let found = Deployment::new(&entry.stateroot, &entry.checksum, entry.serial);
        let mut found = found.map_err(|error| format!("'ostree admin status --json': {error}"))?;
        found.booted = entry.booted;
        found.staged = entry.staged;
        found.locked = entry.staged && entry.locked;
        Ok(found)
    };
    listing.deployments.into_iter().map(one).collect()
}

fn is_checksum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const A: &str = "1ef6a9722c63206fe41234eb586d75de89d32bcbc13a3c30d916bb429c6995ae";
    const B: &str = "ec4c6d749a01a9cc8c68213e9d7cf33589b785897bf2daf750b818e9a541313a";

    #[test]
    fn the_text_of_every_version_is_understood() {
        let text = format!(
            "  imp {B}.1 (staged)\n    Version: 2\n    origin refspec: imp/x\n* imp {A}.0\n    Version: 1\n    Pinned: yes\n  \
             other {A}.12 (rollback)\n"
        );
        let found = from_text(text.trim()).unwrap();
        let names: Vec<String> = found.iter().map(|one| one.name.to_string()).collect();
        assert_eq!(
            names,
            [
                format!("imp-{B}.1"),
                format!("imp-{A}.0"),
                format!("other-{A}.12")
            ]
        );
        assert!(found[0].staged && !found[0].booted && found[1].booted && !found[1].staged);
        let locked = from_text(&format!("  imp {B}.1 (finalization locked)\n* imp {A}.0\n")).unwrap();
        assert!(locked[0].staged && locked[0].locked && !locked[1].locked);
        assert_eq!(found[1].folder(), format!("ostree/deploy/imp/deploy/{A}.0"));
        assert!(from_text("No deployments.\n").unwrap().is_empty());
    }

    #[test]
    fn a_line_that_is_not_understood_is_an_error_and_no_deployment_less() {
        for line in [
            "* imp",
            "* imp abc.0",
            &format!("* imp {A}.x"),
            &format!("  imp {A}"),
        ] {
            assert!(from_text(line).unwrap_err().contains(line), "{line}");
        }
    }

    #[test]
    fn json_says_the_same() {
        let text = format!(
            r#"{{"deployments":[{{"checksum":"{A}","stateroot":"imp","serial":0,"index":0,"booted":true,"staged":false,"pinned":false,"x":1}},
            {{"checksum":"{B}","stateroot":"imp","serial":1,"staged":true,"finalization-locked":true}}]}}"#
        );
        let mut expected = Deployment::new("imp", A, 0).unwrap();
        expected.booted = true;
        let mut locked = Deployment::new("imp", B, 1).unwrap();
        (locked.staged, locked.locked) = (true, true);
        assert_eq!(from_json(&text).unwrap(), [expected, locked]);
        assert!(from_json("{}").is_err());
    }
}
